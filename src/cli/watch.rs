//! `watch`: following feeds without a screen; one line of JSON for every alert as it is raised or changes, those that stand
//! open and were never sent first. The rule: an alert is marked as sent after its line was written, so that a kill between
//! the two sends it again and never swallows it. It must not know how feeds are read or judged.

use super::args::{Global, WatchArgs};
use super::clock::wall;
use super::interrupt;
use super::load::format_named;
use super::output::Output;
use super::place::Place;
use super::{Exit, Usage};
use crate::detect::Settings;
use crate::engine::folding::{self, Folding};
use crate::engine::listen::{KEY_BYTES, Keys, Listener, Patience};
use crate::engine::live::Live;
use crate::engine::parser::Parser;
use crate::engine::{history, load};
use crate::model::AlertId;
use crate::store::Reader;
use anyhow::Context;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often feeds are looked at when nothing is new.
const LOOK: Duration = Duration::from_millis(150);
/// Bytes of the largest file that is taken for a key.
const KEY_FILE: u64 = 64 << 10;

/// Runs `driftline watch`.
pub fn run(args: &WatchArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let format = format_named(&global.format)?;
    let keys = keys(args, out)?;
    if let Some(address) = args.listen.filter(|address| !address.ip().is_loopback()) {
        if keys.is_empty() {
            return Usage::error(format!(
                "--listen {address} can be reached by others: name a key with --token-file or --hmac-key-file, or listen on 127.0.0.1"
            ));
        }
        out.note("what is sent here crosses the network in the clear, the token too; put TLS in front of it");
    }
    let stop = interrupt::asked()?;
    let store = Place::of(global)?.make()?;
    if let Some(warning) = store.exposure() {
        out.note(&warning);
    }
    let piped = args.paths.iter().any(|path| is_pipe(path));
    for path in args.paths.iter().filter(|path| !is_pipe(path) && !path.exists()) {
        out.note(&format!("{}: not there yet; waiting for it", path.display()));
    }
    super::context::give(&store, &args.paths, global)?.iter().for_each(|note| out.note(note));
    let knowledge = Parser::new(store.redaction_key(), None)
        .with_enricher(crate::engine::context::enricher(&store)?)
        .with_intel(crate::engine::context::intel(&store)?);
    let parser = load::Parser { knowledge: &knowledge, format };
    let folding = Folding::new(Settings::default(), &knowledge.context(), history::shards(), true);
    let mut live = Live::new(&store, store.writer()?, folding, &parser, &args.paths)?;
    let reader = folding::reader(&store)?;
    // What an earlier process stored but was killed before folding, or folded but was killed before sending.
    live.catch_up()?;
    send(&reader.unsent()?, &mut live, &reader, out)?;
    if piped {
        live.inlet().pipe("-", std::io::stdin())?;
    }
    let listener = match args.listen {
        Some(address) => Some(Listener::open(address, keys, Patience::default(), live.inlet().sender())?),
        None => None,
    };
    if let Some(listener) = &listener {
        out.note(&format!("listening on http://{}", listener.address()));
    }
    // A pipe ends; a file or a sender may always bring more.
    let only_pipe = listener.is_none() && args.paths.iter().all(|path| is_pipe(path));
    while !stop.load(Ordering::Relaxed) {
        let open = live.inlet().piping();
        let turn = live.turn(wall())?;
        for problem in &turn.problems {
            out.problem(problem);
        }
        if turn.rejected > 0 {
            out.note(&format!("{} records could not be read; driftline rejects lists them", turn.rejected));
        }
        send(&turn.changed, &mut live, &reader, out)?;
        if turn.is_idle() {
            if !open && (args.once || only_pipe) {
                return Ok(Exit::Done);
            }
            live.inlet().wait(LOOK);
        }
    }
    Ok(Exit::Interrupted)
}

fn is_pipe(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The keys of files, else of the environment; never of arguments, which every process can see.
fn keys(args: &WatchArgs, out: &Output) -> anyhow::Result<Keys> {
    if args.listen.is_none() {
        return Ok(Keys::default());
    }
    let token = key(args.token_file.as_deref(), "DRIFTLINE_LISTEN_TOKEN", out)?;
    let hmac = key(args.hmac_key_file.as_deref(), "DRIFTLINE_LISTEN_HMAC", out)?;
    Keys::new(token.as_deref(), hmac.as_deref())
        .or_else(|which| Usage::error(format!("the {which} has fewer than {KEY_BYTES} bytes and could be guessed; make a longer one")))
}

fn key(file: Option<&Path>, variable: &str, out: &Output) -> anyhow::Result<Option<String>> {
    let Some(path) = file else {
        return match std::env::var(variable) {
            Ok(key) if !key.is_empty() => Ok(Some(key)),
            Err(std::env::VarError::NotUnicode(_)) => Usage::error(format!("{variable} is not UTF-8")),
            _ => Ok(None),
        };
    };
    let read = || format!("{}: the key cannot be read", path.display());
    let meta = std::fs::metadata(path).with_context(read)?;
    if meta.len() > KEY_FILE {
        return Usage::error(format!("{}: too large for a key", path.display()));
    }
    if exposed(&meta) {
        out.note(&format!("{}: others can read this key; chmod 600 keeps it private", path.display()));
    }
    Ok(Some(std::fs::read_to_string(path).with_context(read)?))
}

#[cfg(unix)]
fn exposed(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn exposed(_: &std::fs::Metadata) -> bool {
    false
}

/// Prints those of `changed` that are alerts and marks them as sent.
fn send(changed: &[AlertId], live: &mut Live<'_>, reader: &Reader, out: &Output) -> anyhow::Result<()> {
    let mut sent: Vec<AlertId> = Vec::new();
    for id in changed {
        if let Some((alert, _)) = reader.alert(*id)?
            && alert.severity.is_alert()
        {
            out.object(&alert)?;
            sent.push(alert.id);
        }
    }
    if !sent.is_empty() {
        out.flush()?;
        live.writer().mark_sent(&sent)?;
    }
    Ok(())
}
