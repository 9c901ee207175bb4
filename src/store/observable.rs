//! What the records of an identity never say: read from its last events, so that what cannot be judged is not called
//! normal. It must not know what a detector makes of it.

use super::error::StoreError;
use super::reader::{PrincipalRow, Reader};
use crate::model::observation::flag;
use crate::model::{Outcome, Timestamp};
use rusqlite::params;

/// Events that are looked at.
const EVENTS: i64 = 1_000;

/// What may be missing, in the order of the columns read, in the words an alert has for it.
const LINES: [&str; 8] = [
    "source: its records carry no address",
    "client: its records carry no user agent",
    "authentication: its records do not say how it signed in",
    "credential: its records name no credential",
    "data: its records name no kind of data",
    "rows: its records carry no counts of records",
    "bytes: its records carry no sizes",
    "outcome: its records do not say how a call ended",
];

const SAID: &str = "SELECT ip IS NOT NULL, agent IS NOT NULL, auth IS NOT NULL, credential IS NOT NULL, domain IS NOT NULL, \
     ifnull(rows, 0) > 0, ifnull(bytes, 0) > 0, outcome <> ?5 FROM ev
     WHERE day = ?1 AND principal = ?2 AND ts <= ?3 AND flags & ?4 = 0 ORDER BY ts DESC LIMIT ?6";

impl Reader {
    /// What none of the last 1,000 events of an identity up to `now` says, one line each; empty where it has no events.
    pub(super) fn not_observable(&self, identity: &PrincipalRow, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let mut said = [false; LINES.len()];
        let (mut left, mut edge) = (EVENTS, i64::from(now.day().0));
        let first = identity.first.map_or(i64::MAX, |first| i64::from(first.day().0));
        while left > 0 && edge >= first && said.contains(&false) {
            let day: Option<i64> =
                self.conn.prepare_cached("SELECT max(day) FROM ev WHERE day <= ?1")?.query_row([edge], |row| row.get(0))?;
            let Some(day) = day else { break };
            edge = day - 1;
            for principal in identity.members() {
                let mut statement = self.conn.prepare_cached(SAID)?;
                let mut rows = statement.query(params![day, principal, now.0, flag::CLOCK, Outcome::Unknown as u8, left.max(0)])?;
                while let Some(row) = rows.next()? {
                    left -= 1;
                    for (at, said) in said.iter_mut().enumerate() {
                        *said |= row.get::<_, bool>(at)?;
                    }
                }
            }
        }
        let seen = left < EVENTS;
        Ok(LINES.iter().zip(said).filter(|(_, said)| seen && !said).map(|(line, _)| (*line).to_owned()).collect())
    }
}
