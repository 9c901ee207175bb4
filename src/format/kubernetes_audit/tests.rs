//! One record of every shape and quirk, and what must come out of it.

use super::*;
use crate::model::{ActionClass, KindEvidence, Outcome, Probe, Timestamp};
use serde_json::{Value, json};

/// One record of each shape, for the tests of all formats.
pub const SAMPLES: &[&str] = &[
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"0a1b","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/secrets/key","verb":"get","user":{"username":"system:serviceaccount:shop:cart","groups":["system:serviceaccounts"],"extra":{"authentication.kubernetes.io/credential-id":["JTI=7f"],"authentication.kubernetes.io/pod-name":["cart-1"]}},"impersonatedUser":{"username":"ann@example.com"},"sourceIPs":["198.51.100.7","10.0.0.1"],"userAgent":"kubectl/v1.31","objectRef":{"resource":"secrets","namespace":"shop","name":"key","apiVersion":"v1"},"responseStatus":{"code":403,"reason":"Forbidden"},"requestReceivedTimestamp":"2026-11-19T10:00:00.123456Z","stageTimestamp":"2026-11-19T10:00:01Z","annotations":{"authorization.k8s.io/decision":"forbid"}}"#,
    r#"{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/aws/eks/shop/cluster","subscriptionFilters":["x"],"logEvents":[{"id":"1","timestamp":1795082400123,"message":"{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\":\"0a1b\",\"stage\":\"ResponseComplete\",\"verb\":\"list\",\"user\":{\"username\":\"x\"},\"requestReceivedTimestamp\":\"2026-11-19T10:00:00Z\"}"}]}"#,
    r#"{"time":"2026-11-19T10:00:00Z","resourceId":"/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/SHOP","category":"kube-audit","operationName":"Microsoft.ContainerService/managedClusters/diagnosticLogs/Read","properties":{"log":"{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\":\"0a1b\",\"stage\":\"ResponseComplete\",\"verb\":\"get\",\"user\":{\"username\":\"x\"},\"requestReceivedTimestamp\":\"2026-11-19T10:00:00Z\"}"}}"#,
];

/// Reads one record that holds one event and looks at it.
fn with(record: &Value, look: impl FnOnce(&Event<'_>)) {
    let text = record.to_string();
    assert!(recognises(&Shape::of(&text).unwrap()), "{text}");
    let mut look = Some(look);
    let mut seen = 0;
    KubernetesAudit
        .read(&text, &mut |event| {
            seen += 1;
            if let Some(look) = look.take() {
                look(&event);
            }
        })
        .unwrap_or_else(|refusal| panic!("{refusal}: {text}"));
    assert_eq!(seen, 1, "{text}");
}

fn refused(record: &Value) -> String {
    KubernetesAudit.read(&record.to_string(), &mut |event| panic!("read as {event:?}")).unwrap_err().to_string()
}

/// A sound event with some members replaced; null takes one away.
fn audit(change: &Value) -> Value {
    let mut base = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "0a1b2c3d", "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/shop/secrets/db?timeout=1s", "verb": "get",
        "user": {"username": "system:serviceaccount:shop:cart", "uid": "1", "groups": ["system:serviceaccounts", "system:authenticated"],
            "extra": {"authentication.kubernetes.io/pod-name": ["cart-5d78c-x2x4z"], "authentication.kubernetes.io/credential-id": ["JTI=7f3a"]}},
        "sourceIPs": ["198.51.100.7", "10.0.0.1"], "userAgent": "kubectl/v1.31.0",
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": "db", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": "2026-11-19T10:00:00.123456Z", "stageTimestamp": "2026-11-19T10:00:00.223456Z",
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "RBAC: allowed"}
    });
    for (key, value) in change.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(key);
        } else {
            base[key] = value.clone();
        }
    }
    base
}

