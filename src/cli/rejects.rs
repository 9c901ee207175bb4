//! `rejects`: the records that could not be read, newest first, with the reason; and trying them again. It must not know
//! why.

use super::args::{Global, RejectArgs};
use super::load::{How, format_named, judge};
use super::output::Output;
use super::table::{Column, Table};
use super::{Exit, Usage, clock, interrupt, place};
use crate::engine::context;
use crate::engine::load;
use crate::engine::parser::Parser;
use crate::engine::retry::{self, Retried};
use crate::model::Reject;
use crate::query::{Field, Fields, Filter, Value};
use crate::store::Store;
use serde::Serialize;
use std::borrow::Cow;
use std::sync::atomic::Ordering;

/// Fields of a reject; it has no time, identity or action, or it would not be one.
const FIELDS: [Field; 4] = [Field::Feed, Field::File, Field::Offset, Field::Reason];

const COLUMNS: [Column; 3] = [Column::flex("FILE", 20, 1), Column::fit("OFFSET", 12).right(), Column::flex("REASON", 24, 2)];

/// A line of `rejects --json`.
#[derive(Serialize)]
struct Line<'a> {
    feed: &'a str,
    offset: u64,
    reason: &'a str,
    sample: Cow<'a, str>,
}

/// A reject as a filter reads it.
struct Row<'a>(&'a Reject);

impl Fields for Row<'_> {
    fn field(&self, field: Field) -> Value<'_> {
        match field {
            Field::Feed | Field::File => Value::Text(Cow::Borrowed(&self.0.feed)),
            Field::Offset => Value::Number(self.0.offset as f64),
            Field::Reason => Value::Text(Cow::Borrowed(&self.0.reason)),
            _ => Value::Absent,
        }
    }
}

/// Runs `driftline rejects`.
pub fn run(args: &RejectArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let filter = filter(args.filter.as_deref().unwrap_or_default())?;
    let store: Store = place::look(global)?;
    if args.retry {
        return retry(&store, &filter, global, out);
    }
    let limit = args.limit.unwrap_or(usize::MAX);
    // Without a filter the store counts; rejects are capped there, so all of them fit.
    let rejects = store.reader()?.rejects(if filter.is_everything() { limit } else { usize::MAX })?;
    let mut table = Table::new(out, &COLUMNS);
    let mut listed = 0;
    for reject in rejects.iter().filter(|reject| filter.matches(&Row(reject))).take(limit) {
        listed += 1;
        if out.json {
            let sample = String::from_utf8_lossy(&reject.sample);
            out.object(&Line { feed: &reject.feed, offset: reject.offset, reason: &reject.reason, sample })?;
        } else {
            table.row(vec![reject.feed.as_str().into(), reject.offset.to_string().into(), reject.reason.as_str().into()])?;
        }
    }
    table.finish()?;
    if listed == 0 && !out.json {
        out.note(if filter.is_everything() { "nothing was rejected" } else { "no rejects match" });
    }
    Ok(Exit::Done)
}

/// Reads the rejects that `filter` selects again and judges what came of it.
fn retry(store: &Store, filter: &Filter, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let format = format_named(&global.format)?;
    let stop = interrupt::asked()?;
    let knowledge = Parser::new(store.redaction_key(), format).with_enricher(context::enricher(store)?).with_intel(context::intel(store)?);
    let parser = load::Parser { knowledge: &knowledge, format };
    let mut writer = store.writer()?;
    writer.set_context(&knowledge.context());
    let retried = retry::retry(store, &mut writer, &parser, &|reject| filter.matches(&Row(reject)), clock::wall(), &stop)?;
    if !stop.load(Ordering::Relaxed) {
        judge(store, &mut writer, &knowledge.context(), How { format, shards: 0, stop: &stop }, out)?;
    }
    if out.json {
        out.object(&retried)?;
    } else {
        let Retried { read, stored, duplicate, rejected, beyond } = retried;
        out.line(&format!("{read} records read again: {stored} new, {duplicate} known already, {rejected} still rejected"))?;
        if beyond > 0 {
            out.note(&format!(
                "{beyond} of them need their source again: they are not kept whole, or a secret was cut out and they have no id of their own"
            ));
        }
    }
    Ok(if stop.load(Ordering::Relaxed) { Exit::Interrupted } else { Exit::Done })
}

fn filter(text: &str) -> anyhow::Result<Filter> {
    let filter = Filter::parse(text, clock::wall()).map_err(|error| Usage(format!("--filter: {error}")))?;
    match filter.fields_used().into_iter().find(|field| !FIELDS.contains(field)) {
        Some(field) => {
            let names: Vec<&str> = FIELDS.iter().map(|field| field.name()).collect();
            Usage::error(format!("--filter: rejects have no field \"{}\"; they have {}", field.name(), names.join(", ")))
        }
        None => Ok(filter),
    }
}
