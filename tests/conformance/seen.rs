//! What our formats read from a record. It must not know what is expected.

use driftline::enrich::address;
use driftline::format::{self, Refusal};
use driftline::model::{Event, KindEvidence, Outcome};
use std::net::IpAddr;

/// What became of a record.
pub enum Seen {
    /// No format recognises it.
    Unrecognised,
    /// A format took it and refused it.
    Refused { format: &'static str, reason: String, kind: Refused },
    /// Read, into one event or more.
    Read { format: &'static str, events: Vec<Reading> },
}

/// Sorts of refusal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No activity of an identity, or a header: rightly so.
    NotActivity,
    /// A field is missing.
    Missing,
    /// Anything else.
    Other,
}

/// The comparable part of an event.
#[derive(Clone)]
pub struct Reading {
    pub time: i64,
    pub action: String,
    pub outcome: Outcome,
    pub ip: Option<IpAddr>,
    pub source: Option<String>,
    pub agent: Option<String>,
    /// Principal id and name, credential, on whose behalf, session.
    pub actors: Vec<String>,
    /// Platform and id.
    pub principal: String,
    pub provider: bool,
    /// What another product found, not what the identity did.
    pub finding: bool,
}

/// Reads a record the way the program does: recognise, then read.
pub fn look(record: &str) -> Seen {
    let Some(found) = format::recognise(record) else { return Seen::Unrecognised };
    let mut events = Vec::new();
    match found.read(record, &mut |event| events.push(reading(&event))) {
        Ok(()) => Seen::Read { format: found.name(), events },
        Err(refusal) => {
            let kind = match &refusal {
                Refusal::NotActivity { .. } | Refusal::HeaderRow => Refused::NotActivity,
                Refusal::Missing { .. } => Refused::Missing,
                _ => Refused::Other,
            };
            Seen::Refused { format: found.name(), reason: refusal.to_string(), kind }
        }
    }
}

fn reading(event: &Event<'_>) -> Reading {
    let named = [
        Some(event.principal.id.to_string()),
        event.principal.name.as_ref().map(ToString::to_string),
        event.credential.as_ref().map(|credential| credential.id.to_string()),
        event.on_behalf_of.as_ref().map(ToString::to_string),
        event.session.as_ref().map(ToString::to_string),
    ];
    Reading {
        time: event.time.0,
        action: event.action.to_string(),
        outcome: event.outcome,
        ip: event.source.as_deref().and_then(address::parse),
        source: event.source.as_ref().map(ToString::to_string),
        agent: event.agent.as_ref().map(ToString::to_string),
        actors: named.into_iter().flatten().filter(|name| !name.is_empty()).collect(),
        principal: format!("{}:{}", event.principal.platform, event.principal.id),
        finding: event.finding,
        provider: event.principal.evidence.has(KindEvidence::PROVIDER_SERVICE),
    }
}
