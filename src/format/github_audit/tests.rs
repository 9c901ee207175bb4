//! Every shape an entry comes in gives the same event, and users, apps, bots, agents and keys are told apart.

use super::super::{mangle, recognise};
use super::*;
use crate::model::event::ActionClass as C;
use crate::model::{JobStep, KindEvidence as E, Outcome};
use serde_json::json;

/// One record of every shape, written for these tests.
pub const SAMPLES: &[&str] = &[
    r#"{"@timestamp":1795082400123,"_document_id":"d1","action":"repo.create_actions_secret","actor":"Octo-Dev","actor_id":7,"actor_ip":"198.51.100.7","actor_is_bot":false,"actor_location":{"country_code":"DE"},"business":"acme","created_at":1795082400123,"hashed_token":"abc=","key":"TOKEN","operation_type":"create","org":"acme","org_id":1,"programmatic_access_type":"Fine-grained personal access token","repo":"acme/app","token_scopes":"repo,workflow","user":"","user_agent":"curl/8.0"}"#,
    r#"{"actor":"octo-dev","org":"acme","action":"team.add_member","user":"New-Dev","created_at":1795082400123,"data":{"team":"acme/core"}}"#,
    r#"{"__typename":"OrgAddMemberAuditEntry","action":"org.add_member","actorLogin":"octo-dev","actorIp":"198.51.100.7","createdAt":"2026-11-19T10:00:00.123Z","operationType":"CREATE","organizationName":"acme","userLogin":"new-dev"}"#,
    r#"{"@timestamp":"2026-11-19T10:00:05Z","program":"github_audit","message":"<190>Nov 19 10:00:00 ghe github_audit: {\"actor\":\"octo-dev\",\"actor_ip\":\"198.51.100.7\",\"created_at\":1795082400123,\"org_id\":[1,2],\"org\":[\"acme\",\"beta\"],\"user\":\"sally\",\"action\":\"staff.fake_login\",\"_document_id\":\"d2\"}"}"#,
    r#"{"action_s":"org.add_member","actor_s":"octo-dev","created_at_d":"1795082400123","org_s":"acme","user_s":"new-dev","operation_type_s":"create","TimeGenerated":"2026-11-19T10:05:00Z","Type":"GitHub_CL"}"#,
    r#"{"action":"completed","workflow_run":{"name":"Build","conclusion":"failure","updated_at":"2026-11-19T10:00:00Z","event":"push"},"repository":{"full_name":"acme/app","owner":{"login":"acme"}},"organization":{"login":"acme"},"sender":{"login":"renovate[bot]","type":"Bot"}}"#,
];

const AT: i64 = 1_795_082_400_123;

fn lines(text: &str) -> Result<usize, Refusal> {
    let mut count = 0;
    GithubAudit.read(text, &mut |_| count += 1).map(|()| count)
}

