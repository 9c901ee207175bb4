//! Kubernetes audit events: what an API server writes to its audit log or webhook, in the containers of the clouds that run
//! one. It owns which shapes are understood and which stage of a request counts; GKE writes its own format
//! (`gcp_audit`), which borrows the names and tables here.

mod call;
mod envelope;
mod event;
mod principal;
#[cfg(test)]
pub mod tests;

use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape};
use crate::model::Event;

pub use call::Call;
pub use principal::account;

/// The format's name.
pub const NAME: &str = "kubernetes_audit";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Kubernetes audit log",
    shapes: &[
        "audit events of `audit.k8s.io` (v1, v1beta1, v1alpha1), one a line or in an `EventList`",
        "EKS: CloudWatch Logs (`message`, `logEvents`, Logs Insights `@message`)",
        "AKS: diagnostic settings (`kube-audit`, `kube-audit-admin`, the event in `properties.log` or `log_s`) and the tables `AKSAudit`, `AKSAuditAdmin`",
        "shippers: the event in `message`, `event.original`, `log` or `kubernetes.audit`",
        "GKE is `gcp_audit`, with the same accounts",
    ],
    reads: &[
        ("time", "`requestReceivedTimestamp`, else `stageTimestamp`, else `timestamp`"),
        (
            "one event a request",
            "stage `ResponseComplete`, or `Panic`. Other stages are refused, except the beginning of `exec`, `attach` and `portforward`: they end when their caller likes, so the beginning counts, under the same id as the end",
        ),
        ("event id", "`auditID`"),
        (
            "identity",
            "`user.username`; of an impersonating request `impersonatedUser`, acting for the user behind it. A role of AWS (EKS) is that role, without its session; an account of Entra (AKS) is that account",
        ),
        ("credential", "`authentication.kubernetes.io/credential-id`; on EKS `accessKeyId`; the pod is the session"),
        ("source, client", "the first of `sourceIPs`, `userAgent`"),
        ("action, service", "`verb` with resource and subresource (`create pods/exec`), API group"),
        ("resource, data", "namespace, resource and name; resource in its namespace"),
        ("outcome", "`responseStatus.code`, else `authorization.k8s.io/decision`"),
        ("rows", "the items of a listing, where the level keeps bodies"),
        ("permissions", "groups of the user"),
    ],
    unobservable: &["bytes", "the cluster, unless its container names it", "what was run, where the level keeps no bodies"],
    export: "kubectl logs has no audit log; on EKS: aws logs filter-log-events --log-group-name /aws/eks/CLUSTER/cluster --log-stream-name-prefix kube-apiserver-audit",
};

/// Reads Kubernetes audit events.
pub struct KubernetesAudit;

impl Format for KubernetesAudit {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        recognises(shape)
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let found = envelope::events(tree::parse(record)?)?;
        if found.is_empty() {
            return Err(Refusal::Missing { field: "auditID", expected: "an audit event of an API server" });
        }
        let mut refused = None;
        let mut read = false;
        for envelope::Found { event, cluster } in &found {
            match event::emit(Node::of(event), cluster.as_deref(), sink) {
                Ok(()) => read = true,
                Err(refusal) => refused = Some(refusal),
            }
        }
        match refused {
            Some(refusal) if !read => Err(refusal),
            _ => Ok(()),
        }
    }
}

/// Whether a record looks like one of ours, in an envelope or bare.
fn recognises(shape: &Shape<'_>) -> bool {
    if shape.get("apiVersion").is_some_and(|version| version.starts_with("audit.k8s.io/")) {
        return true;
    }
    let request = shape.has("verb") && (shape.has("user") || shape.has("user.username"));
    // A column of Azure's tables, or an event whose version was lost on the way.
    if (shape.has("auditID") && (shape.has("stage") || shape.has("verb")))
        || (request && (shape.has("objectRef") || shape.has("objectRef.resource") || shape.has("requestURI")))
    {
        return true;
    }
    if shape.get("kind") == Some("Event") && shape.has("verb") && (shape.has("objectRef") || shape.has("requestURI")) {
        return true;
    }
    if shape.get("category").is_some_and(|name| name.eq_ignore_ascii_case("kube-audit") || name.eq_ignore_ascii_case("kube-audit-admin")) {
        return true;
    }
    let told = |key| shape.get(key).is_some_and(|text| text.contains("audit.k8s.io/") && text.contains("auditID"));
    if ["message", "@message", "log", "event.original", "_raw", "body", "log_s", "data", "line", "event"].into_iter().any(told) {
        return true;
    }
    let shipped = ["logEvents", "kubernetes", "event", "properties", "_source", "json", "data"].iter().any(|key| shape.has(key));
    // Google's entries speak of the same groups; their payload has a name of its own.
    shipped
        && !shape.has("protoPayload")
        && (shape.record().contains("audit.k8s.io/") || shape.record().contains("kubernetes.audit"))
        && tree::parse(shape.record()).and_then(envelope::events).is_ok_and(|found| !found.is_empty())
}
