//! Salesforce `SetupAuditTrail`: who changed the configuration of an organisation. Rows as the REST interface returns them or
//! as the Setup page exports them. A change made by someone who logged in as another (`DelegateUser`) is theirs on behalf
//! of that user.

use super::salesforce_elf::uri;
use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape, cell, machine, moment, verb};
use crate::model::event::ActionClass;
use crate::model::{Event, KindEvidence, Outcome, Principal};
use std::borrow::Cow;

/// The format's name.
pub const NAME: &str = "salesforce_setup";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Salesforce SetupAuditTrail",
    shapes: &["rows of the `SetupAuditTrail` object", "the CSV of Setup → View Setup Audit Trail"],
    reads: &[
        ("time", "`CreatedDate`"),
        ("event id", "`Id`"),
        ("identity", "`CreatedById` (15 characters), `CreatedBy.Username`"),
        ("action", "`Action`"),
        ("resource", "`Section`, `Display`"),
        ("on behalf of", "`DelegateUser`"),
    ],
    unobservable: &["source", "client", "session", "changes that failed"],
    export: "sf data query -q \"SELECT FIELDS(ALL) FROM SetupAuditTrail LIMIT 200\" --json",
};

/// Reads rows of the setup audit trail.
pub struct SalesforceSetup;

impl Format for SalesforceSetup {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        let queried =
            shape.has("CreatedById") && shape.has("CreatedDate") && shape.has("Action") && (shape.has("Section") || shape.has("Display"));
        let exported = shape.has("Delegate User") && shape.has("Section") && shape.has("Date");
        (queried || exported) && !shape.has("EventIdentifier")
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let value = tree::parse(record)?;
        let row = Node::of(&value);
        let time = moment::read(row, &["CreatedDate", "Date"])?;
        let action = row.get("Action").ok_or(Refusal::Missing { field: "Action", expected: "the setup action" })?;
        let name = row.get_first(&["CreatedBy.Username", "CreatedBy.Name", "Username", "User"]);
        let id = row.get("CreatedById").map(|id| cell::part(id, uri::short_id)).or_else(|| name.clone());
        // Changes the platform makes for itself name nobody.
        let evidence = match (&id, &name) {
            (None, _) => KindEvidence::PROVIDER_SERVICE,
            (_, Some(name)) if machine::named(name) => KindEvidence::MACHINE_NAME,
            _ => KindEvidence::NONE,
        };
        let principal = Principal { platform: "salesforce", id: id.unwrap_or(Cow::Borrowed("salesforce")), name, evidence };
        let section = row.get("Section");
        let class = class(&action, section.as_deref().unwrap_or_default());
        let mut event = Event::new(NAME, time, principal, action, class);
        event.provider_id = row.get("Id");
        event.service = Some(Cow::Borrowed("salesforce"));
        event.resource = row.get("Display").or_else(|| section.clone());
        event.domain = section;
        event.on_behalf_of = row.get_first(&["DelegateUser", "Delegate User"]);
        event.outcome = Outcome::Success;
        sink(event);
        Ok(())
    }
}

/// Sections tell better than actions, of which there are some thousand, what a change is about.
fn class(action: &str, section: &str) -> ActionClass {
    let (action, section) = (action.to_ascii_lowercase(), section.to_ascii_lowercase());
    let about = |words: &[&str]| words.iter().any(|word| section.contains(word) || action.contains(word));
    if action.contains("dataexport") || section.contains("data export") {
        ActionClass::Export
    } else if about(&["connectedapp", "connected app", "oauth", "session settings", "session security"]) {
        ActionClass::Token
    } else if about(&["certificate", "named credential", "remote access", "password"]) {
        ActionClass::Secret
    } else if about(&["audit", "event monitoring", "transaction security", "login history"]) {
        ActionClass::Logging
    } else if about(&["user", "profile", "permission", "permset", "role", "single sign", "login as", "suorg", "sharing"]) {
        ActionClass::Iam
    } else {
        match verb::classify(&action) {
            ActionClass::Delete => ActionClass::Delete,
            _ => ActionClass::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::recognise;

    const ROW: &str = r#"{"attributes":{"type":"SetupAuditTrail","url":"/services/data/v62.0/sobjects/SetupAuditTrail/0Ym1"},"Id":"0Ym1","Action":"insertConnectedApplication","CreatedById":"005000000000001AAA","CreatedDate":"2026-11-19T09:26:38.000+0000","DelegateUser":"support","Display":"Created connected app Acme Sync","Section":"Connected Apps"}"#;

    #[test]
    fn a_row_is_a_change_by_its_maker() {
        assert_eq!(recognise(ROW).map(Format::name), Some(NAME));
        let mut seen = 0;
        SalesforceSetup
            .read(ROW, &mut |event| {
                seen += 1;
                assert_eq!((event.principal.id.as_ref(), event.action.as_ref()), ("005000000000001", "insertConnectedApplication"));
                assert_eq!((event.class, event.outcome), (ActionClass::Token, Outcome::Success));
                assert_eq!((event.on_behalf_of.as_deref(), event.provider_id.as_deref()), (Some("support"), Some("0Ym1")));
                assert_eq!(event.time.to_string(), "2026-11-19T09:26:38Z");
            })
            .unwrap();
        assert_eq!(seen, 1);
    }

    #[test]
    fn sections_tell_what_a_change_is_about() {
        for (action, section, class_of) in [
            ("changedprofileforuserstdtocust", "Manage Users", ActionClass::Iam),
            ("dataExport", "Data Export", ActionClass::Export),
            ("createdcertificate", "Certificate and Key Management", ActionClass::Secret),
            ("changedtransactionsecurity", "Transaction Security", ActionClass::Logging),
            ("createdcustomfield", "Customize Accounts", ActionClass::Admin),
        ] {
            assert_eq!(class(action, section), class_of, "{action} {section}");
        }
    }

    #[test]
    fn nobody_named_is_the_platform_and_no_action_is_refused() {
        let anonymous = r#"{"CreatedDate":"2026-11-19T09:26:38Z","Action":"purged","Section":"x","CreatedById":null}"#;
        SalesforceSetup.read(anonymous, &mut |event| assert!(event.principal.evidence.has(KindEvidence::PROVIDER_SERVICE))).unwrap();
        assert!(SalesforceSetup.read(r#"{"CreatedDate":"2026-11-19T09:26:38Z"}"#, &mut |_| {}).is_err());
    }
}
