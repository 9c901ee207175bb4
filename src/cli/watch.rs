//! `watch`: following feeds without a screen; one line of JSON for every alert as it is raised or changes, those that stand
//! open and were never sent first. The rule: an alert is marked as sent after its line was written, so that a kill between
//! the two sends it again and never swallows it. It must not know how feeds are read or judged.

use super::Exit;
use super::args::{Global, WatchArgs};
use super::clock::wall;
use super::interrupt;
use super::load::format_named;
use super::output::Output;
use super::place::Place;
use crate::detect::Settings;
use crate::engine::folding::{self, Folding};
use crate::engine::live::Live;
use crate::engine::parser::Parser;
use crate::engine::{history, load};
use crate::model::AlertId;
use crate::store::Reader;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often feeds are looked at when nothing is new.
const LOOK: Duration = Duration::from_millis(150);

/// Runs `driftline watch`.
pub fn run(args: &WatchArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let format = format_named(&global.format)?;
    let stop = interrupt::asked()?;
    let store = Place::of(global)?.make()?;
    if let Some(warning) = store.exposure() {
        out.note(&warning);
    }
    for path in args.paths.iter().filter(|path| !path.exists()) {
        out.note(&format!("{}: not there yet; waiting for it", path.display()));
    }
    super::context::give(&store, &args.paths, global)?.iter().for_each(|note| out.note(note));
    let knowledge = Parser::new(store.redaction_key(), None).with_enricher(crate::engine::context::enricher(&store)?);
    let parser = load::Parser { knowledge: &knowledge, format };
    let folding = Folding::new(Settings::default(), &knowledge.context(), history::shards(), true);
    let mut live = Live::new(&store, store.writer()?, folding, &parser, &args.paths)?;
    let reader = folding::reader(&store)?;
    // What an earlier process stored but was killed before folding, or folded but was killed before sending.
    live.catch_up()?;
    send(&reader.unsent()?, &mut live, &reader, out)?;
    while !stop.load(Ordering::Relaxed) {
        let turn = live.turn(wall())?;
        for problem in &turn.problems {
            out.problem(problem);
        }
        if turn.rejected > 0 {
            out.note(&format!("{} records could not be read; driftline rejects lists them", turn.rejected));
        }
        send(&turn.changed, &mut live, &reader, out)?;
        if turn.is_idle() {
            if args.once {
                return Ok(Exit::Done);
            }
            std::thread::sleep(LOOK);
        }
    }
    Ok(Exit::Interrupted)
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
