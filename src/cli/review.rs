//! `review`: one connector for one meeting. On a terminal the console opens on it; piped it is Markdown. It must not know
//! what is usual.

use super::args::{Global, ReviewArgs};
use super::output::Output;
use super::{Exit, Usage, clock, find, open, place, show};
use crate::engine::folding::reader;
use crate::model::Timestamp;
use crate::query::{Field, Filter};
use crate::report::review;
use anyhow::bail;

/// Runs `driftline review`.
pub fn run(args: &ReviewArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    since(args.since.as_deref(), clock::wall())?;
    let store = place::look(global)?;
    let reader = reader(&store)?;
    let now = clock::now(&reader)?;
    let since = since(args.since.as_deref(), now)?;
    let id = find::identity(&reader, &args.identity, now)?;
    let Some(mut page) = reader.identity_page(&id, now)? else { bail!("no identity \"{id}\"; `driftline identities` lists them") };
    if let Some(since) = since {
        page.alerts.retain(|alert| alert.updated >= since);
        page.events.retain(|event| event.time >= since);
        page.jobs.retain(|job| job.time >= since);
    }
    let declared = show::declared(&store, &page, now)?;
    if out.json {
        show::print_page(&page, &declared, now, out)?;
        return Ok(Exit::Done);
    }
    let markdown = review::write(&page, &declared, now);
    if out.terminal {
        return open::review(&store, &id, &markdown, global, out);
    }
    out.text(&markdown)?;
    Ok(Exit::Done)
}

fn since(text: Option<&str>, now: Timestamp) -> anyhow::Result<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    let filter = (!text.contains('"')).then(|| Filter::parse(&format!("{}:\"{text}\"", Field::Since.name()), now).ok()).flatten();
    match filter.and_then(|filter| filter.span().0) {
        Some(since) => Ok(Some(since)),
        None => Usage::error(format!("--since takes an age like 24h or a time like 2026-11-19T10:00Z, not \"{text}\"")),
    }
}
