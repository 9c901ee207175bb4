//! What the screen needs to know and what has been asked: one question a slot, the newest wins, late answers are left
//! aside. New events make answers old; they are asked for again at most twice a second. It must not know who answers.

use super::place::{Pane, Screen};
use super::says::Level;
use super::{App, Effect, Mode, arrange};
use crate::console::desk::{AlertFilter, Query, Reply, Slot};
use crate::model::time::{MINUTE, SECOND};
use crate::model::{Severity, Timestamp};

/// Identities in the list at most.
pub const IDENTITIES: usize = 5_000;
/// Alerts in the list at most.
pub const ALERTS: usize = 1_000;
/// Findings below them at most.
pub const FINDINGS: usize = 200;
/// Time between two askings of one question.
const PAUSE: i64 = SECOND / 2;

/// A question as it was put.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    query: Query,
    ticket: u64,
    generation: u64,
    at: Timestamp,
    waiting: bool,
}

impl App {
    /// Puts every question whose answer is missing or old.
    pub(super) fn request(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        for query in self.wants(now) {
            let slot = query.slot();
            let keyed = timeless(&query);
            if let Some(asked) = self.asked.get(&slot)
                && asked.query == keyed
            {
                let standing = self.frozen.is_some() && !matches!(slot, Slot::Totals | Slot::Alerts);
                let fresh = asked.generation == self.generation || slot == Slot::Raw || standing;
                if fresh || asked.waiting || now.since(asked.at) < PAUSE {
                    continue;
                }
            }
            self.ticket += 1;
            let asked = Asked { query: keyed, ticket: self.ticket, generation: self.generation, at: now, waiting: true };
            self.asked.insert(slot, asked);
            effects.push(Effect::Ask(self.ticket, query));
        }
    }

    /// Asks for everything again.
    pub(super) fn refresh(&mut self) {
        self.generation += 1;
    }

    /// Asks for everything again without waiting: somebody has just changed it and looks.
    pub(super) fn hurry(&mut self) {
        self.generation += 1;
        for asked in self.asked.values_mut() {
            asked.at = Timestamp(i64::MIN);
        }
    }

    /// A live picture grows old by time alone: 24-hour windows move on once a minute.
    pub(super) fn age(&mut self, now: Timestamp) {
        if self.mode(now) == Mode::Live && now.since(self.refreshed) >= MINUTE {
            self.refreshed = now;
            self.refresh();
        }
    }

    /// Whether an answer on screen is older than the data.
    pub(super) fn stale(&self) -> bool {
        self.asked.values().any(|asked| asked.generation != self.generation && asked.query.slot() != Slot::Raw)
    }

    /// Takes an answer, unless a newer question has been put in its slot.
    pub(super) fn take(&mut self, ticket: u64, reply: Reply, now: Timestamp, effects: &mut Vec<Effect>) {
        let slot = slot_of(&reply);
        if let Reply::Summary(_, answer) = reply {
            match answer {
                Ok(text) => self.copied(text, now, effects),
                Err(error) => self.says.say(Level::Error, error, now),
            }
            return;
        }
        let Some(asked) = self.asked.get_mut(&slot).filter(|asked| asked.ticket == ticket) else { return };
        asked.waiting = false;
        let query = asked.query.clone();
        self.data.errors.remove(&slot);
        let failed = self.put(query, reply);
        if let Some(error) = failed {
            // A filter in the middle of being typed is no error worth a toast: its title tells.
            let typing = matches!(slot, Slot::Identities | Slot::Alerts | Slot::Findings) && self.filtered(slot);
            if !typing {
                self.says.say(Level::Error, error.clone(), now);
            }
            self.data.errors.insert(slot, error);
        }
    }

    fn put(&mut self, query: Query, reply: Reply) -> Option<String> {
        let data = &mut self.data;
        match (query, reply) {
            (_, Reply::Totals(answer)) => answer.map(|totals| (data.totals, data.totals_known) = (totals, true)).err(),
            (_, Reply::Identities(answer)) => answer.map(|rows| (data.identities, data.identities_known) = (rows, true)).err(),
            (Query::Alerts(filter), Reply::Alerts(answer)) => answer.map(|rows| data.feed.take(filter, rows, self.frozen.is_some())).err(),
            // What is read from does not move: findings come and go with the feed they lie below.
            (Query::Findings(filter), Reply::Findings(answer)) => {
                let another = data.findings_filter.as_ref() != Some(&filter);
                let moves = another || self.frozen.is_none() && data.feed.following;
                data.findings_filter = Some(filter);
                answer
                    .map(|rows| {
                        if moves {
                            data.findings = rows;
                        }
                    })
                    .err()
            }
            (Query::Page { id, .. }, Reply::Page(answer)) => (*answer).map(|page| data.page = Some((id, page))).err(),
            (_, Reply::Alert(answer)) => (*answer).map(|card| data.card = Some(card)).err(),
            (_, Reply::Events(id, answer)) => answer.map(|events| data.events = Some((id, events))).err(),
            (Query::Raw(event), Reply::Raw(answer)) => {
                data.raw = Some((event.uid, answer));
                None
            }
            _ => None,
        }
    }

    fn filtered(&self, slot: Slot) -> bool {
        let pane = if slot == Slot::Identities { Pane::Identities } else { Pane::Feed };
        arrange::is_query(self.here.filter(pane))
    }

    fn wants(&self, now: Timestamp) -> Vec<Query> {
        let moment = self.moment(now);
        let mut wants = vec![Query::Totals { now: moment }];
        let language = |pane| {
            let filter = self.here.filter(pane);
            if arrange::is_query(filter) { filter.to_owned() } else { String::new() }
        };
        let filter = |limit| AlertFilter {
            text: language(Pane::Feed),
            least: Severity::Medium,
            open_only: !self.here.closed,
            identity: self.here.only.clone(),
            limit,
        };
        let alerts = || {
            let findings = self.here.findings.then(|| Query::Findings(filter(FINDINGS)));
            std::iter::once(Query::Alerts(filter(ALERTS))).chain(findings)
        };
        match &self.here.screen {
            Screen::Watch => {
                wants.push(Query::Identities { filter: language(Pane::Identities), now: moment, limit: IDENTITIES });
                wants.extend(alerts());
            }
            Screen::Alerts => wants.extend(alerts()),
            Screen::Identity(_) | Screen::Evidence(_) => {}
            Screen::Raw(event) => wants.push(Query::Raw(event.clone())),
        }
        if let Some(id) = self.page_here() {
            wants.push(Query::Page { id, now: moment });
        }
        if let Some(id) = self.card_here() {
            wants.extend([Query::Alert(id), Query::Events(id)]);
        }
        wants
    }
}

/// The same question whenever it is put.
fn timeless(query: &Query) -> Query {
    let mut same = query.clone();
    if let Query::Totals { now } | Query::Identities { now, .. } | Query::Page { now, .. } = &mut same {
        *now = Timestamp(0);
    }
    same
}

fn slot_of(reply: &Reply) -> Slot {
    match reply {
        Reply::Totals(_) => Slot::Totals,
        Reply::Identities(_) => Slot::Identities,
        Reply::Page(_) => Slot::Page,
        Reply::Alerts(_) => Slot::Alerts,
        Reply::Findings(_) => Slot::Findings,
        Reply::Alert(_) => Slot::Alert,
        Reply::Events(..) => Slot::Events,
        Reply::Raw(_) => Slot::Raw,
        Reply::Summary(..) => Slot::Summary,
    }
}
