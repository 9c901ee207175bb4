//! Formats as data: a TOML file says where the fields of an event stand, and that is a [`Format`] like any other. The
//! rule: all that can be wrong with a file is found when it is loaded, with file, line and key. It must not know any
//! provider; those are in `assets/formats`, and users write their own.

mod client;
mod compile;
mod condition;
mod embedded;
mod envelope;
mod error;
mod field;
mod glob;
mod path;
mod read;
mod rule;
mod section;
mod sql;
#[cfg(test)]
mod tests;
mod transform;

pub use error::MappingError;

pub(super) use embedded::embedded;

use super::{Card, Format, Refusal, Shape, tree};
use crate::model::Event;
use condition::Condition;
use envelope::Envelope;
use field::Field;
use rule::{ClassRule, CredentialRule, EvidenceRule, Finding, OutcomeRule, PrincipalRule, RefuseRule, Stages};
use serde_json::Value;

/// A format read from a mapping file.
#[derive(Clone, Debug)]
pub struct Mapping {
    name: &'static str,
    platform: &'static str,
    card: &'static Card,
    /// Alternatives, each of conditions that all hold.
    recognise: Vec<Vec<Condition>>,
    envelope: Envelope,
    absent: &'static [&'static str],
    time: Field,
    provider_id: Field,
    action: Field,
    service: Field,
    tenant: Field,
    account: Field,
    region: Field,
    source: Field,
    agent: Field,
    auth_method: Field,
    session: Field,
    session_issued: Field,
    mfa: Field,
    on_behalf_of: Field,
    resource: Field,
    domain: Field,
    target: Field,
    query: Field,
    job: Field,
    error: Field,
    rows: Field,
    bytes: Field,
    scopes: Field,
    tool: Field,
    tags: Vec<Field>,
    via_provider: Option<Vec<Condition>>,
    lets: Vec<Field>,
    principals: Vec<PrincipalRule>,
    evidence: Vec<EvidenceRule>,
    credentials: Vec<CredentialRule>,
    classes: Vec<ClassRule>,
    outcomes: Vec<OutcomeRule>,
    refusals: Vec<RefuseRule>,
    stages: Option<Stages>,
    finding: Option<Finding>,
}

impl Mapping {
    /// Reads a mapping file; `file` names it in errors. Its words live as long as the process: an event names its format
    /// by a `&'static str`, mappings are loaded once when the program starts, and there are few of them.
    ///
    /// # Errors
    /// The first thing that is wrong with it, in one line.
    pub fn parse(file: &str, text: &str) -> Result<Self, MappingError> {
        compile::compile(file, text)
    }

    /// Whether a value, taken out of its envelopes, is one of these records.
    fn knows(&self, value: &Value) -> bool {
        let reading = self.reading(value);
        self.recognise.iter().any(|conditions| condition::all(conditions, &reading))
    }

    /// What an event takes from where, for the format's page.
    fn told(&self) -> Vec<(&'static str, &'static str)> {
        let mut told: Vec<(&'static str, String)> = Vec::new();
        let mut tell = |what: &'static str, text: String| {
            if !text.is_empty() {
                told.push((what, text));
            }
        };
        let list = |texts: Vec<String>| {
            let mut texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
            let mut seen = std::collections::BTreeSet::new();
            texts.retain(|text| seen.insert(text.clone()));
            texts.join("; ")
        };
        tell("time", self.time.told());
        tell("id", self.provider_id.told());
        tell("identity", list(self.principals.iter().map(|rule| rule.id.told()).collect()));
        tell("name", list(self.principals.iter().map(|rule| rule.name.told()).collect()));
        let reasons = self.principals.iter().filter_map(|rule| rule.because).chain(self.evidence.iter().map(|rule| rule.because));
        tell("kind of identity", list(reasons.map(str::to_owned).collect()));
        tell("credential", list(self.credentials.iter().map(|rule| rule.id.told()).collect()));
        tell("signed in by", self.auth_method.told());
        tell("session", self.session.told());
        tell("second factor", self.mfa.told());
        tell("source", self.source.told());
        tell("client", self.agent.told());
        tell("operation", self.action.told());
        tell("service", self.service.told());
        tell("outcome", list(self.outcomes.iter().filter_map(|rule| rule.from.as_ref()).map(Field::told).collect()));
        tell("error", self.error.told());
        tell("tenant", self.tenant.told());
        tell("account, region", list(vec![self.account.told(), self.region.told()]));
        tell("on behalf of", self.on_behalf_of.told());
        tell("resource", self.resource.told());
        tell("kind of data", self.domain.told());
        tell("target identity", self.target.told());
        tell("query shape", self.query.told());
        tell("rows", self.rows.told());
        tell("bytes", self.bytes.told());
        tell("job", self.job.told());
        tell("scopes", self.scopes.told());
        tell("tool", self.tool.told());
        tell("finding", self.finding.as_ref().map(|finding| finding.tag.told()).unwrap_or_default());
        told.into_iter().map(|(what, text)| (what, keep(&text))).collect()
    }
}

impl Format for Mapping {
    fn name(&self) -> &'static str {
        self.name
    }

    fn card(&self) -> &'static Card {
        self.card
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        let has = |key: &str| {
            shape.has(key) || (self.envelope.flattened && shape.keys().any(|column| envelope::bare(column).eq_ignore_ascii_case(key)))
        };
        let possible = |conditions: &Vec<Condition>| conditions.iter().filter_map(Condition::heads).all(|heads| heads.into_iter().any(has));
        if !self.recognise.iter().any(possible) && !self.envelope.is_likely(|key| shape.has(key)) {
            return false;
        }
        let Ok(value) = tree::parse(shape.record()) else { return false };
        self.envelope.open(value, &|value| self.knows(value)).is_ok_and(|records| records.iter().any(|record| self.knows(record)))
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let value = tree::parse(record)?;
        let mut refused = None;
        let mut read = false;
        for value in self.envelope.open(value, &|value| self.knows(value))? {
            match self.event(&value) {
                Ok(event) => {
                    sink(event);
                    read = true;
                }
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        match refused {
            Some(refusal) if !read => Err(refusal),
            _ => Ok(()),
        }
    }
}

/// A text that lives as long as the process; see [`Mapping::parse`] for why.
fn keep(text: &str) -> &'static str {
    Box::leak(Box::from(text))
}