/// Protects every way an event is exported: the same request must be the same event in each, and the cluster is known where
/// the container names it.
#[test]
fn every_shape_gives_the_same_event() {
    let native = audit(&json!({}));
    let text = native.to_string();
    let line = json!({"id": "1", "timestamp": 1_795_082_401_000_i64, "message": text});
    let resource = "/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/SHOP-PROD";
    let table = json!({
        "TimeGenerated": "2026-11-19T10:00:09Z", "Type": "AKSAudit", "_ResourceId": resource.to_lowercase(), "AuditId": "0a1b2c3d", "Level": "Metadata",
        "Stage": "ResponseComplete", "Verb": "get", "RequestUri": "/api/v1/namespaces/shop/secrets/db", "UserAgent": "kubectl/v1.31.0",
        "User": native["user"].to_string(), "SourceIps": "[\"198.51.100.7\"]", "ObjectRef": native["objectRef"].to_string(),
        "ResponseStatus": "{\"code\":200}", "RequestReceivedTime": "2026-11-19T10:00:00.123456Z", "StageReceivedTime": "2026-11-19T10:00:00.2Z"
    });
    let dotted = json!({
        "auditID": "0a1b2c3d", "stage": "ResponseComplete", "verb": "get", "requestURI": "/api/v1/namespaces/shop/secrets/db", "user.username": "system:serviceaccount:shop:cart",
        "user.extra": native["user"]["extra"].to_string(), "sourceIPs": "[\"198.51.100.7\"]", "userAgent": "kubectl/v1.31.0", "objectRef.resource": "secrets",
        "objectRef.namespace": "shop", "objectRef.name": "db", "responseStatus.code": "200", "requestReceivedTimestamp": "2026-11-19T10:00:00.123456Z"
    });
    for (record, cluster) in [
        (native.clone(), None),
        (dotted, None),
        (audit(&json!({"apiVersion": "audit.k8s.io/v1beta1"})), None),
        (
            audit(
                &json!({"apiVersion": "audit.k8s.io/v1alpha1", "requestReceivedTimestamp": null, "stageTimestamp": null, "timestamp": "2026-11-19T10:00:00.123Z"}),
            ),
            None,
        ),
        (json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": [native.clone()]}), None),
        (line.clone(), None),
        (
            json!({"@timestamp": "2026-11-19 10:00:01.000", "@message": text, "@log": "111122223333:/aws/eks/shop-prod/cluster"}),
            Some("shop-prod"),
        ),
        (
            json!({"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "/aws/eks/shop-prod/cluster", "logStream": "kube-apiserver-audit-1", "subscriptionFilters": ["a"], "logEvents": [line]}),
            Some("shop-prod"),
        ),
        (
            json!({"time": "2026-11-19T10:00:05Z", "resourceId": resource, "category": "kube-audit", "operationName": "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read", "properties": {"log": text, "stream": "stdout", "pod": "kube-apiserver-1"}}),
            Some("shop-prod"),
        ),
        (
            json!({"time": "2026-11-19T10:00:05Z", "resourceId": resource, "category": "kube-audit-admin", "properties": json!({"log": text}).to_string()}),
            Some("shop-prod"),
        ),
        (
            json!({"TimeGenerated": "2026-11-19T10:00:05Z", "ResourceId": resource, "Category": "kube-audit", "log_s": text}),
            Some("shop-prod"),
        ),
        (table, Some("shop-prod")),
        (json!({"@timestamp": "2026-11-19T10:01:00Z", "kubernetes": {"audit": native}}), None),
        (json!({"@timestamp": "2026-11-19T10:01:00Z", "event": {"original": text}}), None),
    ] {
        with(&record, |event| {
            assert_eq!(event.time, Timestamp::parse("2026-11-19T10:00:00.123Z").unwrap(), "{record}");
            assert_eq!((event.principal.platform, &*event.principal.id), ("kubernetes", "system:serviceaccount:shop:cart"), "{record}");
            assert_eq!((&*event.action, event.class), ("get secrets", ActionClass::Secret), "{record}");
            assert_eq!(event.resource.as_deref(), Some("shop/secrets/db"), "{record}");
            assert_eq!(event.domain.as_deref(), Some("shop/secrets"), "{record}");
            assert_eq!(event.source.as_deref(), Some("198.51.100.7"), "{record}");
            assert_eq!(event.agent.as_deref(), Some("kubectl/v1.31.0"), "{record}");
            assert_eq!(event.outcome, Outcome::Success, "{record}");
            assert_eq!(event.provider_id.as_deref(), Some("0a1b2c3d"), "{record}");
            assert_eq!(event.session.as_deref(), Some("cart-5d78c-x2x4z"), "{record}");
            assert_eq!(event.credential.as_ref().map(|c| (&*c.id, c.kind)), Some(("7f3a", "oidc")), "{record}");
            assert_eq!(event.tenant.as_deref(), cluster, "{record}");
        });
    }
}

type Holds = fn(&Event<'_>) -> bool;

/// Protects the quirks of single fields: each line is one that logs really have.
#[test]
fn quirks_of_the_event() {
    let cases: &[(&str, Value, Holds)] = &[
        (
            "impersonation: the impersonated user acts, the other is behind it",
            json!({"user": {"username": "system:admin", "groups": ["system:masters"]}, "impersonatedUser": {"username": "bob@example.com", "groups": ["dev"]}}),
            |e| {
                e.principal.id == "bob@example.com"
                    && e.on_behalf_of.as_deref() == Some("system:admin")
                    && e.scopes.as_deref() == Some("dev")
            },
        ),
        (
            "a role of AWS, not its session",
            json!({"user": {"username": "arn:aws:sts::111122223333:assumed-role/deploy/run-7", "extra": {"accessKeyId": ["ASIAIOSFODNN7EXAMPLE"], "arn": ["arn:aws:sts::111122223333:assumed-role/deploy/run-7"], "canonicalArn": ["arn:aws:iam::111122223333:role/deploy"], "sessionName": ["run-7"]}}}),
            |e| {
                e.principal.platform == "aws"
                    && e.principal.id == "arn:aws:iam::111122223333:role/deploy"
                    && e.session.as_deref() == Some("run-7")
                    && e.credential.as_ref().is_some_and(|c| c.kind == "sts_session")
                    && e.cloud_account.as_deref() == Some("111122223333")
            },
        ),
        (
            "a role of AWS that the cluster gave a name",
            json!({"user": {"username": "kubernetes-admin", "groups": ["system:masters"], "extra": {"accessKeyId": ["AKIAIOSFODNN7EXAMPLE"], "canonicalArn": ["arn:aws:iam::111122223333:user/ann"], "sessionName": [""]}}}),
            |e| {
                e.principal.id == "kubernetes-admin"
                    && e.on_behalf_of.as_deref() == Some("arn:aws:iam::111122223333:user/ann")
                    && e.credential.as_ref().is_some_and(|c| c.kind == "static_key")
            },
        ),
        ("the control plane", json!({"user": {"username": "system:kube-scheduler"}}), |e| {
            e.principal.evidence == KindEvidence::PROVIDER_SERVICE
        }),
        ("nobody", json!({"user": {"username": "system:anonymous"}}), |e| e.principal.evidence == KindEvidence::NONE),
        (
            "a command in a pod",
            json!({"verb": "create", "objectRef": {"resource": "pods", "subresource": "exec", "namespace": "shop", "name": "cart-1"}, "responseStatus": {"code": 101}}),
            |e| {
                e.class == ActionClass::Invoke
                    && e.action == "create pods/exec"
                    && e.outcome == Outcome::Success
                    && e.resource.as_deref() == Some("shop/pods/cart-1/exec")
            },
        ),
        (
            "a command in a pod that still runs",
            json!({"stage": "ResponseStarted", "verb": "get", "objectRef": {"resource": "pods", "subresource": "exec", "namespace": "shop", "name": "cart-1"}, "responseStatus": {"code": 101}}),
            |e| e.provider_id.as_deref() == Some("0a1b2c3d") && e.class == ActionClass::Invoke,
        ),
        ("a panic", json!({"stage": "Panic", "responseStatus": null}), |e| e.outcome == Outcome::Error),
        (
            "secrets of all namespaces",
            json!({"verb": "list", "objectRef": {"resource": "secrets", "apiVersion": "v1"}, "responseObject": {"kind": "SecretList", "items": [{}, {}, {}]}}),
            |e| e.class == ActionClass::Secret && e.probe == Some(Probe::ListAll) && e.rows == Some(3),
        ),
        ("a refusal", json!({"responseStatus": {"status": "Failure", "reason": "Forbidden", "code": 403}}), |e| {
            e.outcome == Outcome::Denied && e.error.as_deref() == Some("Forbidden")
        }),
        ("not found", json!({"responseStatus": {"code": 404}}), |e| e.outcome == Outcome::Error && e.error.as_deref() == Some("404")),
        ("a decision alone", json!({"responseStatus": null, "annotations": {"authorization.k8s.io/decision": "forbid"}}), |e| {
            e.outcome == Outcome::Denied
        }),
        ("nothing said", json!({"responseStatus": null, "annotations": null}), |e| e.outcome == Outcome::Unknown && e.error.is_none()),
        (
            "what may I do",
            json!({"verb": "create", "objectRef": {"resource": "selfsubjectrulesreviews", "apiGroup": "authorization.k8s.io"}}),
            |e| e.probe == Some(Probe::WhoAmI) && e.service.as_deref() == Some("authorization.k8s.io"),
        ),
        (
            "a role bound to an account",
            json!({"verb": "create", "objectRef": {"resource": "clusterrolebindings", "name": "x", "apiGroup": "rbac.authorization.k8s.io"}, "requestObject": {"roleRef": {"name": "cluster-admin"}, "subjects": [{"kind": "ServiceAccount", "name": "cart", "namespace": "shop"}]}}),
            |e| e.class == ActionClass::Iam && e.target.as_deref() == Some("system:serviceaccount:shop:cart"),
        ),
        (
            "a token made",
            json!({"verb": "create", "objectRef": {"resource": "serviceaccounts", "subresource": "token", "namespace": "shop", "name": "pay"}}),
            |e| e.class == ActionClass::Token && e.target.as_deref() == Some("system:serviceaccount:shop:pay"),
        ),
        ("a path, no resource", json!({"objectRef": null, "requestURI": "/apis/apps/v1?timeout=32s"}), |e| {
            e.action == "get /apis" && e.resource.as_deref() == Some("/apis/apps/v1") && e.service.is_none() && e.domain.is_none()
        }),
        (
            "the time of old servers",
            json!({"requestReceivedTimestamp": null, "stageTimestamp": null, "metadata": {"creationTimestamp": "2017-09-11T19:55:05Z"}}),
            |e| e.time == Timestamp::parse("2017-09-11T19:55:05Z").unwrap(),
        ),
        ("no addresses", json!({"sourceIPs": [], "userAgent": null}), |e| e.source.is_none() && e.agent.is_none()),
    ];
    for (what, change, holds) in cases {
        with(&audit(change), |event| assert!(holds(event), "{what}: {event:#?}"));
    }
}

/// Protects "one request, one event": the other stages are refused by name.
#[test]
fn other_stages_and_broken_events_are_refused_by_name() {
    for (change, part) in [
        (json!({"stage": "RequestReceived", "responseStatus": null}), "stage RequestReceived"),
        (json!({"stage": "ResponseStarted", "verb": "watch"}), "stage ResponseStarted"),
        (json!({"stage": "Perhaps"}), "stage is “Perhaps”"),
        (json!({"user": {"uid": "1"}}), "no user.username"),
        (json!({"verb": null}), "no verb"),
        (json!({"requestReceivedTimestamp": null, "stageTimestamp": null}), "no requestReceivedTimestamp"),
    ] {
        let reason = refused(&audit(&change));
        assert!(reason.contains(part) && !reason.contains('\n'), "{change}: {reason}");
    }
    assert!(refused(&json!({"apiVersion": "audit.k8s.io/v1", "kind": "EventList"})).contains("no auditID"));
    let deep = (0..9).fold(audit(&json!({})), |inner, _| json!({ "message": inner.to_string() }));
    assert!(refused(&deep).contains("nested deeper"));
}

/// Protects other formats, and Kubernetes' own events, which are no audit.
#[test]
fn records_of_others_are_not_recognised() {
    for record in [
        json!({"kind": "Event", "apiVersion": "v1", "involvedObject": {"kind": "Pod"}, "reason": "Started"}),
        json!({"protoPayload": {"serviceName": "k8s.io", "request": {"apiVersion": "audit.k8s.io/v1"}}, "event": {}}),
        json!({"category": "kube-apiserver", "properties": {"log": "I1119 10:00:00"}}),
        json!({"verb": "get", "user": "x"}),
        json!({"message": "auditID"}),
        json!({"auditID": "x"}),
    ] {
        let text = record.to_string();
        assert!(!recognises(&Shape::of(&text).unwrap()), "{text}");
    }
}
