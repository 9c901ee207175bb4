//! The list of identities, from roll-ups only: what each did in the last 24 hours, what is open about it. An identity all
//! of whose events have an impossible clock is not listed, because nothing can be said about when it acted. It must not
//! touch the events, nor know how kinds are told.

use super::blob::unpack_hours;
use super::directory::Listed;
use super::error::StoreError;
use super::reader::{PrincipalRow, Reader};
use crate::model::identity::IdentityRef;
use crate::model::page::IdentityRow;
use crate::model::{Class, Day, Severity, Status, Timestamp};
use foldhash::{HashMap, HashMapExt};
use rusqlite::{OptionalExtension, Row, params};
use std::cmp::Reverse;

/// How the list is ordered; ties by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdentityOrder {
    /// Highest risk first, then most open alerts, then most recently seen.
    #[default]
    Risk,
    /// By name.
    Name,
    /// Most recently seen first.
    LastSeen,
    /// Most events first.
    Events,
}

/// Which identities to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityFilter {
    /// Part of the id or name, in any case.
    pub text: Option<String>,
    /// Only of this system.
    pub platform: Option<String>,
    /// Only of this class.
    pub class: Option<Class>,
    /// Order.
    pub order: IdentityOrder,
    /// Leave out the first so many.
    pub offset: usize,
    /// At most so many.
    pub limit: usize,
}

impl Default for IdentityFilter {
    fn default() -> Self {
        Self { text: None, platform: None, class: None, order: IdentityOrder::Risk, offset: 0, limit: 500 }
    }
}

/// What is open about an identity.
#[derive(Clone, Copy, Default)]
struct Open {
    risk: u8,
    alerts: u32,
    worst: Option<Severity>,
}

/// Open means: not superseded, not closed, not hidden now. All columns are in the index.
const OPEN: &str = "SELECT identity, max(risk), sum(severity >= ?2), max(severity) FROM alert
     WHERE superseded IS NULL AND status <> ?3 AND (snoozed IS NULL OR snoozed <= ?1) GROUP BY identity";
const OPEN_OF: &str = "SELECT identity, max(risk), sum(severity >= ?2), max(severity) FROM alert
     WHERE identity = ?4 AND superseded IS NULL AND status <> ?3 AND (snoozed IS NULL OR snoozed <= ?1) GROUP BY identity";

fn open(row: &Row<'_>) -> rusqlite::Result<(String, Open)> {
    let alerts: u32 = row.get(2)?;
    let worst = if alerts > 0 { Severity::from_code(row.get(3)?) } else { None };
    Ok((row.get(0)?, Open { risk: row.get(1)?, alerts, worst }))
}

impl Reader {
    /// Identities, as they stand at `now`.
    pub fn identities(&self, now: Timestamp, filter: &IdentityFilter) -> Result<Vec<IdentityRow>, StoreError> {
        let tx = self.moment()?;
        let mut about: HashMap<String, Open> = HashMap::new();
        let mut statement = tx.prepare_cached(OPEN)?;
        for row in statement.query_map(params![now.0, Severity::Medium as u8, Status::Closed as u8], open)? {
            let (identity, open) = row?;
            about.insert(identity, open);
        }
        let wanted = filter.text.as_ref().map(|text| text.to_lowercase());
        let directory = self.directory()?;
        let mut found: Vec<(&Listed, Open)> = Vec::new();
        for listed in directory.iter().filter(|listed| listed.row.first.is_some()) {
            if filter.platform.as_ref().is_some_and(|platform| *platform != listed.row.platform)
                || filter.class.is_some_and(|wanted| wanted != listed.kind.1)
                || wanted
                    .as_ref()
                    .is_some_and(|text| !listed.name.to_lowercase().contains(text) && !listed.row.pid.to_lowercase().contains(text))
            {
                continue;
            }
            found.push((listed, about.get(&listed.row.pid).copied().unwrap_or_default()));
        }
        found.sort_unstable_by(|(a, open_a), (b, open_b)| {
            match filter.order {
                IdentityOrder::Risk => {
                    let rank = |listed: &Listed, open: &Open| Reverse((open.risk, open.alerts, listed.row.last));
                    rank(a, open_a).cmp(&rank(b, open_b))
                }
                IdentityOrder::Name => a.name.cmp(&b.name),
                IdentityOrder::LastSeen => b.row.last.cmp(&a.row.last),
                IdentityOrder::Events => b.row.events.cmp(&a.row.events),
            }
            .then_with(|| (&a.row.pid, &a.row.platform).cmp(&(&b.row.pid, &b.row.platform)))
        });
        let mut rows = Vec::new();
        for (listed, open) in found.into_iter().skip(filter.offset).take(filter.limit) {
            let mut row = identity_row(listed, open);
            self.add_activity(&mut row, &listed.row, now)?;
            rows.push(row);
        }
        Ok(rows)
    }

    /// One identity as the list shows it.
    pub(super) fn identity_row(&self, principal: &PrincipalRow, now: Timestamp) -> Result<IdentityRow, StoreError> {
        let open = self
            .conn
            .prepare_cached(OPEN_OF)?
            .query_row(params![now.0, Severity::Medium as u8, Status::Closed as u8, principal.pid], open)
            .optional()?
            .map_or_else(Open::default, |(_, open)| open);
        let mut row = identity_row(&self.listed(principal.clone())?, open);
        self.add_activity(&mut row, principal, now)?;
        Ok(row)
    }

    fn add_activity(&self, row: &mut IdentityRow, identity: &PrincipalRow, now: Timestamp) -> Result<(), StoreError> {
        let mut hours = [0u32; 48];
        let today = now.day();
        let days = [(Day(today.0 - 1), 0), (today, 24)];
        for (principal, (day, at)) in identity.members().flat_map(|principal| days.map(|day| (principal, day))) {
            let blob: Option<Vec<u8>> = self
                .conn
                .prepare_cached("SELECT hours FROM rday WHERE day = ?1 AND principal = ?2")?
                .query_row(params![day.0, principal], |row| row.get(0))
                .optional()?;
            if let Some(blob) = blob {
                let counts = unpack_hours(&blob).ok_or_else(|| StoreError::damaged(format!("hours of principal {principal}, {day}")))?;
                for (sum, count) in hours[at..at + 24].iter_mut().zip(counts) {
                    *sum += count;
                }
            }
        }
        let last = 24 + usize::from(now.hour());
        row.activity = hours[last - 23..=last].to_vec();
        row.usual_day = self
            .conn
            .prepare_cached("SELECT usual_events FROM profile WHERE identity = ?1")?
            .query_row([identity.id], |row| row.get(0))
            .optional()?
            .unwrap_or(0.0);
        Ok(())
    }
}

fn identity_row(listed: &Listed, open: Open) -> IdentityRow {
    let principal = &listed.row;
    let (kind, class, reason) = listed.kind.clone();
    IdentityRow {
        identity: IdentityRef {
            id: principal.pid.clone(),
            name: listed.name.clone(),
            kind,
            class,
            platform: principal.platform.clone(),
            tenant: Some(principal.tenant.clone()).filter(|tenant| !tenant.is_empty()),
            owner: listed.owner.clone(),
        },
        third_party: listed.third_party,
        reason,
        first_seen: principal.first.unwrap_or_default(),
        last_seen: principal.last.unwrap_or_default(),
        active_days: principal.active_days,
        events: principal.events,
        credentials: principal.credentials,
        risk: open.risk,
        open_alerts: open.alerts,
        worst: open.worst,
        activity: Vec::new(),
        usual_day: 0.0,
    }
}
