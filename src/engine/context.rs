//! What the store keeps of context, brought together for whoever works with it: the enricher with its imports, the
//! indicators, what identities were seen doing beside what was declared of them. It must not know files.

use super::folding::{self, identity_of, is_judged};
use crate::context::intel::{self, Content, Imported, Intel};
use crate::context::observed::Observed;
use crate::context::{Inventory, intel::hits};
use crate::enrich::{Enricher, Import};
use crate::model::identity::IdentityRef;
use crate::model::{Class, Timestamp};
use crate::store::{ContextSort, ContextVersion, NewContext, Reader, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// Knows addresses by the shipped data and by what was imported into a store.
pub fn enricher(store: &Store) -> Result<Enricher, StoreError> {
    let reader = store.reader()?;
    let mut imports = Vec::new();
    let mut versions = reader.contexts()?;
    // The order in which they came: of what several say the newest counts.
    versions.sort_by_key(|version| version.id);
    for version in versions.into_iter().filter(|version| version.sort == ContextSort::Addresses) {
        if let Content::Addresses(set) = content(&reader, &version)? {
            let ContextVersion { slot, origin, dated, rows, hash, .. } = version;
            imports.push(Import { name: slot, origin, date: dated, rows, hash, set });
        }
    }
    Ok(Enricher::builtin().with_imports(imports))
}

/// The shipped indicators and those imported into a store, arranged for comparing. One whose whole import expires carries
/// that end, so that a hit says by itself until when it holds.
pub fn intel(store: &Store) -> Result<Intel, StoreError> {
    let reader = store.reader()?;
    let mut sets = vec![("shipped".to_owned(), hits::shipped())];
    for version in reader.contexts()?.into_iter().filter(|version| version.sort == ContextSort::Indicators) {
        if let Content::Indicators(mut list) = content(&reader, &version)? {
            if let Some(end) = version.expires {
                for indicator in &mut list {
                    indicator.until = Some(indicator.until.map_or(end, |own| own.min(end)));
                }
            }
            sets.push((version.slot, list));
        }
    }
    Ok(Intel::of(&sets))
}

fn content(reader: &Reader, version: &ContextVersion) -> Result<Content, StoreError> {
    let body = reader.context_body(version.id)?.unwrap_or_default();
    intel::from_body(&body).ok_or_else(|| {
        StoreError::damaged(format!("import \"{}\" was kept by another version of driftline; import it again", version.slot))
    })
}

/// Puts an inventory in force: identities whose kind it changes are judged again from their first day at the next fold.
/// `None` where it is in force already.
pub fn give_inventory(store: &Store, inventory: &Inventory, origin: &str, now: Timestamp) -> Result<Option<ContextVersion>, StoreError> {
    let behind = folding::reader(store)?.kinds_changed_by(inventory)?;
    store.writer()?.put_inventory(inventory, origin, &behind, now)
}

/// Puts an import in force; `None` where it is already. `dated` serves where the file does not say of which day it is.
pub fn import(
    store: &Store,
    imported: &Imported,
    origin: &str,
    dated: &str,
    expires: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<ContextVersion>, StoreError> {
    let body = imported.body();
    let sort = match imported.content {
        Content::Addresses(_) => ContextSort::Addresses,
        Content::Indicators(_) => ContextSort::Indicators,
    };
    let dated = if imported.dated.is_empty() { dated } else { &imported.dated };
    let (hash, rows, slot) = (intel::hash(&body), imported.rows, imported.slot.as_str());
    store.writer()?.put_context(NewContext { sort, slot, hash: &hash, origin, dated, expires, rows, body: &body }, &BTreeSet::new(), now)
}

/// What identities were seen doing after `since` and not after `until`: of one (its id), or of every machine. By platform,
/// then id.
pub fn observed(
    reader: &mut Reader,
    one: Option<&str>,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<(IdentityRef, Observed)>, StoreError> {
    let mut wanted: BTreeMap<u32, (IdentityRef, Observed)> = BTreeMap::new();
    let mut whose: BTreeMap<u32, u32> = BTreeMap::new();
    for row in reader.principals()? {
        if one.is_some_and(|one| one != row.pid) {
            continue;
        }
        let identity = identity_of(reader, &row)?;
        if one.is_some() || (identity.class == Class::Machine && is_judged(identity.class)) {
            whose.extend(row.members().map(|member| (member, row.id)));
            wanted.insert(row.id, (identity, Observed::default()));
        }
    }
    let only: BTreeSet<u32> = whose.keys().copied().collect();
    for day in reader.days()?.into_iter().filter(|day| day.next().start() > since && day.start() <= until) {
        reader.observe(day, Some(&only), &mut |principal, event| {
            if let Some((_, seen)) = whose.get(&principal).and_then(|identity| wanted.get_mut(identity))
                && event.time > since
                && event.time <= until
            {
                seen.add(&event);
            }
        })?;
    }
    let mut out: Vec<(IdentityRef, Observed)> = wanted.into_values().collect();
    out.sort_by(|(a, _), (b, _)| (&a.platform, &a.id).cmp(&(&b.platform, &b.id)));
    Ok(out)
}
