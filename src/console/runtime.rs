//! The loop: signals, input, answers and notices go into `update`, effects come out and are done once, and a picture is
//! drawn at most every 33 ms and only when something changed. The desk is asked on a thread of its own. The only place
//! of the console that reads a clock. It must not know what anything means.

pub mod reader;

use super::app::notice::{Command, Notice};
use super::app::{App, Effect, Mouse, Msg, Options};
use super::desk::Desk;
use super::key::Key;
use super::keymap::Keymap;
use super::term::{Canvas, Guard};
use super::theme::{Glyphs, Theme};
use super::view::quantity::Zone;
use super::view::{ViewCtx, view};
use crate::model::Timestamp;
use anyhow::Context as _;
use crossterm::event::{Event, EventStream, KeyEventKind, MouseButton, MouseEventKind};
use futures_util::StreamExt;
use reader::{Done, Reader};
use std::io::{self, Write};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

/// Least time between two pictures.
const FRAME: Duration = Duration::from_millis(33);
/// How often time alone may change the picture.
const BEAT: Duration = Duration::from_secs(1);
/// Answers that may wait for the loop.
const ANSWERS: usize = 64;

/// Notices taken between two pictures.
const NOTICES: usize = 256;

/// How the console starts.
#[derive(Debug)]
pub struct Setup {
    /// What it is told.
    pub options: Options,
    /// Keys.
    pub keymap: Keymap,
    /// Looks.
    pub theme: Theme,
    /// Shapes.
    pub glyphs: Glyphs,
    /// The zone in which times are shown.
    pub zone: Zone,
    /// To the engine.
    pub commands: mpsc::Sender<Command>,
}

/// Runs the console until it is left. The terminal is given back whatever happens.
pub fn run(desk: Box<dyn Desk + Send>, notices: mpsc::Receiver<Notice>, setup: Setup) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting the console's loop")?;
    let guard = Guard::take().context("this is no terminal the console can use; driftline alerts prints without one")?;
    let (to, answers) = mpsc::channel(ANSWERS);
    let reader = Reader::start(desk, to).context("starting the console's reader")?;
    let (width, height) = crossterm::terminal::size().context("asking for the terminal's size")?;
    let mut console = Console {
        app: App::new(setup.options.clone(), setup.keymap.clone()),
        canvas: Canvas::new(io::stdout()),
        reader,
        setup,
        guard,
        leave: false,
    };
    let result = runtime.block_on(console.turn(answers, notices, (width, height)));
    // Decisions that were asked for are made before the program ends.
    console.reader.finish();
    result
}

struct Console {
    app: App,
    canvas: Canvas<io::Stdout>,
    reader: Reader,
    setup: Setup,
    guard: Guard,
    leave: bool,
}

fn now() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp_millis())
}

