//! Differences that are no errors of ours, each one a written rule with its reason. Vocabulary: two names of the same
//! thing, without limit. Excuses: expectations that are wrong, or made from something other than the record; an excuse may
//! cover at most one pair in a hundred of its format (two where there are few), which `table` checks.

use super::compare::{Field, letters};
use super::seen::Reading;

/// Format, field, whether the two are the same; the reason stands beside.
type Words = (&'static str, Field, fn(&str, &str, &Reading) -> bool);

const VOCABULARY: &[Words] = &[
    // An EventLogFile type or real-time event is an attempt in the other vocabulary: `login-attempt` is `Login` or `LoginEvent`.
    ("salesforce", Field::Action, |theirs, ours, _| {
        let theirs = letters(theirs).replace("attempt", "");
        let ours = letters(ours).replace("eventstream", "").replace("event", "");
        ours.starts_with(&theirs) || theirs.starts_with(&ours)
    }),
    // The same words in another order: `apex-external-custom-callout` is `ExternalCustomApexCallout`.
    ("salesforce", Field::Action, |theirs, ours, _| {
        let mut rest = letters(ours);
        theirs.split('-').all(|word| rest.find(word).is_some_and(|at| rest.drain(at..at + word.len()).count() > 0)) && rest.is_empty()
    }),
    // Ids of Salesforce have a form of 15 characters and one of 18, which ends in a checksum of letter case.
    ("salesforce", Field::Actor, |theirs, ours, _| {
        let short = |list: &str| list.split(" | ").filter_map(|id| id.get(..15).map(str::to_owned)).collect::<Vec<_>>();
        short(ours).iter().any(|id| short(theirs).contains(id))
    }),
    // A session is its role's and has a name: `…:assumed-role/ROLE/SESSION` names both. A service is itself with `svc:` before it.
    ("aws_s3access", Field::Actor, |theirs, ours, _| {
        let ours: Vec<&str> = ours.split(" | ").collect();
        let session = theirs.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/'));
        session.is_some_and(|(role, session)| ours.contains(&role) && ours.contains(&session))
            || theirs.strip_prefix("svc:").is_some_and(|service| ours.contains(&service))
    }),
    // Okta writes `unknown` where it has nothing; for us that is nothing.
    ("okta", Field::Agent, |theirs, ours, _| theirs == "unknown" && ours.is_empty()),
];

/// A wrong expectation: part of the place, format, field, and a part of what is expected.
struct Excuse {
    place: &'static str,
    format: &'static str,
    field: Field,
    expected: &'static str,
    reason: &'static str,
}

const EXCUSED: &[Excuse] = &[
    Excuse {
        place: "test-apex.log#3",
        format: "salesforce_elf",
        field: Field::Outcome,
        expected: "Well",
        reason: "the row carries an exception; its STATUS of 1 is read as success by the other side only",
    },
    Excuse {
        place: "System Logs/Authentication",
        format: "okta",
        field: Field::Action,
        expected: "user.sesion.start",
        reason: "a slip of the pen beside a record of user.session.start",
    },
    Excuse {
        place: "Entity Management",
        format: "github_audit",
        field: Field::Action,
        expected: "team.add_member",
        reason: "the reading of another record stands beside one of org.create",
    },
    Excuse {
        place: "Account Change",
        format: "github_audit",
        field: Field::Ip,
        expected: "1.1.1.1",
        reason: "the reading names an address that is not in the record",
    },
    Excuse {
        place: "aws_s3_rules",
        format: "aws_s3access",
        field: Field::Ip,
        expected: "55.99.86.234",
        reason: "the address of the record was replaced, the one found in it was not",
    },
];

/// Whether a vocabulary rule makes the two the same.
pub fn same_words(format: &str, field: Field, theirs: &str, ours: &str, event: &Reading) -> bool {
    VOCABULARY.iter().any(|(of, on, same)| format.starts_with(of) && *on == field && same(theirs, ours, event))
}

/// The index of the excuse that covers a pair.
pub fn excuse(place: &str, format: &str, field: Field, theirs: &str, _ours: &str) -> Option<usize> {
    EXCUSED.iter().position(|e| place.contains(e.place) && format == e.format && field == e.field && theirs.contains(e.expected))
}

/// Why an excuse holds.
pub fn reason(index: usize) -> &'static str {
    EXCUSED.get(index).map_or("", |excuse| excuse.reason)
}

/// Records in the corpus that nobody could read, by part of their place, with the reason.
const UNREADABLE: &[(&str, &str)] = &[
    ("-empty.log", "an answer without entries"),
    ("_zscore_anomaly.yml", "what a query found out from log events"),
    ("_behavioral.yml", "what a query found out from log events"),
];

/// Whether a written rule says that the record at a place cannot be read.
pub fn unreadable(place: &str) -> bool {
    UNREADABLE.iter().any(|(part, _)| place.contains(part))
}
