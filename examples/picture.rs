//! Draws the pictures of the documentation from the program's own screens: `sample-data/` is loaded into a temporary
//! store, the console is driven by keys, and what it would send to a terminal is written as SVG. The rule: nothing here
//! chooses what is shown; the same data give the same bytes. Usage: `cargo run --example picture -- [DIR]`.

use anyhow::Context as _;
use driftline::console::app::{App, Effect, Msg, Options};
use driftline::console::desk;
use driftline::console::key::Key;
use driftline::console::keymap::Keymap;
use driftline::console::store_desk::StoreDesk;
use driftline::console::theme::{Glyphs, Look, Theme};
use driftline::console::view::quantity::Zone;
use driftline::console::view::{ViewCtx, view};
use driftline::engine::parser::Parser;
use driftline::engine::{folding, history, load};
use driftline::feed;
use driftline::store::Store;
use driftline::world::Company;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// File, columns, rows, keys pressed after the start.
const PICTURES: &[(&str, u16, u16, &str)] = &[
    ("watch.svg", 120, 40, ""),
    ("identity.svg", 120, 40, "enter"),
    ("evidence.svg", 120, 40, "tab enter"),
    ("watch-80x24.svg", 80, 24, ""),
];

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = std::env::args().nth(1).map_or_else(|| root.join("docs/pictures"), PathBuf::from);
    let store = Store::temporary()?;
    let knowledge = Parser::new(store.redaction_key(), None).with_intel(driftline::engine::context::intel(&store)?);
    let parser = load::Parser { knowledge: &knowledge, format: None };
    let files = feed::discover(&[root.join("sample-data")])?;
    // Taken in on the morning after, so that no record seems to come from the future.
    let ingested = Company::new(0, Company::first_day()).incident_day().next().start();
    history::load(&store, &parser, &files, ingested, history::shards(), &|_| {}, &AtomicBool::new(false))?;
    let now = folding::reader(&store)?.newest()?.context("sample-data holds no event")?;
    std::fs::create_dir_all(&dir)?;
    for (file, width, height, keys) in PICTURES {
        let mut desk = StoreDesk::new(&store, "dana")?;
        let ctx = ViewCtx { theme: Theme::of(Look::Dark, true), glyphs: Glyphs::UNICODE, now, zone: Zone(0) };
        let picture = drive(&mut desk, &ctx, (*width, *height), keys)?;
        std::fs::write(dir.join(file), svg(&picture))?;
    }
    Ok(())
}

/// The screen of this size after these keys.
fn drive(desk: &mut StoreDesk, ctx: &ViewCtx, size: (u16, u16), keys: &str) -> anyhow::Result<Buffer> {
    let options = Options { store: "~/.local/share/driftline/driftline.db".into(), analyst: "dana".into(), identity: None };
    let mut app = App::new(options, Keymap::embedded()?);
    let mut picture = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    let mut messages = vec![Msg::Resized(size.0, size.1)];
    for key in keys.split_whitespace() {
        messages.push(Msg::Key(Key::parse(key).with_context(|| format!("{key} is no key"))?));
    }
    for message in messages {
        let mut effects = app.update(message, ctx.now);
        // An answer may raise further questions.
        while !effects.is_empty() {
            let mut more = Vec::new();
            for effect in effects {
                match effect {
                    Effect::Ask(ticket, query) => more.extend(app.update(Msg::Reply(ticket, desk::ask(desk, &query)), ctx.now)),
                    Effect::Change(change) => {
                        let made = desk::change(desk, &change);
                        more.extend(app.update(Msg::Changed(change, made), ctx.now));
                    }
                    // Nobody is at the keyboard: no clipboard, mouse or engine.
                    _ => {}
                }
            }
            effects = more;
        }
        // Drawn twice: where things are in one picture decides what scrolls in the next.
        for _ in 0..2 {
            picture.reset();
            let map = view(&app, ctx, &mut picture);
            app.update(Msg::Drawn(map), ctx.now);
        }
    }
    Ok(picture)
}

/// Size of a cell and of the frame around the screen, in SVG units.
const CELL: (f64, f64) = (8.4, 18.0);
const FRAME: f64 = 14.0;
const BACKGROUND: &str = "#0d1117";
const FOREGROUND: &str = "#d6dde6";