impl Console {
    async fn turn(
        &mut self,
        mut answers: mpsc::Receiver<Done>,
        mut notices: mpsc::Receiver<Notice>,
        size: (u16, u16),
    ) -> anyhow::Result<()> {
        let mut input = EventStream::new();
        let mut signals = Signals::listen()?;
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut dirty, mut told) = (true, true);
        let mut next = Instant::now();
        self.tell(Msg::Resized(size.0, size.1))?;
        while !self.leave {
            if dirty && Instant::now() >= next {
                dirty = false;
                self.draw()?;
                next = Instant::now() + FRAME;
            }
            let ticks = self.app.ticks(now());
            tokio::select! {
                biased;
                signal = signals.next() => self.signalled(signal)?,
                event = input.next() => {
                    self.input(event)?;
                    // A burst (paste, wheel, resize) is one picture. Asked with the task's own waker: `now_or_never`
                    // would leave a waker with the stream that wakes nobody, and the next key would not be heard.
                    while !self.leave {
                        let more = tokio::select! { biased; event = input.next() => Some(event), () = std::future::ready(()) => None };
                        let Some(event) = more else { break };
                        self.input(event)?;
                    }
                }
                Some(done) = answers.recv() => {
                    self.answer(done)?;
                    while let Ok(done) = answers.try_recv() {
                        self.answer(done)?;
                    }
                }
                notice = notices.recv(), if told => match notice {
                    None => told = false,
                    Some(notice) => {
                        self.tell(Msg::Notice(notice))?;
                        // A flood must not keep the picture from being drawn.
                        for _ in 0..NOTICES {
                            let Ok(notice) = notices.try_recv() else { break };
                            self.tell(Msg::Notice(notice))?;
                        }
                    }
                },
                () = tokio::time::sleep_until(next), if dirty => continue,
                _ = beat.tick(), if ticks => self.tell(Msg::Tick)?,
            }
            dirty = true;
        }
        Ok(())
    }

    fn answer(&mut self, done: Done) -> io::Result<()> {
        self.tell(match done {
            Done::Answer(ticket, reply) => Msg::Reply(ticket, reply),
            Done::Change(change, result) => Msg::Changed(change, result),
        })
    }

    fn input(&mut self, event: Option<io::Result<Event>>) -> io::Result<()> {
        match event {
            // The terminal is gone: nobody is there to be told.
            None | Some(Err(_)) => self.leave = true,
            Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => {
                if let Some(key) = Key::of(key) {
                    self.tell(Msg::Key(key))?;
                }
            }
            Some(Ok(Event::Paste(text))) => self.tell(Msg::Paste(text))?,
            Some(Ok(Event::Resize(width, height))) => self.tell(Msg::Resized(width, height))?,
            Some(Ok(Event::Mouse(mouse))) => {
                let (x, y) = (mouse.column, mouse.row);
                let mouse = match mouse.kind {
                    MouseEventKind::Down(MouseButton::Left) => Some(Mouse::Click(x, y)),
                    MouseEventKind::ScrollDown => Some(Mouse::Wheel(x, y, 1)),
                    MouseEventKind::ScrollUp => Some(Mouse::Wheel(x, y, -1)),
                    _ => None,
                };
                if let Some(mouse) = mouse {
                    self.tell(Msg::Mouse(mouse))?;
                }
            }
            Some(Ok(_)) => {}
        }
        Ok(())
    }

    fn tell(&mut self, msg: Msg) -> io::Result<()> {
        let effects = self.app.update(msg, now());
        for effect in effects {
            match effect {
                Effect::Ask(ticket, query) => self.reader.ask(ticket, query),
                Effect::Change(change) => self.reader.change(change),
                Effect::Copy(text) => self.canvas.copy(&text)?,
                // A full channel means that the engine has more such commands than it can use.
                Effect::Command(command) => drop(self.setup.commands.try_send(command)),
                Effect::Mouse(on) => self.canvas.mouse(on)?,
                Effect::Suspend => self.suspend()?,
                Effect::Quit => self.leave = true,
            }
        }
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.guard.suspend()?;
        self.back()
    }

    /// The terminal was somebody else's: write everything again, in the size it has now.
    fn back(&mut self) -> io::Result<()> {
        self.canvas.forget();
        if self.app.mouse {
            self.canvas.mouse(true)?;
        }
        let (width, height) = crossterm::terminal::size()?;
        self.tell(Msg::Resized(width, height))
    }

    fn signalled(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Leave => self.leave = true,
            Signal::Stop => self.suspend()?,
            Signal::Continue => {
                self.guard.retake()?;
                self.back()?;
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let (width, height) = self.app.size;
        let mut picture = Canvas::<io::Stdout>::blank(width, height);
        let ctx = ViewCtx { theme: self.setup.theme.clone(), glyphs: self.setup.glyphs, now: now(), zone: self.setup.zone };
        let map = view(&self.app, &ctx, &mut picture);
        self.canvas.show(picture)?;
        self.app.update(Msg::Drawn(map), ctx.now);
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Signal {
    Leave,
    Stop,
    Continue,
}

/// Signals that concern a terminal.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    stop: tokio::signal::unix::Signal,
    go_on: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let of = |number| signal(SignalKind::from_raw(number));
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            stop: of(signal_hook::consts::SIGTSTP)?,
            go_on: of(signal_hook::consts::SIGCONT)?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Leave,
            _ = self.hang_up.recv() => Signal::Leave,
            _ = self.stop.recv() => Signal::Stop,
            _ = self.go_on.recv() => Signal::Continue,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Leave,
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // What is buffered belongs on the screen that is about to be left.
        let _ = io::stdout().flush();
    }
}
