//! The real program in a pseudo-terminal: what it writes, what a terminal makes of it, how it leaves.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// What a program asked of a terminal beside text.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub title: Vec<Vec<u8>>,
    pub icon: Vec<Vec<u8>>,
    pub copied: usize,
    pub pasted: usize,
    pub bells: usize,
    pub unhandled: Vec<String>,
}

impl vt100::Callbacks for Asked {
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.title.push(title.to_owned());
    }
    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, name: &[u8]) {
        self.icon.push(name.to_owned());
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], _: &[u8]) {
        self.copied += 1;
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.pasted += 1;
    }
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }
    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, params: &[&[u8]]) {
        self.unhandled.push(format!("OSC {:?}", params.iter().map(|p| String::from_utf8_lossy(p)).collect::<Vec<_>>()));
    }
    fn unhandled_escape(&mut self, _: &mut vt100::Screen, i1: Option<u8>, i2: Option<u8>, b: u8) {
        self.unhandled.push(format!("ESC {i1:?} {i2:?} {b:#x}"));
    }
    fn unhandled_control(&mut self, _: &mut vt100::Screen, b: u8) {
        self.unhandled.push(format!("control {b:#x}"));
    }
}

/// A program in a terminal.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    bytes: Arc<Mutex<Vec<u8>>>,
    size: (u16, u16),
}

impl Terminal {
    /// Starts what `command` would run, with its folder and variables.
    pub fn start(command: &mut Command, rows: u16, cols: u16) -> Self {
        let pty = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut inside = CommandBuilder::new(command.get_program());
        inside.args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            }
        }
        inside.env("TERM", "xterm-256color");
        inside.env("LANG", "C.UTF-8");
        if let Some(folder) = command.get_current_dir() {
            inside.cwd(folder);
        }
        let child = pty.slave.spawn_command(inside).unwrap();
        drop(pty.slave);
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (theirs, mut from) = (Arc::clone(&bytes), pty.master.try_clone_reader().unwrap());
        std::thread::spawn(move || {
            let mut block = [0; 4096];
            while let Ok(n @ 1..) = from.read(&mut block) {
                theirs.lock().unwrap().extend_from_slice(&block[..n]);
            }
        });
        let keys = pty.master.take_writer().unwrap();
        Self { child, _master: pty.master, keys, bytes, size: (rows, cols) }
    }

    /// Everything written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    /// A terminal that has seen all of it.
    pub fn seen(&self) -> vt100::Parser<Asked> {
        let mut seen = vt100::Parser::new_with_callbacks(self.size.0, self.size.1, 0, Asked::default());
        seen.process(&self.bytes());
        seen
    }

    pub fn screen(&self) -> String {
        self.seen().screen().contents()
    }

    /// Waits for a text, with a deadline: never sleep and hope.
    pub fn until(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.screen().contains(text) {
            assert!(Instant::now() < deadline, "no {text:?} on\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until nothing more is written for a moment.
    pub fn settle(&self) {
        let deadline = Instant::now() + PATIENCE;
        let mut before = self.bytes.lock().unwrap().len();
        loop {
            std::thread::sleep(Duration::from_millis(250));
            let now = self.bytes.lock().unwrap().len();
            if now == before || Instant::now() > deadline {
                return;
            }
            before = now;
        }
    }

    pub fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
        self.keys.flush().unwrap();
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        let pid = self.child.process_id().map(|pid| pid.to_string());
        // `kill` above is a polite hang-up; this one is not.
        if let Some(pid) = pid {
            let _ = Command::new("kill").args(["-KILL", &pid]).stderr(std::process::Stdio::null()).status();
        }
        self.child.wait().unwrap();
    }

    /// Waits for the end; the terminal must be as it was. The exit code.
    pub fn ended(mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.exit_code();
            }
            assert!(Instant::now() < deadline, "it does not end:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        };
        std::thread::sleep(Duration::from_millis(50));
        let seen = self.seen();
        let screen = seen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "{}", screen.contents());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        code
    }
}