/// How a run of cells looks.
#[derive(Clone, PartialEq)]
struct Ink {
    fill: String,
    bold: bool,
    italic: bool,
    dim: bool,
}

impl Ink {
    fn of(cell: &Cell) -> Self {
        let has = |modifier| cell.modifier.contains(modifier);
        let fill = if has(Modifier::REVERSED) { colour(cell.bg, BACKGROUND) } else { colour(cell.fg, FOREGROUND) };
        Self { fill, bold: has(Modifier::BOLD), italic: has(Modifier::ITALIC), dim: has(Modifier::DIM) }
    }

    fn attributes(&self) -> String {
        let mut out = String::new();
        // What is not said is inherited from the group.
        if self.fill != FOREGROUND {
            // Writing to a String cannot fail.
            let _ = write!(out, " fill=\"{}\"", self.fill);
        }
        for (on, attribute) in
            [(self.bold, " font-weight=\"bold\""), (self.italic, " font-style=\"italic\""), (self.dim, " opacity=\"0.6\"")]
        {
            if on {
                out.push_str(attribute);
            }
        }
        out
    }
}

fn colour(color: Color, default: &str) -> String {
    match color {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        // The truecolor theme leaves everything else to the terminal.
        _ => default.to_owned(),
    }
}

fn background(cell: &Cell) -> Option<String> {
    if cell.modifier.contains(Modifier::REVERSED) {
        return Some(colour(cell.fg, FOREGROUND));
    }
    matches!(cell.bg, Color::Rgb(..)).then(|| colour(cell.bg, BACKGROUND))
}

