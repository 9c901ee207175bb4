//! Real-time events in each shape, written for these tests.

use super::*;
use crate::format::recognise;

const LOGIN: &str = r#"{"EventDate":"2026-11-19T10:00:00Z","CreatedDate":"2026-11-19T10:00:08Z","EventIdentifier":"0b1c","LoginHistoryId":"0Ya1","LoginUrl":"login.salesforce.com","LoginType":"Remote Access 2.0","Status":"Success","SourceIp":"198.51.100.7","Username":"integration@example.com","UserId":"005000000000001AAA","SessionKey":"s1","LoginKey":"l1","Application":"Acme Sync","Browser":"Unknown","SessionLevel":"STANDARD","UserType":"Standard"}"#;
const API: &str = r#"{"channel":"/event/ApiEventStream","data":{"schema":"x","payload":{"EventDate":"2026-11-19T10:00:00.123Z","EventIdentifier":"0b1d","UserId":"005000000000001AAA","Username":"integration@example.com","SourceIp":"198.51.100.7","ApiType":"REST","Operation":"Query","QueriedEntities":"Account","Query":"SELECT Id FROM Account WHERE Name = 'x'","RowsProcessed":2000.0,"ConnectedAppId":"0H4000000000001AAA","Client":"acme/1.2","UserAgent":"9999","SessionKey":"s1","LoginKey":"l1"},"event":{"replayId":12}}}"#;
const ANOMALY: &str = r#"{"attributes":{"type":"ApiAnomalyEventStore","url":"/services/data/v62.0/sobjects/ApiAnomalyEventStore/0A1"},"EventDate":"2026-11-19T10:00:00.000+0000","EventIdentifier":"0b1e","UserId":"005000000000001AAA","Username":"integration@example.com","SourceIp":"198.51.100.7","Operation":"Query","QueriedEntities":"Case","RowsProcessed":90000,"Score":0.95,"SecurityEventData":"[]"}"#;
const LOGOUT: &str = r#"{"EventDate":"2026-11-19T11:00:00Z","EventIdentifier":"0b1f","SourceIp":"198.51.100.7","UserId":"005000000000001AAA","Username":"jane@example.com","SessionKey":"s1","LoginKey":"l1","SessionLevel":"STANDARD"}"#;

fn read(record: &str) -> Event<'static> {
    let mut found = None;
    assert_eq!(recognise(record).map(Format::name), Some(NAME), "{record}");
    SalesforceEvent.read(record, &mut |event| found = Some(owned(&event))).unwrap();
    found.unwrap()
}

fn owned(event: &Event<'_>) -> Event<'static> {
    let own = |text: &Option<Text<'_>>| text.as_ref().map(|text| Cow::Owned(text.clone().into_owned()));
    let principal = Principal {
        platform: event.principal.platform,
        id: Cow::Owned(event.principal.id.clone().into_owned()),
        name: own(&event.principal.name),
        evidence: event.principal.evidence,
    };
    let mut out = Event::new(event.format, event.time, principal, Cow::Owned(event.action.clone().into_owned()), event.class);
    out.provider_id = own(&event.provider_id);
    out.credential = event.credential.as_ref().map(|c| Credential { id: Cow::Owned(c.id.clone().into_owned()), kind: c.kind });
    (out.source, out.agent, out.domain, out.query_shape) =
        (own(&event.source), own(&event.agent), own(&event.domain), own(&event.query_shape));
    (out.outcome, out.rows, out.finding, out.tags, out.auth_method) =
        (event.outcome, event.rows, event.finding, own(&event.tags), own(&event.auth_method));
    out
}

#[test]
fn a_login_an_api_call_and_a_logout_are_of_one_principal() {
    let (login, api, logout) = (read(LOGIN), read(API), read(LOGOUT));
    assert_eq!((login.action.as_ref(), login.class, login.outcome), ("LoginEvent", ActionClass::Auth, Outcome::Success));
    assert_eq!((login.auth_method.as_deref(), login.agent.as_deref()), (Some("oauth"), Some("Acme Sync")));
    assert!(login.principal.evidence.has(KindEvidence::OAUTH_APP));
    assert_eq!(
        (api.action.as_ref(), api.class, api.rows, api.domain.as_deref()),
        ("ApiEvent Query", ActionClass::Query, Some(2000), Some("Account"))
    );
    assert_eq!(api.query_shape.as_deref(), Some("SELECT Id FROM Account WHERE Name = ?"));
    assert_eq!(api.credential.as_ref().map(|c| c.id.as_ref()), Some("0H4000000000001"));
    assert_eq!(api.agent.as_deref(), Some("acme/1.2"), "a number is no client");
    assert_eq!((logout.action.as_ref(), logout.class), ("LogoutEvent", ActionClass::Auth));
    for event in [&login, &api, &logout] {
        assert_eq!(event.principal.id, "005000000000001");
    }
    assert_eq!(api.provider_id.as_deref(), Some("0b1d"));
}

#[test]
fn an_anomaly_is_a_finding_and_no_activity() {
    let event = read(ANOMALY);
    assert!(event.finding);
    assert_eq!(event.tags.as_deref(), Some("finding:salesforce:high:ApiAnomalyEvent"));
    assert_eq!(event.principal.id, "005000000000001");
}

#[test]
fn a_refused_login_is_a_refusal() {
    let event = read(&LOGIN.replace("\"Success\"", "\"Invalid Password\""));
    assert_eq!(event.outcome, Outcome::Denied);
    let event = read(&API.replace("\"ApiType\"", "\"PolicyOutcome\":\"Block\",\"ApiType\""));
    assert_eq!(event.outcome, Outcome::Denied);
}

/// Protects recognition without a channel: the fields decide.
#[test]
fn types_are_known_by_their_fields() {
    for (fields, kind) in [
        (r#"{"ReportId":"00O1","Operation":"ReportExported"}"#, Kind::Report),
        (r#"{"ListViewId":"00B1"}"#, Kind::ListView),
        (r#"{"PermissionType":"UserPermission","Operation":"AssignPermissionSet"}"#, Kind::PermissionSet),
        (r#"{"DelegatedUsername":"x"}"#, Kind::LoginAs),
        (r#"{"Score":0.4,"CurrentIp":"198.51.100.7"}"#, Kind::SessionHijacking),
        (r#"{"Score":0.4,"Report":"x"}"#, Kind::ReportAnomaly),
        (r#"{"Unheard":"x"}"#, Kind::Other),
    ] {
        assert_eq!(Kind::of(None, Node::of(&tree::parse(fields).unwrap())), kind, "{fields}");
    }
    assert_eq!(Kind::of(Some("/event/BulkApiResultEvent"), Node::of(&tree::parse("{}").unwrap())), Kind::BulkResult);
    assert_eq!(Kind::Report.class(Some("ReportExported")), ActionClass::Export);
}

#[test]
fn without_a_time_it_is_refused() {
    let refused = SalesforceEvent.read(r#"{"EventIdentifier":"x","UserId":"005"}"#, &mut |_| {}).unwrap_err();
    assert!(refused.to_string().starts_with("no EventDate"), "{refused}");
}
