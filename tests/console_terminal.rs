//! The console on a real terminal: it starts, draws, stays silent when idle, and gives the terminal back on every way
//! out. This binary runs itself inside a pseudo-terminal: the test `child` is the console, started by the others.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "console/desk.rs"]
#[expect(dead_code, reason = "the states of the invented company that other tests need")]
mod desk;

use driftline::console::app::Options;
use driftline::console::keymap::Keymap;
use driftline::console::runtime::{Setup, run};
use driftline::console::theme::{Glyphs, Look, Theme};
use driftline::console::view::quantity::Zone;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CHILD: &str = "CONSOLE_TEST_CHILD";

/// The console itself; does nothing unless a test started it in a terminal.
#[test]
fn child() {
    let Ok(way) = std::env::var(CHILD) else { return };
    let (_engine, notices) = tokio::sync::mpsc::channel(1);
    let (commands, _asked) = tokio::sync::mpsc::channel(1);
    let setup = Setup {
        options: Options { store: "store.db".into(), analyst: "dana".into(), identity: None },
        keymap: Keymap::embedded().unwrap(),
        theme: Theme::of(Look::Mono, false),
        glyphs: Glyphs::UNICODE,
        zone: Zone(0),
        commands,
    };
    if way == "panic" {
        let _guard = driftline::console::term::Guard::take().unwrap();
        panic!("a fault while the screen is taken");
    }
    run(Box::new(desk::Invented::new(desk::State::Busy)), notices, setup).unwrap();
}

struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    bytes: Arc<Mutex<Vec<u8>>>,
    reading: std::thread::JoinHandle<()>,
}

impl Terminal {
    fn start(way: &str) -> Self {
        let pty = native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "child", "--nocapture", "--test-threads=1"]);
        command.env(CHILD, way);
        command.env("NO_COLOR", "1");
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (theirs, mut from) = (Arc::clone(&bytes), pty.master.try_clone_reader().unwrap());
        let reading = std::thread::spawn(move || {
            let mut block = [0; 4096];
            while let Ok(n @ 1..) = from.read(&mut block) {
                theirs.lock().unwrap().extend_from_slice(&block[..n]);
            }
        });
        let keys = pty.master.take_writer().unwrap();
        Self { child, master: pty.master, keys, bytes, reading }
    }

    fn screen(&self) -> String {
        let mut screen = vt100::Parser::new(24, 80, 0);
        screen.process(&self.bytes.lock().unwrap());
        screen.screen().contents()
    }

    /// Waits for a text, with a deadline: never sleep and hope.
    fn until(&self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.screen().contains(text) {
            assert!(Instant::now() < deadline, "no {text:?} on\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
        self.keys.flush().unwrap();
    }

    fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args([format!("-{name}"), pid]).status().unwrap().success());
    }

    /// The state the kernel reports for the process, `T` for stopped.
    fn stopped(&self) -> bool {
        let path = format!("/proc/{}/stat", self.child.process_id().unwrap());
        std::fs::read_to_string(path).is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T')))
    }

    /// Waits for the end; the modes it set must be taken back, the alternate screen last of all.
    fn ended(mut self) -> Vec<u8> {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it does not end:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
        // The process has ended; what it wrote last may still be on its way. Reading ends with the terminal's last byte.
        self.reading.join().unwrap();
        let bytes = self.bytes.lock().unwrap().clone();
        drop(self.master);
        assert_modes_are_back(&bytes);
        bytes
    }
}

fn last(bytes: &[u8], sequence: &[u8]) -> Option<usize> {
    bytes.windows(sequence.len()).rposition(|found| found == sequence)
}

fn assert_modes_are_back(bytes: &[u8]) {
    for (on, off, what) in [
        (&b"\x1b[?1049h"[..], &b"\x1b[?1049l"[..], "alternate screen"),
        (b"\x1b[?25l", b"\x1b[?25h", "cursor"),
        (b"\x1b[?2004h", b"\x1b[?2004l", "bracketed paste"),
    ] {
        assert!(last(bytes, on).is_some(), "{what} was never taken");
        assert!(last(bytes, off) > last(bytes, on), "{what} was not given back");
    }
    // Nothing was ever asked of the terminal.
    assert_eq!((last(bytes, b"\x1b[6n"), last(bytes, b"\x1b[c")), (None, None));
}

#[test]
fn it_starts_draws_and_leaves_the_terminal_as_it_was() {
    let mut terminal = Terminal::start("run");
    terminal.until("crm-sync");
    let before = terminal.master.get_termios().map(|modes| format!("{:?}", modes.local_flags));
    terminal.press(b"q");
    let bytes = terminal.bytes.clone();
    let deadline = Instant::now() + Duration::from_secs(20);
    while terminal.child.try_wait().unwrap().is_none() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    // Raw mode is over: line editing and echo are back.
    let after = terminal.master.get_termios().map(|modes| format!("{:?}", modes.local_flags));
    assert_ne!(before, after);
    assert!(after.is_some_and(|flags| flags.contains("ECHO") && flags.contains("ICANON")));
    terminal.reading.join().unwrap();
    assert_modes_are_back(&bytes.lock().unwrap());
}

#[test]
fn an_idle_console_writes_nothing() {
    let mut terminal = Terminal::start("run");
    terminal.until("crm-sync");
    terminal.until("30 active days");
    std::thread::sleep(Duration::from_millis(500));
    let before = terminal.bytes.lock().unwrap().len();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(terminal.bytes.lock().unwrap().len(), before);
    // A key that changes nothing writes nothing either.
    terminal.press(b"k");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(terminal.bytes.lock().unwrap().len(), before);
    terminal.press(b"\x03");
    terminal.ended();
}

#[test]
fn signals_end_it_with_the_terminal_given_back() {
    for name in ["TERM", "HUP"] {
        let terminal = Terminal::start("run");
        terminal.until("crm-sync");
        terminal.signal(name);
        terminal.ended();
    }
}

#[test]
fn a_panic_gives_the_screen_back_before_it_speaks() {
    let terminal = Terminal::start("panic");
    let bytes = terminal.ended();
    let speaks = last(&bytes, b"a fault while the screen is taken");
    assert!(speaks > last(&bytes, b"\x1b[?1049l"), "{}", String::from_utf8_lossy(&bytes));
}

#[test]
fn ctrl_z_stops_it_and_going_on_draws_everything_again() {
    let mut terminal = Terminal::start("run");
    terminal.until("crm-sync");
    terminal.press(b"\x1a");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !terminal.stopped() {
        assert!(Instant::now() < deadline, "it does not stop");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(100));
    assert_modes_are_back(&terminal.bytes.lock().unwrap());
    terminal.bytes.lock().unwrap().clear();
    terminal.signal("CONT");
    terminal.until("warehouse-loader");
    terminal.press(b"q");
    terminal.ended();
}

#[test]
fn another_size_is_another_picture() {
    let mut terminal = Terminal::start("run");
    terminal.until("crm-sync");
    terminal.master.resize(PtySize { rows: 12, cols: 50, pixel_width: 0, pixel_height: 0 }).unwrap();
    terminal.until("driftline needs 60×16");
    terminal.master.resize(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
    terminal.until("Anomalies");
    terminal.press(b"\x03");
    terminal.ended();
}
