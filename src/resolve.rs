//! How the names in records become identities: what sort of identity the evidence makes it, with the reason, and how it
//! is called in lists. Pure: the same evidence gives the same answer in whatever order it came; what the inventory says
//! goes first. It must not know single records, the inventory's file or any store.

mod deed;
mod key;
mod lookalike;
mod name;
mod settled;
mod spiffe;
pub mod workload;

pub use deed::{Deed, deed};
pub use key::{RULES, join_key};
pub use lookalike::{look_alike_note, looks_like};
pub use name::{display_name, is_machine_name};
pub use settled::{Settled, settle};
pub use spiffe::SpiffeId;

use crate::context::inventory::Entry;
use crate::model::{Class, Kind, KindEvidence as E};

/// Evidence only software leaves behind. One such bit decides: an attacker who opens a console with a service's
/// credentials must not turn the service into a person.
pub const STRONG: E =
    E::STATIC_KEY.with(E::WORKLOAD_SESSION).with(E::CI_SESSION).with(E::AGENT).with(E::BOT).with(E::SERVICE_ACCOUNT).with(E::WORKLOAD_ID);
/// Evidence that points to software.
pub const MACHINE: E = STRONG.with(E::OAUTH_APP).with(E::API_CLIENT).with(E::MACHINE_NAME);
/// Evidence that points to a person.
pub const HUMAN: E = E::CONSOLE.with(E::UI).with(E::PERSON).with(E::PERSON_SESSION).with(E::ROOT);

/// Kind, class and the reason in one short phrase. `name` is the display name; a name that says "integration" or "bot" is
/// evidence too unless the record says it is a person. More machine evidence never turns a machine into a person.
pub fn infer(evidence: E, platform: &str, name: &str) -> (Kind, Class, String) {
    let evidence = if !evidence.has(E::PERSON) && is_machine_name(name) { evidence.with(E::MACHINE_NAME) } else { evidence };
    if evidence.has(E::ROOT) {
        return answer(Kind::Human, Class::Human, "the root or owner account");
    }
    if is_person(evidence) {
        return answer(Kind::Human, Class::Human, person_reason(evidence));
    }
    if let Some((kind, reason)) = machine(evidence, platform) {
        let reason = if evidence.has(HUMAN) { format!("{reason}, though {} too", person_trace(evidence)) } else { reason.to_owned() };
        return (kind, Class::Machine, reason);
    }
    if evidence.has(E::PROVIDER_SERVICE) {
        return answer(Kind::Provider, Class::Provider, "the provider's own service");
    }
    answer(Kind::Unknown, Class::Unknown, "no record says what it is")
}

/// What the inventory says an identity is, else what its records tell: a person who knows is not argued with.
pub fn decide(evidence: E, platform: &str, name: &str, entry: Option<&Entry>) -> (Kind, Class, String) {
    let inferred = infer(evidence, platform, name);
    let (kind, class) = match entry.map(Entry::declared_kind) {
        None | Some((None, None)) => return inferred,
        Some((Some(kind), class)) => (kind, class.unwrap_or(inferred.1)),
        Some((None, Some(class))) if class == inferred.1 => (inferred.0, class),
        Some((None, Some(class))) => {
            let kind = match class {
                Class::Human => Kind::Human,
                Class::Provider => Kind::Provider,
                Class::Machine => machine(evidence, platform).map_or(Kind::Unknown, |(kind, _)| kind),
                Class::Unknown => Kind::Unknown,
            };
            (kind, class)
        }
    };
    answer(kind, class, "the inventory says so")
}

fn answer(kind: Kind, class: Class, reason: &str) -> (Kind, Class, String) {
    (kind, class, reason.to_owned())
}

/// A person, unless something weighs against it: strong evidence, a machine's name, an app that a program drives, or a
/// role whose sessions carry no person's name.
fn is_person(evidence: E) -> bool {
    let driven = evidence.has(E::OAUTH_APP) && evidence.has(E::API_CLIENT);
    let nameless_role = evidence.has(E::ROLE_SESSION) && !evidence.has(E::PERSON_SESSION.with(E::PERSON));
    evidence.has(HUMAN) && !evidence.has(STRONG.with(E::MACHINE_NAME)) && !driven && !nameless_role
}

fn person_reason(evidence: E) -> &'static str {
    if evidence.has(E::OAUTH_APP) {
        "signs in like a person and uses a connected app"
    } else if evidence.has(E::PERSON_SESSION) {
        "sessions named after a person"
    } else if evidence.has(E::PERSON) {
        "the record says it is a person"
    } else if evidence.has(E::API_CLIENT) {
        "signs in like a person and uses a client program"
    } else {
        "uses the interface made for people"
    }
}

