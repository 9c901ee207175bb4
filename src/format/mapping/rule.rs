//! The rules of a mapping, each an answer with the conditions under which it holds; the first that holds answers. It must
//! not know any provider.

use super::super::{status, verb};
use super::condition::{self, Condition};
use super::field::Field;
use super::glob::Glob;
use super::path::Reading;
use crate::model::event::{Credential, JobStep};
use crate::model::{ActionClass, KindEvidence, Outcome, Probe};

/// Who acted.
#[derive(Clone, Debug)]
pub(super) struct PrincipalRule {
    pub(super) when: Vec<Condition>,
    pub(super) id: Field,
    pub(super) name: Field,
    pub(super) platform: Option<&'static str>,
    pub(super) evidence: KindEvidence,
    pub(super) because: Option<&'static str>,
}

/// What tells the kind of who acted.
#[derive(Clone, Debug)]
pub(super) struct EvidenceRule {
    pub(super) is: KindEvidence,
    pub(super) when: Vec<Condition>,
    pub(super) because: &'static str,
}

/// The credential used.
#[derive(Clone, Debug)]
pub(super) struct CredentialRule {
    pub(super) when: Vec<Condition>,
    pub(super) id: Field,
    pub(super) fixed: Option<&'static str>,
    pub(super) found: Option<Field>,
}

/// What an operation does.
#[derive(Clone, Debug)]
pub(super) struct ClassRule {
    pub(super) is: ActionClass,
    pub(super) action: Vec<Glob>,
    pub(super) service: Vec<Glob>,
    pub(super) when: Vec<Condition>,
    pub(super) probe: Option<Probe>,
    pub(super) job_step: Option<JobStep>,
}

/// How it ended.
#[derive(Clone, Debug)]
pub(super) struct OutcomeRule {
    pub(super) is: Option<Outcome>,
    pub(super) when: Vec<Condition>,
    pub(super) from: Option<Field>,
    pub(super) map: Vec<(Glob, Outcome)>,
}

/// What is no activity.
#[derive(Clone, Debug)]
pub(super) struct RefuseRule {
    pub(super) when: Vec<Condition>,
    pub(super) what: &'static str,
}

/// One call told in several records, of which one is read.
#[derive(Clone, Debug)]
pub(super) struct Stages {
    pub(super) of: Field,
    pub(super) keep: Vec<Glob>,
    pub(super) what: &'static str,
}

/// A record that is another product's finding.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) when: Vec<Condition>,
    pub(super) tag: Field,
}

impl CredentialRule {
    pub(super) fn get<'a>(&self, reading: &Reading<'a>) -> Option<Credential<'a>> {
        if !condition::all(&self.when, reading) {
            return None;
        }
        let kind = match (&self.fixed, &self.found) {
            (Some(kind), _) => kind,
            (None, Some(found)) => {
                let word = found.get(reading)?;
                super::compile::CREDENTIALS.iter().find(|kind| **kind == word)?
            }
            (None, None) => return None,
        };
        Some(Credential { id: self.id.get(reading)?, kind })
    }
}

impl Stages {
    /// Why a record is not the one that is read, if it is not.
    pub(super) fn refuse(&self, reading: &Reading<'_>) -> Option<&'static str> {
        let stage = self.of.get(reading)?;
        (!self.keep.iter().any(|glob| glob.matches(&stage))).then_some(self.what)
    }
}

/// What an operation does, with the reconnaissance it amounts to and its step in a job.
pub(super) fn class(
    rules: &[ClassRule],
    reading: &Reading<'_>,
    action: &str,
    service: Option<&str>,
) -> (ActionClass, Option<Probe>, Option<JobStep>) {
    let any = |globs: &[Glob], text: Option<&str>| globs.is_empty() || text.is_some_and(|text| globs.iter().any(|glob| glob.matches(text)));
    let holds = |rule: &&ClassRule| any(&rule.action, Some(action)) && any(&rule.service, service) && condition::all(&rule.when, reading);
    match rules.iter().find(holds) {
        Some(rule) => (rule.is, rule.probe, rule.job_step),
        None => (verb::classify(action), None, None),
    }
}

/// How it ended; unknown where no rule answers.
pub(super) fn outcome(rules: &[OutcomeRule], reading: &Reading<'_>) -> Outcome {
    let answer = |rule: &OutcomeRule| {
        if !condition::all(&rule.when, reading) {
            return None;
        }
        if let Some(is) = rule.is {
            return Some(is);
        }
        let text = rule.from.as_ref()?.get(reading)?;
        rule.map.iter().find(|(glob, _)| glob.matches(&text)).map(|(_, outcome)| *outcome).or_else(|| status::any(&text))
    };
    rules.iter().find_map(answer).unwrap_or(Outcome::Unknown)
}
