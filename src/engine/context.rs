//! What the store keeps of context, brought together for whoever works with it: the enricher with its imports, the
//! indicators, what identities were seen doing beside what was declared of them. It must not know files.

use super::folding::{self, identity_of, is_judged};
use crate::context::Changes;
use crate::context::intel::{self, Content, Imported, Intel};
use crate::context::observed::Observed;
use crate::context::{Inventory, intel::hits};
use crate::detect::Declared;
use crate::detect::declared::Version;
use crate::enrich::{Enricher, Import};
use crate::model::identity::IdentityRef;
use crate::model::{Class, Timestamp};
use crate::store::{ContextSort, ContextVersion, NewContext, Reader, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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

/// Every version of the inventory and of the announced changes, by the event time from which it acts.
#[derive(Clone, Debug, Default)]
pub struct Declarations {
    versions: Vec<(Timestamp, Option<Arc<Inventory>>, Arc<Changes>)>,
    /// The newest version there was when they were read.
    newest: i64,
}

impl Declarations {
    /// Reads them; keeps what `before` has where no version came since.
    pub fn read(reader: &Reader, before: &Self) -> Result<Self, StoreError> {
        let history = reader.context_history()?;
        let newest = history.iter().map(|version| version.id).max().unwrap_or(0);
        if newest == before.newest {
            return Ok(before.clone());
        }
        let mut told: Vec<ContextVersion> =
            history.into_iter().filter(|v| matches!(v.sort, ContextSort::Inventory | ContextSort::Changes)).collect();
        told.sort_by_key(|version| (version.watermark, version.id));
        let (mut inventory, mut changes) = (None, Arc::new(Changes::default()));
        let mut versions = Vec::new();
        for version in told {
            let body = String::from_utf8(reader.context_body(version.id)?.unwrap_or_default()).unwrap_or_default();
            let lost = || StoreError::damaged(format!("{} was kept by another version of driftline; give the file again", version.origin));
            if version.sort == ContextSort::Inventory {
                inventory = Some(Arc::new(Inventory::from_json(&body).ok_or_else(lost)?));
            } else {
                changes = Arc::new(Changes::from_json(&body).ok_or_else(lost)?);
            }
            let after = version.watermark.unwrap_or(Timestamp(i64::MIN));
            // Of several given at one time the last stands.
            versions.retain(|(at, _, _)| *at != after);
            versions.push((after, inventory.clone(), Arc::clone(&changes)));
        }
        Ok(Self { versions, newest })
    }

    /// What they say of one identity.
    pub fn of(&self, identity: &IdentityRef) -> Declared {
        let told = self.versions.iter().map(|(after, inventory, changes)| {
            let entry = inventory.as_ref().and_then(|known| known.find(&identity.platform, &identity.id, &identity.name));
            let mut about: Vec<_> = changes.about(identity, entry).into_iter().cloned().collect();
            about.sort_by_key(|change| (change.from, change.to));
            Version { after: *after, inventory: inventory.is_some(), entry: entry.cloned(), changes: about }
        });
        Declared::of(told.collect())
    }
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