/// What a machine did that people do, for its reason.
fn person_trace(evidence: E) -> &'static str {
    if evidence.has(E::CONSOLE.with(E::UI)) {
        "the console was used"
    } else if evidence.has(E::PERSON_SESSION) {
        "a session was named after a person"
    } else {
        "a record calls it a person"
    }
}

/// The kind of machine, the most telling evidence first.
fn machine(evidence: E, platform: &str) -> Option<(Kind, &'static str)> {
    let app = if platform == "salesforce" { "tokens of a connected app" } else { "tokens of an OAuth application" };
    let role = "a role assumed by software";
    [
        (E::AGENT, Kind::AiAgent, "the record says it is an AI agent"),
        (E::BOT, Kind::Bot, "the record says it is a bot"),
        (E::CI_SESSION, Kind::CiToken, "sessions of build or deployment runs"),
        (E::WORKLOAD_SESSION, Kind::WorkloadRole, "sessions named after an instance, function or SDK"),
        (E::WORKLOAD_ID, Kind::WorkloadRole, "a SPIFFE id, which only workloads have"),
        (E::SERVICE_ACCOUNT, Kind::ServiceAccount, "the record says it is a service account"),
        (E::OAUTH_APP, Kind::OauthConnector, app),
        (E::STATIC_KEY, Kind::ApiKey, "long-lived access key used by software"),
        (E::ROLE_SESSION, Kind::WorkloadRole, role),
        (E::MACHINE_NAME, Kind::ServiceAccount, "its name says it is an integration or service"),
        (E::API_CLIENT, Kind::ServiceAccount, "only client programs use it"),
    ]
    .into_iter()
    .find(|(bit, ..)| evidence.has(*bit))
    .map(|(_, kind, reason)| (kind, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn evidence_becomes_a_kind() {
        for (evidence, name, kind, class) in [
            (E::NONE, "", Kind::Unknown, Class::Unknown),
            (E::STATIC_KEY, "deploy-prod", Kind::ApiKey, Class::Machine),
            (E::STATIC_KEY.with(E::CONSOLE), "alice", Kind::ApiKey, Class::Machine),
            (E::STATIC_KEY.with(E::API_CLIENT), "x", Kind::ApiKey, Class::Machine),
            (E::ROLE_SESSION, "x", Kind::WorkloadRole, Class::Machine),
            (E::ROLE_SESSION.with(E::WORKLOAD_SESSION), "x", Kind::WorkloadRole, Class::Machine),
            (E::ROLE_SESSION.with(E::WORKLOAD_SESSION).with(E::PERSON_SESSION), "x", Kind::WorkloadRole, Class::Machine),
            (E::ROLE_SESSION.with(E::CI_SESSION), "x", Kind::CiToken, Class::Machine),
            (E::ROLE_SESSION.with(E::CI_SESSION).with(E::WORKLOAD_SESSION), "x", Kind::CiToken, Class::Machine),
            (E::ROLE_SESSION.with(E::PERSON_SESSION), "x", Kind::Human, Class::Human),
            (E::ROLE_SESSION.with(E::PERSON_SESSION).with(E::CONSOLE).with(E::API_CLIENT), "x", Kind::Human, Class::Human),
            (E::ROLE_SESSION.with(E::CONSOLE), "x", Kind::WorkloadRole, Class::Machine),
            (E::CONSOLE, "alice", Kind::Human, Class::Human),
            (E::UI, "Alice Example", Kind::Human, Class::Human),
            (E::PERSON, "alice@example.com", Kind::Human, Class::Human),
            (E::PERSON.with(E::API_CLIENT), "alice", Kind::Human, Class::Human),
            (E::UI.with(E::API_CLIENT), "Alice", Kind::Human, Class::Human),
            (E::PROVIDER_SERVICE, "config.amazonaws.com", Kind::Provider, Class::Provider),
            (E::PROVIDER_SERVICE.with(E::ROLE_SESSION), "x", Kind::WorkloadRole, Class::Machine),
            (E::OAUTH_APP, "Alice", Kind::OauthConnector, Class::Machine),
            (E::OAUTH_APP.with(E::UI), "Alice", Kind::Human, Class::Human),
            (E::OAUTH_APP.with(E::UI), "Integration User", Kind::OauthConnector, Class::Machine),
            (E::OAUTH_APP.with(E::UI).with(E::API_CLIENT), "Alice", Kind::OauthConnector, Class::Machine),
            (E::OAUTH_APP.with(E::UI).with(E::MACHINE_NAME), "Alice", Kind::OauthConnector, Class::Machine),
            (E::ROOT, "root", Kind::Human, Class::Human),
            (E::ROOT.with(E::STATIC_KEY), "root", Kind::Human, Class::Human),
            (E::API_CLIENT, "x", Kind::ServiceAccount, Class::Machine),
            (E::AGENT.with(E::OAUTH_APP), "x", Kind::AiAgent, Class::Machine),
            (E::BOT.with(E::API_CLIENT), "x", Kind::Bot, Class::Machine),
            (E::SERVICE_ACCOUNT.with(E::STATIC_KEY), "x", Kind::ServiceAccount, Class::Machine),
            (E::WORKLOAD_ID, "cart", Kind::WorkloadRole, Class::Machine),
            (E::WORKLOAD_ID.with(E::PERSON), "cart", Kind::WorkloadRole, Class::Machine),
            (E::NONE, "svc-backup", Kind::ServiceAccount, Class::Machine),
            (E::UI, "svc-backup", Kind::ServiceAccount, Class::Machine),
            (E::PERSON.with(E::UI), "svc-backup", Kind::Human, Class::Human),
        ] {
            let (got, of, reason) = infer(evidence, "aws", name);
            assert_eq!((got, of), (kind, class), "{:b} {name}: {reason}", evidence.0);
            assert!(!reason.is_empty() && reason.len() < 100 && !reason.contains('\n'), "{reason}");
        }
    }

    #[test]
    fn the_inventory_is_not_argued_with() {
        let person = E::PERSON.with(E::UI);
        let say = |kind, class| Entry { kind, class, ..Entry::default() };
        for (evidence, entry, kind, class) in [
            (person, say(None, None), Kind::Human, Class::Human),
            (person, say(Some(Kind::Bot), None), Kind::Bot, Class::Machine),
            (person.with(E::STATIC_KEY), say(None, Some(Class::Human)), Kind::Human, Class::Human),
            (person.with(E::OAUTH_APP), say(None, Some(Class::Machine)), Kind::OauthConnector, Class::Machine),
            (person, say(None, Some(Class::Machine)), Kind::Unknown, Class::Machine),
            (E::STATIC_KEY, say(None, Some(Class::Machine)), Kind::ApiKey, Class::Machine),
            (E::STATIC_KEY, say(Some(Kind::Unknown), None), Kind::Unknown, Class::Unknown),
        ] {
            let (got, of, reason) = decide(evidence, "aws", "x", Some(&entry));
            assert_eq!((got, of), (kind, class), "{entry:?}");
            assert_eq!(reason == "the inventory says so", entry.kind.or(entry.class.map(|_| Kind::Bot)).is_some());
        }
        assert_eq!(decide(person, "aws", "x", None), infer(person, "aws", "x"));
    }

    #[test]
    fn reasons_say_what_they_rest_on() {
        let reason = |evidence, platform| infer(evidence, platform, "Alice").2;
        assert_eq!(reason(E::STATIC_KEY, "aws"), "long-lived access key used by software");
        assert_eq!(
            reason(E::STATIC_KEY.with(E::CONSOLE), "aws"),
            "long-lived access key used by software, though the console was used too"
        );
        assert_eq!(reason(E::OAUTH_APP, "salesforce"), "tokens of a connected app");
        assert_eq!(reason(E::OAUTH_APP.with(E::UI), "salesforce"), "signs in like a person and uses a connected app");
    }

    fn any_evidence() -> impl Strategy<Value = E> {
        (0u32..1 << 17).prop_map(E)
    }

    proptest! {
        /// The rule of the file: machine evidence never makes a person out of a machine.
        #[test]
        fn machine_evidence_never_turns_a_machine_human(seen in any_evidence(), more in any_evidence(), name in "[a-z]{1,8}|svc-[a-z]{3}") {
            let more = E(more.0 & MACHINE.0);
            if infer(seen, "aws", &name).1 == Class::Machine {
                prop_assert_eq!(infer(seen.with(more), "aws", &name).1, Class::Machine);
            }
        }

        /// An attacker at a console: with strong evidence nothing a person does makes it a person (root apart, which is no
        /// session but another account).
        #[test]
        fn strong_evidence_stays_machine(seen in any_evidence(), strong in 0usize..7, more in any_evidence()) {
            let bits = [E::STATIC_KEY, E::WORKLOAD_SESSION, E::CI_SESSION, E::AGENT, E::BOT, E::SERVICE_ACCOUNT, E::WORKLOAD_ID];
            let rootless = |e: E| E(e.0 & !E::ROOT.0);
            let evidence = rootless(seen).with(bits[strong]).with(rootless(more));
            prop_assert_eq!(infer(evidence, "salesforce", "Alice").1, Class::Machine);
        }

        /// Evidence unknown to this version changes nothing.
        #[test]
        fn unknown_bits_are_ignored(seen in any_evidence()) {
            prop_assert_eq!(infer(E(seen.0 | 0xfffe_0000), "aws", "x"), infer(seen, "aws", "x"));
        }
    }
}
