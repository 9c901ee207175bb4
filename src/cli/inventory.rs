//! `inventory`: checks a file of declarations, or drafts one from what was seen. It must not know what is declared.

use super::args::{Global, InventoryArgs, InventoryCommand};
use super::context::{Refused, text};
use super::output::Output;
use super::place::{self, Place};
use super::{Exit, Usage, clock};
use crate::context::{Changes, Inventory, Problems, draft};
use crate::engine::context::observed;
use crate::engine::folding::reader;
use crate::model::Timestamp;
use crate::report::shown;
use crate::store::IdentityFilter;
use anyhow::{Context as _, bail};
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Entries named that match nothing in the store.
const NAMED: usize = 8;

/// Runs `driftline inventory`.
pub fn run(args: &InventoryArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    match &args.command {
        InventoryCommand::Check { file } => check(file, global, out),
        InventoryCommand::Draft { file } => write_draft(file.as_deref(), global, out),
    }
}

fn check(file: &Path, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let store = match Place::of(global)?.file() {
        Some(path) if path.exists() => Some(place::look(global)?),
        _ => None,
    };
    let reader = store.as_ref().map(reader).transpose()?;
    let platforms = reader.as_ref().map(crate::store::Reader::platforms).transpose()?.unwrap_or_default();
    let (text, name) = (text(file)?, file.display().to_string());
    // One command for both files: what stands in it says which it is.
    let is_changes = file.file_name().is_some_and(|name| name.to_string_lossy().contains("change"))
        || (text.contains("[[change]]") && !text.contains("[[identity]]"));
    if is_changes {
        return match Changes::parse(&name, &text, &platforms) {
            Ok(changes) => good(&name, changes.list().len(), "changes", &changes.hash(), out),
            Err(problems) => bad(problems, out),
        };
    }
    let inventory = match Inventory::parse(&name, &text, &platforms) {
        Ok(inventory) => inventory,
        Err(problems) => return bad(problems, out),
    };
    if let Some(reader) = reader {
        let rows = reader.principals()?;
        let mut found = Vec::new();
        for row in &rows {
            let name = row.shown_name();
            found.extend(inventory.find(&row.platform, &row.pid, &name));
            found.extend(row.joined.iter().filter_map(|member| inventory.with_id(&member.platform, &member.pid)));
        }
        let unseen: Vec<&str> = inventory
            .entries()
            .iter()
            .filter(|entry| !found.iter().any(|found| std::ptr::eq(*found, *entry)))
            .filter_map(|entry| entry.one_of().next().map(|(_, id)| id).or(entry.name.as_deref()))
            .collect();
        if !rows.is_empty() && !unseen.is_empty() {
            let more = if unseen.len() > NAMED { format!(" and {} more", unseen.len() - NAMED) } else { String::new() };
            let named: Vec<String> = unseen.iter().take(NAMED).map(|id| shown(id)).collect();
            out.note(&format!("not seen in the store so far: {}{more}", named.join(", ")));
        }
    }
    good(&name, inventory.entries().len(), "identities", &inventory.hash(), out)
}

fn good(name: &str, count: usize, what: &str, hash: &str, out: &Output) -> anyhow::Result<Exit> {
    if out.json {
        out.object(&serde_json::json!({"file": name, "entries": count, "hash": hash, "problems": []}))?;
    } else {
        out.line(&format!("{}: {count} {what}, all is well", shown(name)))?;
    }
    Ok(Exit::Done)
}

fn bad(problems: Problems, out: &Output) -> anyhow::Result<Exit> {
    if out.json {
        let list: Vec<_> = problems.list.iter().map(|p| serde_json::json!({"line": p.line, "problem": p.text})).collect();
        out.object(&serde_json::json!({"file": problems.file, "problems": list}))?;
    }
    Err(Refused(vec![problems]).into())
}

fn write_draft(file: Option<&Path>, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let file = file.filter(|file| file.as_os_str() != "-");
    if let Some(file) = file.filter(|file| file.exists()) {
        return Usage::error(format!("{} is there already; name a new file, or - for standard output", file.display()));
    }
    let store = place::look(global)?;
    let mut reader = reader(&store)?;
    let known = reader.inventory()?;
    let seen = observed(&mut reader, None, Timestamp(i64::MIN), Timestamp(i64::MAX))?;
    let left: Vec<_> = seen.into_iter().filter(|(id, _)| known.find(&id.platform, &id.id, &id.name).is_none()).collect();
    if left.is_empty() {
        bail!("every machine identity seen is in the inventory already; nothing to draft");
    }
    let open = reader.identities(clock::now(&reader)?, &IdentityFilter { limit: usize::MAX, ..IdentityFilter::default() })?;
    let suspect: BTreeSet<(String, String)> =
        open.into_iter().filter(|row| row.open_alerts > 0).map(|row| (row.identity.platform, row.identity.id)).collect();
    let drafted = draft::write(&left, &reader, &known, &suspect);
    match file {
        None => out.text(&drafted)?,
        Some(file) => {
            let made = OpenOptions::new().write(true).create_new(true).open(file);
            made.and_then(|mut made| made.write_all(drafted.as_bytes()))
                .with_context(|| format!("{} cannot be written", file.display()))?;
            out.note(&format!("{}: {} identities drafted; fill in owner and purpose", file.display(), left.len()));
        }
    }
    Ok(Exit::Done)
}
