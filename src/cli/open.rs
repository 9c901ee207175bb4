//! Opening the console: on a store alone, on paths that are loaded and then followed, on one identity, on the demo.

use super::Exit;
use super::args::{Color, Global};
use super::load::format_named;
use super::output::Output;
use super::place::Place;
use super::session::{self, Plan, Teller};
use crate::console::app::Options;
use crate::console::keymap::Keymap;
use crate::console::runtime::{self, Setup};
use crate::console::store_desk::StoreDesk;
use crate::console::theme::{self, Glyphs, Look, Theme};
use crate::console::view::quantity::Zone;
use crate::store::Store;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

/// Notices that may wait for the console.
const NOTICES: usize = 256;

/// Who decides: `DRIFTLINE_ANALYST`, else the login name.
pub fn analyst() -> String {
    ["DRIFTLINE_ANALYST", "LOGNAME", "USER"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()))
        .unwrap_or_else(|| "analyst".to_owned())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

fn locale() -> Option<String> {
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name))
}

/// The theme: without colour when asked for, else for the background the terminal says it has. The library's own reading
/// of `NO_COLOR` would also take the selection away, so colour is forced on there and left out here.
fn look(color: Color) -> Theme {
    crossterm::style::force_color_output(true);
    let wanted = match color {
        Color::Never => Look::Mono,
        Color::Always => theme::look(None, variable("COLORFGBG").as_deref()),
        Color::Auto => theme::look(variable("NO_COLOR").as_deref(), variable("COLORFGBG").as_deref()),
    };
    Theme::of(wanted, theme::is_truecolor(variable("COLORTERM").as_deref()))
}

/// The built-in keys, with those of `keymap.toml` in the configuration folder over them.
fn keymap() -> anyhow::Result<Keymap> {
    let keys = Keymap::embedded()?;
    let Some(path) = config_dir().map(|dir| dir.join("keymap.toml")).filter(|path| path.exists()) else { return Ok(keys) };
    let text = std::fs::read_to_string(&path)?;
    Ok(keys.with(&text, &path.display().to_string())?)
}

/// The folder of the user's keys and formats.
pub fn config_dir() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    etcetera::choose_base_strategy().ok().map(|base| base.config_dir().join("driftline"))
}

/// Runs `driftline [PATH…]`: the console on the store, on paths loaded first and then followed.
pub fn run(paths: &[PathBuf], global: &Global, _out: &Output) -> anyhow::Result<Exit> {
    let plan = Plan { store: Place::of(global)?.make()?, format: format_named(&global.format)?, paths: paths.to_vec(), company: None };
    console(plan, global.color, None)
}

/// Opens the console on an identity.
pub fn review(store: &Store, identity: &str, _markdown: &str, global: &Global, _out: &Output) -> anyhow::Result<Exit> {
    console(Plan { store: store.clone(), format: None, paths: Vec::new(), company: None }, global.color, Some(identity.to_owned()))
}

/// Opens the console over a session; with `identity` on that identity's screen.
pub fn console(plan: Plan, color: Color, identity: Option<String>) -> anyhow::Result<Exit> {
    let desk = StoreDesk::new(&plan.store, &analyst())?;
    let (tell, notices) = mpsc::channel(NOTICES);
    let (commands, heard) = mpsc::channel(16);
    let stop = Arc::new(AtomicBool::new(false));
    let setup = Setup {
        options: Options { store: plan.store.path().display().to_string(), analyst: analyst(), identity },
        keymap: keymap()?,
        theme: look(color),
        glyphs: Glyphs::for_locale(locale().as_deref()),
        zone: Zone(0),
        commands,
    };
    let engine = {
        let stop = Arc::clone(&stop);
        std::thread::Builder::new().name("engine".to_owned()).spawn(move || session::run(&plan, &Teller(tell), heard, &stop))?
    };
    let result = runtime::run(Box::new(desk), notices, setup);
    stop.store(true, Ordering::Relaxed);
    // The engine ends within a look; what it had committed stays.
    let _ = engine.join();
    result.map(|()| Exit::Done)
}
