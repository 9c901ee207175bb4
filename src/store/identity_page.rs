//! Everything the panes of one identity show: its profile as stored, its last 24 hours measured from the events by the
//! definitions of `usual`, its last events and alerts. Bounded: at most 50 rows a pane. It must not judge.

use super::alert_list::AlertFilter;
use super::error::StoreError;
use super::events::EventFilter;
use super::reader::{PrincipalRow, Reader};
use super::usual::{Labels, Window};
use crate::model::observation::Names;
use crate::model::page::{IdentityPage, JobRow};
use crate::model::time::DAY;
use crate::model::{Severity, Sym, Timestamp};
use rusqlite::OptionalExtension;
use std::collections::BTreeSet;

/// Rows of a pane.
const ROWS: usize = 50;

impl Labels for Reader {
    fn action(&self, sym: Sym) -> (String, String) {
        let found = self.conn.prepare_cached("SELECT text, detail FROM term WHERE sym = ?1 AND kind = ?2").and_then(|mut statement| {
            statement
                .query_row((sym.0 as i64, crate::model::chunk::TermKind::Action as u8), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        });
        // A name is only for show: where it cannot be read the symbol stands in its place.
        found.ok().flatten().unwrap_or_else(|| (self.show(sym), String::new()))
    }

    fn plain(&self, sym: Sym) -> String {
        self.show(sym)
    }
}

impl Reader {
    /// The service of an operation's symbol, empty for any other symbol.
    pub(super) fn service_of(&self, sym: Sym) -> String {
        Labels::action(self, sym).1
    }

    /// The page of an identity (its id) at `now`; `None` for one that was never seen.
    pub fn identity_page(&self, identity: &str, now: Timestamp) -> Result<Option<IdentityPage>, StoreError> {
        let _moment = self.moment()?;
        let Some(principal) = self.principal_of(identity)? else { return Ok(None) };
        let usual = self.profile(principal.id)?;
        let since = now.plus(-DAY);
        let mut window = self.window(&principal, since, now)?;
        window.name(self);
        let mut events = Vec::new();
        let filter = EventFilter { identity: Some(identity.to_owned()), until: Some(now.plus(1)), limit: ROWS, ..EventFilter::default() };
        self.events(&filter, &mut |event| events.push(event))?;
        let filter =
            AlertFilter { identity: Some(identity.to_owned()), min_severity: Severity::Info, limit: ROWS, ..AlertFilter::default() };
        let cut = |mut rows: Vec<_>| {
            rows.truncate(ROWS);
            rows
        };
        Ok(Some(IdentityPage {
            row: Some(self.identity_row(&principal, now)?),
            now: window.view(&usual),
            sources: cut(window.sources(&usual, since)),
            agents: cut(window.agents(&usual, since)),
            actions: cut(window.actions(&usual, since)),
            domains: cut(window.domains(&usual, since)),
            jobs: window.jobs(self, ROWS),
            alerts: self.alerts(&filter)?,
            not_observable: self.not_observable(&principal, now)?,
            lineage: self.ties(&principal)?,
            events,
            usual,
        }))
    }

    /// Bulk jobs of an identity (its id) after `since` and not after `until`, newest first.
    pub fn jobs(&self, identity: &str, since: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<JobRow>, StoreError> {
        let _moment = self.moment()?;
        let Some(principal) = self.principal_of(identity)? else { return Ok(Vec::new()) };
        Ok(self.window(&principal, since, until)?.jobs(self, limit))
    }

    /// What an identity did after `since` and not after `until`.
    fn window(&self, identity: &PrincipalRow, since: Timestamp, until: Timestamp) -> Result<Window, StoreError> {
        let mut window = Window::default();
        let only: BTreeSet<u32> = identity.members().collect();
        for day in self.days()?.into_iter().filter(|day| (since.day()..=until.day()).contains(day)) {
            self.scan(day, Some(&only), &mut |_, event| {
                if event.time > since && event.time <= until {
                    window.add(&event);
                }
            })?;
        }
        Ok(window)
    }
}
