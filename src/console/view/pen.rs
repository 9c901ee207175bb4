//! The only way to put text on the screen: [`Pen`] takes our own words (`&'static str`) or a [`Shown`], nothing else, so
//! that no raw value can reach a cell. Everything is clipped to the picture. It must not know what it draws.

use crate::console::theme::{Glyphs, Theme};
use crate::text::Shown;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

/// What can be drawn.
#[derive(Clone, Debug)]
pub enum Ink {
    /// Our own words.
    Ours(&'static str),
    /// Anything else, escaped.
    Shown(Shown),
}

impl From<&'static str> for Ink {
    fn from(text: &'static str) -> Self {
        Self::Ours(text)
    }
}

impl From<Shown> for Ink {
    fn from(text: Shown) -> Self {
        Self::Shown(text)
    }
}

impl Ink {
    /// Width in columns, with the `⚠` of a value that had to be escaped.
    pub fn width(&self) -> u16 {
        match self {
            Self::Ours(text) => text.width() as u16,
            Self::Shown(text) => (text.width() + if text.odd() { 2 } else { 0 }).min(usize::from(u16::MAX)) as u16,
        }
    }
}

/// `Shown` of a format string with numbers and values: `shown!("{} of {}", a, b)`.
macro_rules! shown {
    ($($arg:tt)*) => { $crate::text::Shown::new(&format!($($arg)*)) };
}
pub(crate) use shown;

/// Draws into a picture.
#[derive(Debug)]
pub struct Pen<'a> {
    /// The picture.
    pub buffer: &'a mut Buffer,
    /// Looks.
    pub theme: &'a Theme,
    /// Shapes.
    pub glyphs: &'a Glyphs,
}

impl Pen<'_> {
    /// Draws at most `width` columns from (x, y); gives the columns used. A value that had to be escaped carries a `⚠`.
    pub fn put(&mut self, x: u16, y: u16, width: u16, ink: impl Into<Ink>, style: Style) -> u16 {
        let area = self.buffer.area;
        if y >= area.bottom() || x >= area.right() || width == 0 {
            return 0;
        }
        let width = width.min(area.right() - x);
        match ink.into() {
            Ink::Ours(text) if text.width() <= usize::from(width) => self.run(x, y, width, text, style),
            Ink::Ours(text) => self.segments(x, y, width, &Shown::from(text).cut(usize::from(width)), style),
            Ink::Shown(text) if text.odd() && width >= 4 => {
                let used = self.segments(x, y, width - 2, &text.cut(usize::from(width) - 2), style);
                let badge = self.theme.new;
                used + 1 + self.run(x + used + 1, y, 1, self.glyphs.warn, badge)
            }
            Ink::Shown(text) => self.segments(x, y, width, &text.cut(usize::from(width)), style),
        }
    }

    /// The same, at the right end of `width` columns.
    pub fn right(&mut self, x: u16, y: u16, width: u16, ink: impl Into<Ink>, style: Style) {
        let ink = ink.into();
        let used = ink.width().min(width);
        self.put(x + width - used, y, used, ink, style);
    }

    /// A row of one glyph.
    pub fn line(&mut self, x: u16, y: u16, width: u16, glyph: &'static str, style: Style) {
        for n in 0..width {
            self.put(x + n, y, 1, glyph, style);
        }
    }

    /// Lays a style over what is drawn; colours of text stay where the style has none. A reversed row is one colour:
    /// reversed colours side by side would be a patchwork.
    pub fn wash(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        if style.add_modifier.contains(Modifier::REVERSED) {
            self.buffer.set_style(area, Style::new().fg(Color::Reset).remove_modifier(Modifier::DIM));
        }
        self.buffer.set_style(area, style);
    }

    /// Blanks an area.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            self.buffer[position].reset();
        }
    }

    fn segments(&mut self, x: u16, y: u16, width: u16, text: &Shown, style: Style) -> u16 {
        let mut used = 0;
        for segment in text.segments() {
            let style = if segment.escaped { style.patch(self.theme.escape).add_modifier(Modifier::DIM) } else { style };
            used += self.run(x + used, y, width - used, &segment.text, style);
        }
        used
    }

    fn run(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if width == 0 || x >= area.right() || y >= area.bottom() {
            return 0;
        }
        let (end, _) = self.buffer.set_stringn(x, y, text, usize::from(width), style);
        end - x
    }
}

/// One thing on a line of a text.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Column.
    pub x: u16,
    /// At most so wide.
    pub width: u16,
    /// What.
    pub ink: Ink,
    /// How.
    pub style: Style,
}

/// A text of lines that can be scrolled.
#[derive(Clone, Debug, Default)]
pub struct Doc {
    /// Its lines.
    pub lines: Vec<Vec<Piece>>,
}

impl Doc {
    /// A new line with one piece.
    pub fn line(&mut self, x: u16, width: u16, ink: impl Into<Ink>, style: Style) {
        self.lines.push(vec![Piece { x, width, ink: ink.into(), style }]);
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.lines.push(Vec::new());
    }

    /// Another piece on the last line.
    pub fn add(&mut self, x: u16, width: u16, ink: impl Into<Ink>, style: Style) {
        if let Some(line) = self.lines.last_mut() {
            line.push(Piece { x, width, ink: ink.into(), style });
        }
    }

    /// Wrapped text, at most `most` lines; gives how many.
    pub fn wrapped(&mut self, x: u16, width: u16, text: &Shown, most: usize, style: Style) -> usize {
        let lines = text.wrap(usize::from(width), most);
        let count = lines.len();
        for line in lines {
            self.line(x, width, line, style);
        }
        count
    }

    /// Two texts side by side below it, the second from column `x` on.
    pub fn beside(&mut self, left: Self, right: Self, x: u16) {
        let mut right = right.lines.into_iter();
        for mut line in left.lines {
            line.extend(right.next().into_iter().flatten().map(|piece| Piece { x: piece.x + x, ..piece }));
            self.lines.push(line);
        }
        self.lines.extend(right.map(|line| line.into_iter().map(|piece| Piece { x: piece.x + x, ..piece }).collect()));
    }

    /// Draws what fits of it from line `top` on.
    pub fn draw(self, pen: &mut Pen<'_>, area: Rect, top: usize) {
        for (n, line) in self.lines.into_iter().skip(top).take(usize::from(area.height)).enumerate() {
            for piece in line {
                let room = area.width.saturating_sub(piece.x).min(piece.width);
                pen.put(area.x + piece.x, area.y + n as u16, room, piece.ink, piece.style);
            }
        }
    }
}
