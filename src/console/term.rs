//! The terminal: taken, given back on every way out, and written to as little as possible. It never asks the terminal
//! anything: `Terminal::clear` and `autoresize` of ratatui query the cursor and would wait for an answer that the input
//! reader has eaten, so pictures are compared and written here. It must not know what a picture shows.

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::io::{self, BufWriter, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the terminal is ours now: leaving twice would leave somebody else's screen.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// Bytes that terminals take in one OSC 52 sequence, before base64.
pub const CLIPBOARD: usize = 70_000;

/// The terminal while it is ours; dropping it gives it back.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, no cursor.
    pub fn take() -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            // The message must be readable, so the screen goes first.
            std::panic::set_hook(Box::new(move |info| {
                leave();
                before(info);
            }));
        });
        // Our theme without colours does what NO_COLOR asks; crossterm's own way also drops REVERSED.
        crossterm::style::force_color_output(true);
        enter()?;
        Ok(Self(()))
    }

    /// Gives the terminal back and stops the process as Ctrl-Z does; goes on when it is continued.
    pub fn suspend(&self) -> io::Result<()> {
        leave();
        let stopped = stop();
        enter()?;
        stopped
    }

    /// Takes the terminal again after somebody else had it.
    pub fn retake(&self) -> io::Result<()> {
        enter()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide, Clear(ClearType::All))
}

fn leave() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Nothing can be done about a terminal that is gone.
        let _ = execute!(
            io::stdout(),
            EndSynchronizedUpdate,
            DisableMouseCapture,
            DisableBracketedPaste,
            crossterm::style::ResetColor,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
    }
}

#[cfg(unix)]
fn stop() -> io::Result<()> {
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
}

#[cfg(not(unix))]
fn stop() -> io::Result<()> {
    Ok(())
}

/// Writes pictures: only what differs from the one before, nothing when nothing does.
#[derive(Debug)]
pub struct Canvas<W: Write> {
    backend: CrosstermBackend<BufWriter<W>>,
    before: Buffer,
}

impl<W: Write> Canvas<W> {
    /// A canvas on a blank terminal.
    pub fn new(to: W) -> Self {
        Self { backend: CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, to)), before: Buffer::empty(Rect::ZERO) }
    }

    /// An empty picture of a size.
    pub fn blank(width: u16, height: u16) -> Buffer {
        Buffer::empty(Rect::new(0, 0, width, height))
    }

    /// Forgets what is on the terminal: the next picture is written whole.
    pub fn forget(&mut self) {
        self.before = Buffer::empty(Rect::ZERO);
    }

    /// Shows a picture; `false` when it was there already and no byte was written.
    pub fn show(&mut self, next: Buffer) -> io::Result<bool> {
        if next == self.before {
            return Ok(false);
        }
        queue!(self.backend, BeginSynchronizedUpdate)?;
        if next.area != self.before.area {
            queue!(self.backend, crossterm::style::ResetColor, Clear(ClearType::All))?;
            self.before = Buffer::empty(next.area);
        }
        let changes = self.before.diff(&next);
        self.backend.draw(changes.into_iter())?;
        queue!(self.backend, EndSynchronizedUpdate)?;
        Write::flush(&mut self.backend)?;
        self.before = next;
        Ok(true)
    }

    /// Gives a text to the terminal's clipboard (OSC 52, base64), at most [`CLIPBOARD`] bytes of it.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let end = text.floor_char_boundary(CLIPBOARD);
        queue!(self.backend, CopyToClipboard::to_clipboard_from(&text[..end]))?;
        Write::flush(&mut self.backend)
    }

    /// Turns mouse reports on or off.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        if on {
            queue!(self.backend, EnableMouseCapture)?;
        } else {
            queue!(self.backend, DisableMouseCapture)?;
        }
        Write::flush(&mut self.backend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::{Modifier, Style};

    fn picture(text: &str) -> Buffer {
        let mut buffer = Canvas::<Vec<u8>>::blank(20, 3);
        buffer.set_string(0, 1, text, Style::new().add_modifier(Modifier::REVERSED));
        buffer
    }

    #[test]
    fn what_has_not_changed_is_not_written() {
        let mut written = Vec::new();
        let mut canvas = Canvas::new(&mut written);
        assert!(canvas.show(picture("crm-sync")).unwrap());
        assert!(!canvas.show(picture("crm-sync")).unwrap());
        assert!(canvas.show(picture("crm-load")).unwrap());
        drop(canvas);
        let mut screen = vt100::Parser::new(3, 20, 0);
        screen.process(&written);
        assert_eq!(screen.screen().contents().trim(), "crm-load");
        // No question is ever put to the terminal.
        assert!(!written.windows(4).any(|bytes| bytes == b"\x1b[6n" || bytes == b"\x1b[c"));
    }

    #[test]
    fn a_copy_is_one_base64_sequence_whatever_it_holds() {
        let mut written = Vec::new();
        Canvas::new(&mut written).copy("a\u{1b}]0;x\u{7}").unwrap();
        assert!(written.starts_with(b"\x1b]52;c;"));
        let escapes = String::from_utf8(written.clone()).unwrap().matches('\u{1b}').count();
        assert_eq!(escapes, if written.ends_with(b"\x1b\\") { 2 } else { 1 });
    }
}
