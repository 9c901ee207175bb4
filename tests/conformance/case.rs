//! One record of the corpus with what is expected of it. It must not know where expectations come from.

use std::net::IpAddr;

/// One record and what others read from it.
pub struct Case {
    /// Top folder of the corpus.
    pub folder: String,
    /// File, with the place in it.
    pub place: String,
    /// The formats one of which must recognise it, the main one first; empty where any may, or none.
    pub formats: Vec<&'static str>,
    /// Nobody promises to read it: state tables, traffic, findings of the product itself.
    pub optional: bool,
    /// Made up to try a rule, with nothing but the fields the rule asks for: it may lack what an event cannot be without.
    pub scrap: bool,
    /// The record, one JSON object.
    pub record: String,
    /// What others read from it.
    pub expected: Expected,
}

/// How something ended, in the words all agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Well,
    Badly,
    Unsaid,
}

/// What others read from a record; nothing where they say nothing.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Milliseconds since 1970.
    pub time: Option<i64>,
    /// The time was written by hand: it counts only where the record holds it.
    pub by_hand: bool,
    /// Any of these names the operation.
    pub actions: Vec<String>,
    pub outcome: Option<Ended>,
    /// Any of these is the source; with `all_ips` the source is one of many addresses in the record.
    pub ips: Vec<IpAddr>,
    pub all_ips: bool,
    pub agent: Option<String>,
    /// The principal our own reader makes of the same record in its provider's form: `okta:00u1`.
    pub principal: Option<String>,
    /// Any of these names who acted.
    pub actors: Vec<String>,
}

impl Expected {
    /// Adds the name of an actor unless it says nobody.
    pub fn actor(&mut self, name: Option<String>) {
        let told =
            name.map(|name| name.trim().to_owned()).filter(|name| !matches!(name.as_str(), "" | "-" | "null" | "unknown" | "Unknown"));
        self.actors.extend(told.filter(|name| !self.actors.contains(name)));
    }
}
