//! From what a person types to an alert or an identity: ids, earlier ids, unambiguous beginnings, names and parts of them.
//! The rule: never guess; what could be several things is listed. It must not know what is done with it.

use super::alerts;
use crate::model::page::IdentityRow;
use crate::model::{AlertId, Severity, Timestamp};
use crate::query::nearest;
use crate::report::shown;
use crate::store::{AlertFilter, IdentityFilter, Reader};
use anyhow::bail;

/// Shortest beginning of an alert's id that names it.
const BEGINNING: usize = 4;
/// Candidates named in a message.
const NAMED: usize = 8;

/// What was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An alert or finding.
    Alert(AlertId),
    /// An identity, by its id.
    Identity(String),
}

/// Finds an alert or an identity.
pub fn anything(reader: &Reader, what: &str, now: Timestamp) -> anyhow::Result<Found> {
    let alerts = beginning_with(reader, what)?;
    let identities = called(reader, what, now)?;
    match (alerts.as_slice(), identities.as_slice()) {
        ([(id, _)], []) => Ok(Found::Alert(*id)),
        ([], [row]) => Ok(Found::Identity(row.identity.id.clone())),
        ([], []) => nothing(reader, what, now),
        _ => ambiguous(what, alerts.into_iter().map(|(_, name)| name).chain(identities.iter().map(name))),
    }
}

/// Finds an alert or finding.
pub fn alert(reader: &Reader, what: &str) -> anyhow::Result<AlertId> {
    let alerts = beginning_with(reader, what)?;
    match alerts.as_slice() {
        [(id, _)] => Ok(*id),
        [] => bail!("no alert \"{what}\"; `driftline alerts` lists them"),
        _ => ambiguous(what, alerts.into_iter().map(|(_, name)| name)),
    }
}

/// Finds an identity: its id.
pub fn identity(reader: &Reader, what: &str, now: Timestamp) -> anyhow::Result<String> {
    let identities = called(reader, what, now)?;
    match identities.as_slice() {
        [row] => Ok(row.identity.id.clone()),
        [] => match nothing(reader, what, now)? {
            Found::Identity(id) => Ok(id),
            Found::Alert(_) => bail!("no identity \"{what}\"; `driftline identities` lists them"),
        },
        _ => ambiguous(what, identities.iter().map(name)),
    }
}

/// Alerts whose id, or an earlier one, is or begins with `what`.
fn beginning_with(reader: &Reader, what: &str) -> anyhow::Result<Vec<(AlertId, String)>> {
    let what = what.to_ascii_lowercase();
    if !(BEGINNING..=16).contains(&what.len()) || !what.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(Vec::new());
    }
    if let Some(id) = AlertId::parse(&what) {
        return Ok(reader.alert(id)?.map(|(alert, _)| (alert.id, alerts::name(&alert))).into_iter().collect());
    }
    let filter = AlertFilter { include_superseded: true, min_severity: Severity::Info, limit: usize::MAX, ..AlertFilter::default() };
    let mut found = Vec::new();
    reader.visit_alerts(&filter, &mut |alert| {
        if std::iter::once(&alert.id).chain(&alert.aliases).any(|id| id.to_string().starts_with(&what)) {
            found.push((alert.id, alerts::name(&alert)));
        }
    })?;
    Ok(found)
}

/// Identities whose id or name is `what`; in any case only where none is it exactly; the one that contains it where none is.
fn called(reader: &Reader, what: &str, now: Timestamp) -> anyhow::Result<Vec<IdentityRow>> {
    let rows = like(reader, what, now)?;
    for same in [|a: &str, b: &str| a == b, |a: &str, b: &str| a.to_lowercase() == b.to_lowercase()] {
        let by_id: Vec<IdentityRow> = rows.iter().filter(|row| same(&row.identity.id, what)).cloned().collect();
        if !by_id.is_empty() {
            return Ok(by_id);
        }
        let by_name: Vec<IdentityRow> = rows.iter().filter(|row| same(&row.identity.name, what)).cloned().collect();
        if !by_name.is_empty() {
            return Ok(by_name);
        }
    }
    // Of a joined identity the list has the least id only.
    let mut also = Vec::new();
    for id in reader.known_as(what)? {
        also.extend(like(reader, &id, now)?.into_iter().find(|row| row.identity.id == id));
    }
    Ok(if !also.is_empty() || rows.len() != 1 { also } else { rows })
}

/// Identities whose id or name contains `what`.
fn like(reader: &Reader, what: &str, now: Timestamp) -> anyhow::Result<Vec<IdentityRow>> {
    Ok(reader.identities(now, &IdentityFilter { text: Some(what.to_owned()), limit: usize::MAX, ..IdentityFilter::default() })?)
}

fn nothing(reader: &Reader, what: &str, now: Timestamp) -> anyhow::Result<Found> {
    if reader.identity_page(what, now)?.is_some() {
        // All its events have an impossible clock, so no list has it.
        return Ok(Found::Identity(what.to_owned()));
    }
    let close = like(reader, what, now)?;
    if !close.is_empty() {
        bail!("no alert or identity \"{what}\"; is it {}?", several(close.iter().map(name)));
    }
    let all = reader.identities(now, &IdentityFilter { limit: 10_000, ..IdentityFilter::default() })?;
    match nearest(what, all.iter().map(|row| row.identity.name.as_str())) {
        Some(name) => bail!("no alert or identity \"{what}\"; nearest is \"{name}\""),
        None => bail!("no alert or identity \"{what}\"; `driftline identities` and `driftline alerts` list them"),
    }
}

fn ambiguous<T>(what: &str, names: impl Iterator<Item = String>) -> anyhow::Result<T> {
    bail!("\"{what}\" could be {}; say more of it", several(names))
}

fn several(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(" or ")
}

fn name(row: &IdentityRow) -> String {
    format!("{} ({} on {})", shown(&row.identity.id), shown(&row.identity.name), shown(&row.identity.platform))
}
