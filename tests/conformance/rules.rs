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
    // What is asked of a Kubernetes API server is a verb and a resource; the other vocabularies have the verb alone.
    ("kubernetes_audit", Field::Action, |theirs, ours, _| ours.split(' ').next() == Some(theirs)),
    ("ocsf", Field::Action, |theirs, ours, _| ours.split(' ').next() == Some(theirs)),
    // A role's session is named after the role, in ARNs and unique ids: `…:assumed-role/ROLE/SESSION`, `AROA…:SESSION`.
    ("aws_cloudtrail", Field::Actor, |theirs, ours, _| {
        let ours: Vec<&str> = ours.split(" | ").collect();
        theirs.split(" | ").any(|name| name.rsplit_once([':', '/']).is_some_and(|(_, session)| ours.contains(&session)))
    }),
    // A session is its role's and has a name: `…:assumed-role/ROLE/SESSION` names both. A service is itself with `svc:` before it.
    ("aws_s3access", Field::Actor, |theirs, ours, _| {
        let ours: Vec<&str> = ours.split(" | ").collect();
        let session = theirs.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/'));
        session.is_some_and(|(role, session)| ours.contains(&role) && ours.contains(&session))
            || theirs.strip_prefix("svc:").is_some_and(|service| ours.contains(&service))
    }),
    // Auth0 writes codes; the other vocabulary spells them out, and has one word for every call of the Management API.
    ("auth0", Field::Action, |theirs, ours, _| {
        let spelled = [
            ("s", "successful-login"),
            ("f", "failed-login"),
            ("fp", "incorrect-password"),
            ("fu", "invalid-username-or-email"),
            ("ss", "success-signup"),
            ("fs", "user-signup-failed"),
            ("fn", "failed-to-send-email-notification"),
        ];
        spelled.contains(&(ours, theirs)) || (theirs.starts_with("success-mgmt-api-op") && ours.contains(' '))
    }),
    // A sign-up that succeeded (`ss`) has succeeded, though the other side does not say so.
    ("auth0", Field::Outcome, |theirs, ours, event| theirs == "Unsaid" && ours == "success" && event.action == "ss"),
    // The other side keeps only the day and the zone of a time: midnight of that day where the record was made.
    ("box", Field::Time, |theirs, ours, _| theirs.ends_with(":00Z") && theirs.get(..10) == ours.get(..10)),
    // A sign-in attempt has no operation; the other side puts its result there.
    ("onepassword", Field::Action, |_, ours, _| ours == "signin_attempt"),
    // A finding: the other side names the agent that wrote it, we whom it is about, so that it lies with that identity.
    ("m365_ual", Field::Actor, |_, _, event| event.finding),
    // A finding: the other side repeats the category of the log, we name what was found.
    ("entra_id", Field::Action, |_, _, event| event.finding),
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
        place: "test-provisioninglogs-raw.log#3",
        format: "entra_id",
        field: Field::Outcome,
        expected: "Well",
        reason: "the payload tells of a failure with its code; only the envelope, which was left as it was, says success",
    },
    Excuse {
        place: "test-anomalous-download.log",
        format: "box",
        field: Field::Time,
        expected: "2022-10-08",
        reason: "the other side takes the first day of the period the alert is about",
    },
    Excuse {
        place: "slack/data_stream/audit/_dev/test/pipeline/test-audit.log#4",
        format: "slack_audit",
        field: Field::Time,
        expected: "17:40:21",
        reason: "the other side takes the time of the action that an anomaly is about, not of the anomaly",
    },
    Excuse {
        place: "test-faked-all-fields.log#2",
        format: "hashicorp_vault",
        field: Field::Outcome,
        expected: "Badly",
        reason: "an empty error is read as a failure by the other side only",
    },
    Excuse {
        place: "aws_s3_rules",
        format: "aws_s3access",
        field: Field::Ip,
        expected: "55.99.86.234",
        reason: "the address of the record was replaced, the one found in it was not",
    },
    Excuse {
        place: "login/_dev/test/pipeline/test-login.log",
        format: "google_workspace",
        field: Field::Outcome,
        expected: "Badly",
        reason: "the challenge's status is “Challenge Passed.”",
    },
    Excuse {
        place: "alert/_dev/test/pipeline/test-alert.log",
        format: "google_workspace",
        field: Field::Actor,
        expected: "example@example.com",
        reason: "the user is the assignee, who handles the alert, not the one it is about",
    },
];

/// Whether a vocabulary rule of the format, or of the folder the record stands in, makes the two the same.
pub fn same_words(place: &str, format: &str, field: Field, theirs: &str, ours: &str, event: &Reading) -> bool {
    VOCABULARY.iter().any(|(of, on, same)| (format.starts_with(of) || place.starts_with(of)) && *on == field && same(theirs, ours, event))
}

/// The index of the excuse that covers a pair.
pub fn excuse(place: &str, format: &str, field: Field, theirs: &str, _ours: &str) -> Option<usize> {
    EXCUSED
        .iter()
        .position(|e| place.contains(e.place) && (format == e.format || format == "ecs") && field == e.field && theirs.contains(e.expected))
}

/// Why an excuse holds.
pub fn reason(index: usize) -> &'static str {
    EXCUSED.get(index).map_or("", |excuse| excuse.reason)
}

/// Records in the corpus that nobody could read, by part of their place, with the reason.
const UNREADABLE: &[(&str, &str)] = &[
    ("-empty.log", "an answer without entries"),
    ("teleport_role_created.yml", "a time with three digits of seconds"),
    ("test-bad-ips.json#4", "an address and a time, but no operation and nobody who acts"),
    ("Telemetry/signinLogs.csv", "the result of a query that left time and actors out"),
    ("Telemetry/AuditLogs_Hunting.csv", "the result of a query that left the time out"),
    ("Telemetry/disable_accounts.csv", "the result of a query that left the time out"),
];

/// Whether a written rule says that the record at a place cannot be read.
pub fn unreadable(place: &str) -> bool {
    UNREADABLE.iter().any(|(part, _)| place.contains(part))
}
