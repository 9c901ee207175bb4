//! Tables of text: columns that fit the width there is, foreign text through `Shown`, colour only where it is wanted. The
//! first rows decide how wide a column is, the others follow, so that a table of any length streams. It must not know
//! what the columns mean.

use super::output::Output;
use crate::model::{Severity, Timestamp};
use crate::text::Shown;

/// Rows looked at before the widths are settled.
const LOOKED_AT: usize = 500;

/// How wide a column is.
#[derive(Clone, Copy, Debug)]
pub enum Size {
    /// As wide as its widest value, at most so much.
    Fit(usize),
    /// A share of what the others leave, at least so much.
    Flex {
        /// Least width.
        least: usize,
        /// Its share.
        share: usize,
    },
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    title: &'static str,
    size: Size,
    right: bool,
    /// 0 always stays; of the others the highest goes first where there is not enough room.
    spare: u8,
}

impl Column {
    /// A column as wide as its values.
    pub const fn fit(title: &'static str, most: usize) -> Self {
        Self { title, size: Size::Fit(most), right: false, spare: 0 }
    }

    /// A column that takes a share of the room.
    pub const fn flex(title: &'static str, least: usize, share: usize) -> Self {
        Self { title, size: Size::Flex { least, share }, right: false, spare: 0 }
    }

    /// The same for numbers.
    pub const fn right(mut self) -> Self {
        self.right = true;
        self
    }

    /// The same, left out where room is short.
    pub const fn spare(mut self, rank: u8) -> Self {
        self.spare = rank;
        self
    }
}

/// A value in a table.
#[derive(Clone, Debug)]
pub struct Cell {
    shown: Shown,
    color: Option<&'static str>,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self { shown: Shown::new(text), color: None }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Severity> for Cell {
    fn from(severity: Severity) -> Self {
        let color = match severity {
            Severity::Critical => Some("\x1b[1;31m"),
            Severity::High => Some("\x1b[31m"),
            Severity::Medium => Some("\x1b[33m"),
            Severity::Low | Severity::Info => None,
        };
        Self { color, ..severity.as_str().into() }
    }
}

impl From<Timestamp> for Cell {
    fn from(time: Timestamp) -> Self {
        minute(time).into()
    }
}

/// `2026-11-16 11:14`.
pub fn minute(time: Timestamp) -> String {
    let text = time.to_string();
    text.get(..16).map_or_else(|| text.clone(), |to_the_minute| to_the_minute.replace('T', " "))
}

/// `2026-11-16 11:14:34`.
pub fn second(time: Timestamp) -> String {
    let text = time.to_string();
    text.get(..19).map_or_else(|| text.clone(), |to_the_second| to_the_second.replace('T', " "))
}

/// A table on its way out.
pub struct Table<'o> {
    out: &'o Output,
    columns: Vec<Column>,
    held: Vec<Vec<Cell>>,
    /// Width of each column, 0 for one that is left out.
    widths: Option<Vec<usize>>,
}

impl<'o> Table<'o> {
    /// An empty table.
    pub fn new(out: &'o Output, columns: &[Column]) -> Self {
        Self { out, columns: columns.to_vec(), held: Vec::new(), widths: None }
    }

    /// Adds a row: one cell a column.
    pub fn row(&mut self, cells: Vec<Cell>) -> anyhow::Result<()> {
        if let Some(widths) = &self.widths {
            return self.out.line(&line(&self.columns, widths, &cells, self.out.color));
        }
        self.held.push(cells);
        if self.held.len() >= LOOKED_AT { self.settle() } else { Ok(()) }
    }

    /// Adds a text of any width below the last row.
    pub fn aside(&mut self, text: &str) -> anyhow::Result<()> {
        // It must come behind its row, so nothing may be held back.
        if self.widths.is_none() {
            self.settle()?;
        }
        self.out.line(&format!("  {}", Shown::new(text)))
    }

    /// Prints what is still held.
    pub fn finish(mut self) -> anyhow::Result<()> {
        if self.widths.is_none() && !self.held.is_empty() {
            self.settle()?;
        }
        Ok(())
    }

    fn settle(&mut self) -> anyhow::Result<()> {
        let widths = widths(&self.columns, &self.held, self.out.width);
        if !self.out.quiet {
            let titles: Vec<Cell> = self.columns.iter().map(|column| column.title.into()).collect();
            self.out.line(&line(&self.columns, &widths, &titles, false))?;
        }
        for cells in std::mem::take(&mut self.held) {
            self.out.line(&line(&self.columns, &widths, &cells, self.out.color))?;
        }
        self.widths = Some(widths);
        Ok(())
    }
}