/// The screen as an SVG document: backgrounds, then shapes and text, every run at its own place so that no font can shift
/// a column.
fn svg(picture: &Buffer) -> String {
    let area = picture.area;
    let (width, height) = (f64::from(area.width) * CELL.0 + 2.0 * FRAME, f64::from(area.height) * CELL.1 + 2.0 * FRAME);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g transform=\"translate({FRAME} {FRAME})\" fill=\"{FOREGROUND}\" font-size=\"14\" font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, \
         'DejaVu Sans Mono', 'Liberation Mono', monospace\">\n"
    );
    for y in 0..area.height {
        let row: Vec<&Cell> = (0..area.width).map(|x| &picture[(x, y)]).collect();
        grounds(&mut out, &row, y);
        inks(&mut out, &row, y);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn grounds(out: &mut String, row: &[&Cell], y: u16) {
    let mut x = 0;
    while let Some(cell) = row.get(x) {
        let colour = background(cell);
        let end = (x..row.len()).find(|at| background(row[*at]) != colour).unwrap_or(row.len());
        if let Some(colour) = colour {
            let (left, top) = (x as f64 * CELL.0, f64::from(y) * CELL.1);
            // Writing to a String cannot fail.
            let _ = writeln!(
                out,
                "<rect x=\"{left:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{}\" fill=\"{colour}\"/>",
                (end - x) as f64 * CELL.0,
                CELL.1
            );
        }
        x = end;
    }
}

fn inks(out: &mut String, row: &[&Cell], y: u16) {
    let mut x = 0;
    while let Some(cell) = row.get(x) {
        let (ink, symbol) = (Ink::of(cell), cell.symbol());
        if symbol.trim().is_empty() {
            x += 1;
            continue;
        }
        let place = |at: usize| (at as f64 * CELL.0, f64::from(y) * CELL.1);
        if shape(symbol, place(x), 1.0).is_some() {
            // The same shape many times in one ink is one path; what fills its cell from side to side is one stretch.
            let end = (x..row.len()).find(|at| row[*at].symbol() != symbol || Ink::of(row[*at]) != ink).unwrap_or(row.len());
            let whole = "░▒▓█━─".contains(symbol);
            let pieces: Vec<_> = if whole {
                shape(symbol, place(x), (end - x) as f64).into_iter().collect()
            } else {
                (x..end).filter_map(|at| shape(symbol, place(at), 1.0)).collect()
            };
            let path: String = pieces.iter().map(|(path, _)| path.as_str()).collect();
            let more = pieces.first().map_or("", |(_, more)| more);
            let _ = writeln!(out, "<path d=\"{path}\"{}{more}/>", ink.attributes());
            x = end;
            continue;
        }
        let plain = |at: usize| row.get(at).is_some_and(|c| c.symbol().is_ascii() && !c.symbol().trim().is_empty() && Ink::of(c) == ink);
        let mut end = x + 1;
        if symbol.is_ascii() {
            // Words of one ink with single blanks between them are one text.
            while plain(end) || (row.get(end).is_some_and(|c| c.symbol() == " ") && plain(end + 1)) {
                end += 1;
            }
        }
        let text: String = row[x..end].iter().map(|c| c.symbol()).collect();
        let (left, base) = (x as f64 * CELL.0, f64::from(y) * CELL.1 + 13.5);
        let length = if end - x > 1 { format!(" textLength=\"{:.1}\"", (end - x) as f64 * CELL.0) } else { String::new() };
        let _ = writeln!(out, "<text x=\"{left:.1}\" y=\"{base}\"{length}{}>{}</text>", ink.attributes(), escape(&text));
        x = end;
    }
}

/// Blocks and lines as a path at a place, so many cells wide, with more attributes: fonts draw them with gaps. `None` for
/// anything else.
fn shape(symbol: &str, (left, top): (f64, f64), cells: f64) -> Option<(String, &'static str)> {
    let (w, h) = (CELL.0 * cells, CELL.1);
    let (mx, my) = (w / 2.0, h / 2.0);
    let box_of = |x0: f64, y0: f64, x1: f64, y1: f64| {
        format!("M{:.1} {:.1}H{:.1}V{:.1}H{:.1}Z", left + x0, top + y0, left + x1, top + y1, left + x0)
    };
    let filled = |x0, y0, x1, y1| (box_of(x0, y0, x1, y1), "");
    let shade = |attribute| (box_of(0.0, 3.0, w, h - 3.0), attribute);
    let line = |points: &[(f64, f64)]| {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{:.1} {:.1}", left + x, top + y)).collect();
        (format!("M{}Z", points.join("L")), "")
    };
    let round = |r: f64| {
        let (x, y) = (left + mx, top + my);
        (format!("M{:.1} {y:.1}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z", x - r, d = 2.0 * r), "")
    };
    let corner = |(x0, y0): (f64, f64), (x1, y1): (f64, f64)| {
        let path = format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", left + x0, top + y0, left + mx, top + my, left + x1, top + y1);
        (path, " fill-opacity=\"0\" stroke=\"#6a7380\"")
    };
    Some(match symbol {
        "░" => shade(" fill-opacity=\"0.28\""),
        "▒" => shade(" fill-opacity=\"0.55\""),
        "▓" => shade(" fill-opacity=\"0.85\""),
        "█" => filled(0.0, 0.0, w, h),
        "▌" => filled(0.0, 0.0, mx, h),
        "▎" => filled(0.0, 1.0, w / 4.0, h - 1.0),
        "━" => filled(0.0, my - 1.6, w, my + 1.6),
        "╸" => filled(0.0, my - 1.6, mx, my + 1.6),
        "─" => filled(0.0, my - 0.5, w, my + 0.5),
        "│" => filled(mx - 0.5, 0.0, mx + 0.5, h),
        "·" => round(1.0),
        "●" => round(3.6),
        "▲" => line(&[(mx, my - 4.0), (w - 0.2, my + 3.6), (0.2, my + 3.6)]),
        "◆" => line(&[(mx, my - 4.4), (w - 0.2, my), (mx, my + 4.4), (0.2, my)]),
        "╭" => corner((mx, h), (w, my)),
        "╮" => corner((0.0, my), (mx, h)),
        "╰" => corner((mx, 0.0), (w, my)),
        "╯" => corner((0.0, my), (mx, 0.0)),
        "▁" | "▂" | "▃" | "▄" | "▅" | "▆" | "▇" => {
            // U+2581 is one eighth.
            let eighths = symbol.chars().next().map_or(0, |c| u32::from(c) - 0x2580);
            filled(0.0, h - h * f64::from(eighths) / 8.0, w, h)
        }
        _ => return None,
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