fn with(text: &str, check: impl Fn(&Event<'_>)) {
    let mut count = 0;
    GithubAudit
        .read(text, &mut |event| {
            check(&event);
            count += 1;
        })
        .unwrap();
    assert_eq!(count, 1, "{text}");
}

/// The first sample with some of its members changed.
fn record(change: &Value) -> String {
    let mut value: Value = serde_json::from_str(SAMPLES[0]).unwrap();
    for (key, new) in change.as_object().unwrap() {
        value[key] = new.clone();
    }
    value.to_string()
}

#[test]
fn every_shape_is_recognised_and_read() {
    for sample in SAMPLES {
        assert_eq!(recognise(sample).map(Format::name), Some(NAME), "{sample}");
        assert_eq!(lines(sample), Ok(1), "{sample}");
    }
    for other in [
        r#"{"action":"user.login","actor":"x","created_at":1}"#,
        r#"{"action":"thing.created","actor":"x","org":"acme","created_at":1}"#,
        r#"{"action":"CREATE","actor":"x","org_id":1,"@timestamp":1}"#,
        r#"{"action":"completed","sender":"x","repository":{}}"#,
        r#"{"action":"a","sender":{"email":"x"},"organization":{}}"#,
        r#"{"message":"github_audit"}"#,
        r#"{"data":{"organization":{}}}"#,
    ] {
        assert_ne!(recognise(other).map(Format::name), Some(NAME), "{other}");
    }
}

/// Protects the rule that a user with a token stays the user.
#[test]
fn a_token_is_the_credential_and_its_user_the_identity() {
    with(SAMPLES[0], |event| {
        assert_eq!(
            (event.principal.platform, &*event.principal.id, event.principal.name.as_deref()),
            ("github", "octo-dev", Some("Octo-Dev"))
        );
        assert_eq!(event.credential.as_ref().map(|c| (&*c.id, c.kind)), Some(("abc=", "pat")));
        assert_eq!((event.time.0, event.provider_id.as_deref()), (AT, Some("d1")));
        assert_eq!((event.source.as_deref(), event.agent.as_deref()), (Some("198.51.100.7"), Some("curl/8.0")));
        assert_eq!(
            (event.tenant.as_deref(), event.domain.as_deref(), event.resource.as_deref()),
            (Some("acme"), Some("acme/app"), Some("acme/app"))
        );
        assert_eq!((event.scopes.as_deref(), event.class, event.outcome), (Some("repo workflow"), C::Secret, Outcome::Success));
        assert_eq!((event.auth_method.as_deref(), event.target.as_deref()), (Some("fine-grained personal access token"), None));
        assert_eq!(event.principal.evidence, E::API_CLIENT);
    });
}

#[test]
fn the_other_shapes_say_the_same() {
    with(SAMPLES[1], |event| {
        assert_eq!((event.time.0, event.target.as_deref(), event.resource.as_deref()), (AT, Some("new-dev"), Some("acme/core")));
    });
    with(SAMPLES[2], |event| {
        assert_eq!((event.time.0, &*event.principal.id, event.target.as_deref()), (AT, "octo-dev", Some("new-dev")));
        assert_eq!((event.tenant.as_deref(), event.source.as_deref(), event.class), (Some("acme"), Some("198.51.100.7"), C::Iam));
    });
    with(SAMPLES[3], |event| {
        assert_eq!((event.time.0, event.tenant.as_deref(), event.target.as_deref()), (AT, Some("acme"), Some("sally")));
        assert_eq!((event.class, event.provider_id.as_deref()), (C::Auth, Some("d2")));
    });
    with(SAMPLES[4], |event| {
        assert_eq!((event.time.0, &*event.principal.id, event.target.as_deref()), (AT, "octo-dev", Some("new-dev")));
    });
    let nodes = format!(r#"{{"data":{{"organization":{{"auditLog":{{"edges":[{{"node":{0}}},{{"node":{0}}}]}}}}}}}}"#, SAMPLES[2]);
    assert_eq!((recognise(&nodes).map(Format::name), lines(&nodes)), (Some(NAME), Ok(2)));
    let text = record(&json!({"@timestamp": null, "created_at": "1795082400123"}));
    with(&text, |event| assert_eq!(event.time.0, AT));
    let spelled = record(&json!({"@timestamp": null, "created_at": null, "at_sign_timestamp": "2026-11-19 10:00:00.123"}));
    with(&spelled, |event| assert_eq!(event.time.0, AT));
}

#[test]
fn deliveries_are_about_their_object() {
    with(SAMPLES[5], |event| {
        assert_eq!(
            (&*event.action, event.class, event.outcome, event.error.as_deref()),
            ("workflow_run.completed", C::Invoke, Outcome::Error, Some("failure"))
        );
        assert_eq!((&*event.principal.id, event.principal.evidence), ("renovate[bot]", E::BOT));
        assert_eq!(
            (event.domain.as_deref(), event.tenant.as_deref(), event.resource.as_deref()),
            (Some("acme/app"), Some("acme"), Some("Build"))
        );
    });
    let push = r#"{"ref":"refs/heads/main","pusher":{"name":"x"},"head_commit":{"timestamp":"2026-11-19T10:00:00Z"},"repository":{"full_name":"acme/app"},"sender":{"login":"octo","type":"User"}}"#;
    with(push, |event| assert_eq!((&*event.action, event.class, event.outcome), ("push", C::Write, Outcome::Unknown)));
    let timeless = SAMPLES[5].replace("updated_at", "seen");
    assert!(lines(&timeless).unwrap_err().to_string().starts_with("no time"));
}

#[test]
fn actors_of_every_kind() {
    type Holds = fn(&Event<'_>) -> bool;
    let cases: &[(Value, Holds)] = &[
        (json!({"actor": "github", "action": "secret_scanning_alert.create", "programmatic_access_type": null}), |e| {
            e.principal.evidence == E::PROVIDER_SERVICE && e.class == C::Logging
        }),
        (json!({"actor": "github-actions[bot]", "actor_is_bot": true}), |e| {
            e.principal.evidence.has(E::CI_SESSION) && !e.principal.evidence.has(E::BOT)
        }),
        (
            json!({"actor": "acme-sync[bot]", "integration": "Acme Sync", "programmatic_access_type": "GitHub App server-to-server token"}),
            |e| &*e.principal.id == "acme-sync[bot]" && e.also.as_deref() == Some("acme sync"),
        ),
        (
            json!({"actor": "acme-sync[bot]", "integration": "Other", "programmatic_access_type": "GitHub App server-to-server token"}),
            |e| e.also.is_none(),
        ),
        (json!({"actor": "acme-sync[bot]", "programmatic_access_type": "GitHub App server-to-server token"}), |e| {
            e.principal.evidence == E::BOT.with(E::OAUTH_APP).with(E::API_CLIENT)
                && e.credential.as_ref().is_some_and(|c| c.kind == "oauth_access")
        }),
        (json!({"actor_is_bot": "true"}), |e| e.principal.evidence.has(E::BOT)),
        (json!({"actor": "Copilot", "actor_is_agent": true}), |e| e.principal.evidence.has(E::AGENT)),
        (json!({"actor": "", "programmatic_access_type": "Public Key (User/Deploy)", "action": "git.clone"}), |e| {
            e.principal.id == "deploy_key:abc="
                && e.principal.evidence.has(E::STATIC_KEY)
                && e.credential.as_ref().is_some_and(|c| c.kind == "static_key")
        }),
        (json!({"actor": null, "actor_id": null, "deploy_key_fingerprint": "SHA256:x", "hashed_token": null, "action": "git.push"}), |e| {
            e.principal.id == "deploy_key:SHA256:x"
        }),
        (
            json!({"actor": null, "actor_id": null, "integration": "Deploy App", "programmatic_access_type": "GitHub App server-to-server token"}),
            |e| e.principal.id == "deploy app" && e.principal.evidence.has(E::BOT),
        ),
        (json!({"actor": null, "actor_id": "7"}), |e| e.principal.id == "7"),
        (json!({"actor": null, "actor_id": null}), |e| e.principal.id == "token:abc="),
        (json!({"actor": null, "action": "user.failed_login", "user": "sally"}), |e| {
            e.principal.id == "sally" && e.outcome == Outcome::Denied && e.class == C::Auth
        }),
        (json!({"action": "git.clone"}), |e| e.principal.evidence == E::NONE && e.class == C::Read),
        (json!({"programmatic_access_type": null, "hashed_token": null, "user_agent": "Mozilla/5.0 (X11)"}), |e| {
            e.principal.evidence == E::UI && e.credential.is_none() && e.auth_method.is_none()
        }),
        (
            json!({"hashed_token": null, "user_programmatic_access_name": "ci", "programmatic_access_type": "Fine-grained personal access token"}),
            |e| e.credential.as_ref().is_some_and(|c| c.id == "ci" && c.kind == "pat"),
        ),
        (json!({"hashed_token": null, "programmatic_access_type": "OAuth access token", "oauth_application_id": 42}), |e| {
            e.credential.as_ref().is_some_and(|c| c.id == "42" && c.kind == "oauth_access")
        }),
        (json!({"hashed_token": "x=", "programmatic_access_type": "Authentication token created before 2021-04-05"}), |e| {
            e.credential.as_ref().is_some_and(|c| c.kind == "pat")
        }),
        (json!({"org": ["acme", "beta"]}), |e| e.tenant.as_deref() == Some("acme")),
        (json!({"org": null, "business": null}), |e| e.tenant.as_deref() == Some("acme")),
        (json!({"action": "integration_installation.create", "integration": "Deploy App", "repo": null}), |e| {
            e.target.as_deref() == Some("deploy app") && e.class == C::Iam
        }),
        (json!({"user": "OCTO-DEV"}), |e| e.target.is_none()),
        (json!({"actor_session": 12}), |e| e.session.as_deref() == Some("12")),
        (json!({"action": "migration.create", "migration_id": 9}), |e| {
            e.job.as_deref() == Some("9") && e.job_step == Some(JobStep::Create) && e.class == C::Export
        }),
        (json!({"action": "api.request", "request_method": "GET", "url_path": "/repos/acme/app/zipball", "status_code": 403}), |e| {
            e.class == C::Export
                && e.outcome == Outcome::Denied
                && e.error.as_deref() == Some("403")
                && e.resource.as_deref() == Some("/repos/acme/app/zipball")
        }),
        (json!({"action": "workflows.completed_workflow_run", "conclusion": "failure"}), |e| {
            e.outcome == Outcome::Error && e.class == C::Invoke
        }),
        (json!({"action": "protected_branch.rejected_ref_update"}), |e| e.outcome == Outcome::Denied && e.class == C::Write),
    ];
    for (change, holds) in cases {
        with(&record(change), |event| assert!(holds(event), "{change}: {event:?}"));
    }
}

#[test]
fn classes_of_actions() {
    for (action, class) in [
        ("git.clone", C::Read),
        ("git.fetch", C::Read),
        ("git.push", C::Write),
        ("repo.download_zip", C::Export),
        ("repo.destroy", C::Delete),
        ("repo.create", C::Write),
        ("repo.access", C::Iam),
        ("repo.actions_enabled", C::Admin),
        ("repo.create_actions_secret", C::Secret),
        ("org.add_member", C::Iam),
        ("org.audit_log_export", C::Export),
        ("org.sso_response", C::Auth),
        ("audit_log_streaming.destroy", C::Logging),
        ("personal_access_token.access_granted", C::Token),
        ("oauth_application.create", C::Iam),
        ("oauth_application.generate_client_secret", C::Secret),
        ("oauth_access.create", C::Token),
        ("integration_installation.create", C::Iam),
        ("hook.create", C::Admin),
        ("secret_scanning.disable", C::Logging),
        ("secret_scanning_push_protection.bypass", C::Logging),
        ("protected_branch.destroy", C::Iam),
        ("repository_ruleset.destroy", C::Iam),
        ("workflows.created_workflow_run", C::Invoke),
        ("workflows.delete_workflow_run", C::Delete),
        ("public_key.create", C::Secret),
        ("deploy_key.create", C::Secret),
        ("pull_request.merge", C::Write),
        ("dependabot_alerts.disable", C::Logging),
        ("two_factor_authentication.disabled", C::Iam),
        ("ip_allow_list.disable", C::Iam),
    ] {
        assert_eq!(operation::classify(action, None), class, "{action}");
    }
    assert_eq!(operation::classify("novel.thing", Some("access")), C::Read);
    assert_eq!(operation::classify("novel.thing", Some("remove")), C::Delete);
    assert_eq!(operation::classify("novel.thing", Some("create")), C::Write);
}

#[test]
fn refusals_say_what_is_wrong() {
    for (text, part) in [
        ("[]".to_owned(), "one JSON object"),
        (record(&json!({"action": null})), "no action"),
        (record(&json!({"@timestamp": null, "created_at": null})), "no @timestamp"),
        (record(&json!({"@timestamp": "soon", "created_at": null})), "@timestamp is “soon”"),
        (record(&json!({"actor": null, "actor_id": null, "hashed_token": null})), "no actor"),
        (r#"{"data":{"organization":{"auditLog":{"nodes":[]}}}}"#.to_owned(), "no auditLog.nodes"),
    ] {
        let reason = lines(&text).unwrap_err().to_string();
        assert!(reason.contains(part) && !reason.contains('\n'), "{text}: {reason}");
    }
}

proptest::proptest! {
    /// No mangled record brings the reader down.
    #[test]
    fn mangled_records_are_read_or_refused(record in mangle::mangled(SAMPLES)) {
        mangle::survives(&GithubAudit, &record);
    }
}