fn widths(columns: &[Column], rows: &[Vec<Cell>], room: usize) -> Vec<usize> {
    let wanted: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let widest = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.shown.width()).max().unwrap_or(0);
            widest.max(column.title.len())
        })
        .collect();
    let mut out: Vec<usize> = columns
        .iter()
        .zip(&wanted)
        .map(|(column, wanted)| match column.size {
            Size::Fit(most) => (*wanted).min(most),
            Size::Flex { least, .. } => (*wanted).min(least),
        })
        .collect();
    let taken = |out: &[usize]| out.iter().filter(|width| **width > 0).map(|width| width + 1).sum::<usize>().saturating_sub(1);
    while taken(&out) > room {
        let least = columns.iter().zip(&out).enumerate().filter(|(_, (column, width))| column.spare > 0 && **width > 0);
        let Some((gone, _)) = least.max_by_key(|(_, (column, _))| column.spare) else { break };
        out[gone] = 0;
    }
    // What is left goes to the columns that can use it, in rounds, because one may need less than its share.
    loop {
        let left = room.saturating_sub(taken(&out));
        let share = |at: usize| match columns[at].size {
            Size::Flex { share, .. } if out[at] > 0 && out[at] < wanted[at] => share,
            _ => 0,
        };
        let shares: Vec<usize> = (0..columns.len()).map(share).collect();
        let all: usize = shares.iter().sum();
        if left == 0 || all == 0 {
            break;
        }
        let mut given = 0;
        for (at, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0) {
            let more = (left * share / all).max(1).min(wanted[at] - out[at]).min(left - given);
            out[at] += more;
            given += more;
        }
        if given == 0 {
            break;
        }
    }
    out
}

fn line(columns: &[Column], widths: &[usize], cells: &[Cell], color: bool) -> String {
    let mut out = String::new();
    for ((column, width), cell) in columns.iter().zip(widths).zip(cells).filter(|((_, width), _)| **width > 0) {
        let shown = cell.shown.cut(*width);
        let pad = width.saturating_sub(shown.width());
        if !out.is_empty() {
            out.push(' ');
        }
        if column.right {
            out.extend(std::iter::repeat_n(' ', pad));
        }
        match cell.color.filter(|_| color) {
            Some(start) => out.extend([start, &shown.to_string(), "\x1b[0m"]),
            None => out.push_str(&shown.to_string()),
        }
        if !column.right {
            out.extend(std::iter::repeat_n(' ', pad));
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    const COLUMNS: [Column; 4] =
        [Column::fit("ID", 8), Column::fit("N", 6).right(), Column::fit("EXTRA", 30).spare(1), Column::flex("TEXT", 10, 1)];

    fn drawn(room: usize, text: &str) -> Vec<String> {
        let rows = vec![vec!["0123456789".into(), "5".into(), "x".repeat(30).into(), text.into()]];
        let widths = widths(&COLUMNS, &rows, room);
        rows.iter().map(|cells| line(&COLUMNS, &widths, cells, false)).collect()
    }

    /// Protects screens of eighty columns: no line is ever wider, what matters most stays.
    #[test]
    fn lines_fit_and_the_spare_goes_first() {
        let long = "word ".repeat(60);
        for room in [40, 60, 80, 120] {
            for line in drawn(room, &long) {
                assert!(line.width() <= room, "{line}");
                assert_eq!(line.contains("xxx"), room >= 60, "{room}: {line}");
                assert!(line.starts_with("0123456…"), "{line}");
            }
        }
        assert_eq!(drawn(80, "short"), [format!("0123456… 5 {} short", "x".repeat(30))]);
    }

    /// Protects terminals: a name in a log is text, whatever it holds.
    #[test]
    fn hostile_text_is_written_out() {
        let line = drawn(80, "a\u{1b}[31m\nb\u{202e}c\u{9b}d").remove(0);
        assert!(!line.chars().any(char::is_control) && !line.contains('\u{202e}'), "{line}");
    }

    #[test]
    fn colour_is_severity_and_only_on_demand() {
        let columns = [Column::fit("SEVERITY", 8)];
        let cells = vec![Cell::from(Severity::High)];
        assert_eq!(line(&columns, &[8], &cells, false), "high");
        assert_eq!(line(&columns, &[8], &cells, true), "\x1b[31mhigh\x1b[0m");
    }
}
