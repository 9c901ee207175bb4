//! From a record to an event, by the rules of a mapping. What is not there stays absent. It must not know any provider.

use super::super::tree::Node;
use super::super::{Refusal, cell, machine, moment};
use super::path::Reading;
use super::{Mapping, client, condition, rule, sql};
use crate::model::event::Text;
use crate::model::{ActionClass, Event, KindEvidence, Principal, Timestamp};
use serde_json::Value;
use std::borrow::Cow;

const A_TIME: &str = "a time such as 2026-11-19T10:00:00Z or a count since 1970";
/// Longest tag, in characters: it is shown on one line.
const TAG: usize = 300;

impl Mapping {
    /// A record of which nothing has been found yet but what `[let]` names.
    pub(super) fn reading<'a>(&self, value: &'a Value) -> Reading<'a> {
        let known = Vec::with_capacity(self.lets.len() + super::compile::FOUND.len());
        let mut reading = Reading { root: Node::of(value), flattened: self.envelope.flattened, absent: self.absent, known };
        for field in &self.lets {
            let found = field.get(&reading);
            reading.known.push(found);
        }
        reading
    }

    /// Reads one record, taken out of its envelopes.
    pub(super) fn event<'a>(&self, value: &'a Value) -> Result<Event<'a>, Refusal> {
        let mut reading = self.reading(value);
        // In the order of `compile::FOUND`, so that rules can ask for them.
        for field in [&self.action, &self.service, &self.agent, &self.source] {
            let found = field.get(&reading);
            reading.known.push(found);
        }
        if let Some(rule) = self.refusals.iter().find(|rule| condition::all(&rule.when, &reading)) {
            return Err(Refusal::NotActivity { what: rule.what });
        }
        if let Some(what) = self.stages.as_ref().and_then(|stages| stages.refuse(&reading)) {
            return Err(Refusal::NotActivity { what });
        }
        let found = |n: usize| reading.known.get(self.lets.len() + n).cloned().flatten();
        let (action, service, agent, source) = (found(0), found(1), found(2), found(3));
        let time = self.time(&reading)?;
        let action = action.ok_or(Refusal::Missing { field: self.action.first_path(), expected: "the name of an operation" })?;
        let principal = self.principal(&mut reading, agent.as_deref())?;
        let outcome = rule::outcome(&self.outcomes, &reading);
        reading.known.push(Some(Cow::Borrowed(outcome.as_str())));
        let (class, probe, job_step) = rule::class(&self.classes, &reading, &action, service.as_deref());
        let mut event = Event::new(self.name, time, principal, action, class);
        (event.service, event.agent, event.source, event.outcome, event.probe) = (service, agent, source, outcome, probe);
        event.provider_id = self.provider_id.get(&reading);
        event.credential = self.credentials.iter().find_map(|rule| rule.get(&reading));
        event.session = self.session.get(&reading);
        event.session_issued = self.session_issued.each(&reading).find_map(|text| moment::parse(&text));
        event.mfa = self.mfa.get(&reading).and_then(|text| cell::flag(&text));
        event.on_behalf_of = self.on_behalf_of.get(&reading);
        event.tenant = self.tenant.get(&reading);
        event.cloud_account = self.account.get(&reading);
        event.region = self.region.get(&reading);
        event.auth_method = self.auth_method.get(&reading).map(lower);
        event.resource = self.resource.get(&reading);
        event.domain = self.domain.get(&reading);
        event.target = self.target.get(&reading);
        event.job = self.job.get(&reading);
        event.job_step = job_step.filter(|_| event.job.is_some());
        event.error = self.error.get(&reading);
        event.rows = self.rows.count(&reading);
        event.bytes = self.bytes.count(&reading);
        event.scopes = self.scopes.get(&reading);
        event.tool = self.tool.get(&reading);
        event.via_provider = self.via_provider.as_ref().is_some_and(|conditions| condition::all(conditions, &reading));
        if let Some(shape) = self.query.get(&reading).and_then(|text| sql::shape(&text)) {
            event.query_shape = Some(Cow::Owned(shape.text));
            event.domain = event.domain.or(shape.table.map(Cow::Owned));
        }
        let mut tags: Vec<String> = self.tags.iter().filter_map(|tag| tag.get(&reading)).map(|tag| one_line(&tag)).collect();
        if let Some(finding) = self.finding.as_ref().filter(|finding| condition::all(&finding.when, &reading)) {
            event.finding = true;
            event.class = ActionClass::Logging;
            tags.extend(finding.tag.get(&reading).map(|tag| one_line(&tag)));
        }
        event.tags = (!tags.is_empty()).then(|| Cow::Owned(tags.join("\n")));
        Ok(event)
    }

    fn time(&self, reading: &Reading<'_>) -> Result<Timestamp, Refusal> {
        let mut odd = None;
        for text in self.time.each(reading) {
            match moment::parse(&text) {
                Some(at) => return Ok(at),
                None => odd = odd.or(Some(text)),
            }
        }
        let field = self.time.first_path();
        Err(odd.map_or(Refusal::Missing { field, expected: A_TIME }, |text| Refusal::malformed(field, &text, A_TIME)))
    }

    /// Who acted, by the first rule that holds and finds an id. Id and name become known to later rules.
    fn principal<'a>(&self, reading: &mut Reading<'a>, agent: Option<&str>) -> Result<Principal<'a>, Refusal> {
        let chosen = self.principals.iter().find_map(|rule| {
            let id = condition::all(&rule.when, reading).then(|| rule.id.get(reading)).flatten()?;
            Some((rule, id))
        });
        let Some((rule, id)) = chosen else {
            let field = self.principals.first().map_or("a name", |rule| rule.id.first_path());
            return Err(Refusal::Missing { field, expected: "the name or id of who acted" });
        };
        let name = rule.name.get(reading);
        reading.known.push(Some(id.clone()));
        reading.known.push(name.clone());
        let told = self.evidence.iter().filter(|rule| condition::all(&rule.when, reading));
        let mut evidence = told.fold(rule.evidence, |all, rule| all.with(rule.is));
        evidence = evidence.with(agent.map_or(KindEvidence::NONE, client::evidence));
        if !evidence.has(KindEvidence::PERSON) && machine::named(name.as_deref().unwrap_or(&id)) {
            evidence = evidence.with(KindEvidence::MACHINE_NAME);
        }
        Ok(Principal { platform: rule.platform.unwrap_or(self.platform), id, name, evidence })
    }
}

fn lower(text: Text<'_>) -> Text<'_> {
    if text.chars().any(char::is_uppercase) { Cow::Owned(text.to_lowercase()) } else { text }
}

/// Tags are separated by line ends, so none may have one.
fn one_line(tag: &str) -> String {
    tag.chars().take(TAG).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
