//! What a request to a cluster's API is: the verb with the resource it is about, in the words of the API server or of
//! Google's method names, and from it the class, the probe and the family of data. It must not know who asks.

use super::super::tree::Node;
use crate::model::ActionClass::{self, Admin, Delete, Describe, Iam, Invoke, List, Logging, Read, Secret, Token, Write};
use crate::model::Probe;
use crate::model::event::Text;
use std::borrow::Cow;

/// A request, taken apart; parts that are absent are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call<'a> {
    pub verb: Cow<'a, str>,
    pub resource: Cow<'a, str>,
    pub subresource: Cow<'a, str>,
    pub namespace: Cow<'a, str>,
    pub name: Cow<'a, str>,
    /// The path of a request about no resource, without its query.
    pub path: Cow<'a, str>,
}

/// Verbs that change nothing.
const READS: &[&str] = &["get", "list", "watch", "head"];

/// Resources that say who may do what.
const ACCESS: &[&str] = &[
    "roles",
    "rolebindings",
    "clusterroles",
    "clusterrolebindings",
    "serviceaccounts",
    "podsecuritypolicies",
    "users",
    "groups",
    "useridentitymappings",
];

/// Resources that make the cluster what it is.
const SETTINGS: &[&str] = &[
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "customresourcedefinitions",
    "apiservices",
    "networkpolicies",
    "nodes",
    "namespaces",
    "flowschemas",
    "prioritylevelconfigurations",
    "runtimeclasses",
    "storageclasses",
    "priorityclasses",
];

/// Subresources through which commands and connections pass.
const THROUGH: &[&str] = &["exec", "attach", "portforward", "proxy"];

impl Call<'_> {
    /// A method of GKE: `io.k8s.core.v1.pods.exec.create` on `core/v1/namespaces/shop/pods/cart-1/exec`, `io.k8s.get` on
    /// `readyz`; `None` for any other method.
    pub fn of_method(method: &str, resource: &str) -> Option<Call<'static>> {
        let rest = method.strip_prefix("io.k8s.")?;
        let parts: Vec<&str> = rest.split('.').collect();
        let (verb, way) = parts.split_last()?;
        let mut call = Self::of_path(resource).unwrap_or_default();
        call.verb = Cow::Owned((*verb).to_owned());
        match way.iter().position(|part| is_version(part)) {
            Some(at) => {
                let mut named = way.iter().skip(at + 1);
                call.resource = Cow::Owned(named.next().copied().unwrap_or_default().to_owned());
                call.subresource = Cow::Owned(named.next().copied().unwrap_or_default().to_owned());
            }
            None if call.resource.is_empty() => call.path = Cow::Owned(format!("/{}", resource.trim_start_matches('/'))),
            None => {}
        }
        Some(call)
    }

    /// A resource's path in GKE's words: `core/v1/namespaces/shop/secrets/key`; `None` for any other path.
    pub fn of_path(path: &str) -> Option<Call<'static>> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let (group, version) = (parts.next()?, parts.next()?);
        if !is_version(version) || group.contains("projects") {
            return None;
        }
        let mut owned = parts.map(|part| Cow::Owned(part.to_owned()));
        let mut call = Call::default();
        let first = owned.next()?;
        if first == "namespaces" {
            // A namespace by itself is a resource; before another it says where that is.
            let namespace = owned.next().unwrap_or_default();
            if let Some(resource) = owned.next() {
                (call.namespace, call.resource) = (namespace, resource);
            } else {
                (call.name, call.resource) = (namespace, first);
            }
        } else {
            call.resource = first;
        }
        if call.name.is_empty() {
            call.name = owned.next().unwrap_or_default();
        }
        call.subresource = owned.next().unwrap_or_default();
        Some(call)
    }

    /// The verb with what it is about: `create pods/exec`, `get /readyz`. Paths of discovery are one: there is one for each
    /// group and version there is.
    pub fn action(&self) -> String {
        if self.resource.is_empty() {
            let first = self.path.split('/').find(|part| !part.is_empty()).unwrap_or_default();
            return format!("{} /{first}", self.verb);
        }
        let sub = if self.subresource.is_empty() { String::new() } else { format!("/{}", self.subresource) };
        format!("{} {}{sub}", self.verb, self.resource)
    }

    /// Namespace, resource, name and subresource; the path where there is no resource.
    pub fn object(&self) -> Option<String> {
        if self.resource.is_empty() {
            return (!self.path.is_empty()).then(|| self.path.clone().into_owned());
        }
        let parts = [&self.namespace, &self.resource, &self.name, &self.subresource];
        Some(parts.into_iter().filter(|part| !part.is_empty()).map(|part| &**part).collect::<Vec<_>>().join("/"))
    }

    /// The kind of thing, in its namespace where it has one.
    pub fn domain(&self) -> Option<String> {
        if self.resource.is_empty() {
            return None;
        }
        let namespace = if self.namespace.is_empty() { String::new() } else { format!("{}/", self.namespace) };
        Some(format!("{namespace}{}", self.resource))
    }

    /// Whether a caller keeps the request open for as long as it likes, so that its end says nothing about when it happened.
    pub fn is_open_ended(&self) -> bool {
        matches!(&*self.subresource, "exec" | "attach" | "portforward")
    }

    fn is(&self, resources: &[&str]) -> bool {
        resources.contains(&&*self.resource)
    }

    /// What the request does.
    pub fn class(&self) -> ActionClass {
        let reads = READS.contains(&&*self.verb);
        if self.verb == "impersonate" || matches!(&*self.verb, "bind" | "escalate") {
            return Iam;
        }
        if self.resource.is_empty() {
            return if reads { Describe } else { self.by_verb() };
        }
        if THROUGH.contains(&&*self.subresource) || self.subresource == "ephemeralcontainers" && !reads {
            return Invoke;
        }
        if self.is(&["secrets"]) || self.is(&["certificatesigningrequests"]) && !reads {
            return Secret;
        }
        if self.is(&["serviceaccounts"]) && self.subresource == "token" || self.is(&["tokenreviews", "tokenrequests"]) {
            return Token;
        }
        if self.resource.starts_with("selfsubject")
            || self.resource.ends_with("subjectaccessreviews")
            || self.resource.ends_with("rulesreviews")
        {
            return Describe;
        }
        // Who is mapped to whom on EKS stands in a configuration map.
        let mapping = self.is(&["configmaps"]) && self.name == "aws-auth";
        if !reads && (self.is(ACCESS) || mapping) {
            return Iam;
        }
        if self.is(&["auditsinks"]) && !reads || self.is(&["events"]) && self.verb.starts_with("delete") {
            return Logging;
        }
        if !reads && self.is(SETTINGS) && self.subresource != "status" && self.verb != "delete" {
            return Admin;
        }
        self.by_verb()
    }

    fn by_verb(&self) -> ActionClass {
        match &*self.verb {
            "list" | "watch" => List,
            "get" | "head" => Read,
            "delete" | "deletecollection" => Delete,
            _ if self.subresource == "eviction" => Delete,
            "create" | "update" | "patch" | "post" | "put" | "apply" => Write,
            _ => Admin,
        }
    }

    /// The probe the request amounts to, if any: asking what one may do, what there is everywhere, what the interface offers.
    pub fn probe(&self) -> Option<Probe> {
        if self.resource.starts_with("selfsubject") {
            return Some(Probe::WhoAmI);
        }
        if self.resource.is_empty() {
            let first = self.path.split('/').find(|part| !part.is_empty()).unwrap_or_default();
            return matches!(first, "api" | "apis" | "openapi" | "swagger.json" | "version").then_some(Probe::Describe);
        }
        if self.is(&["resourcequotas", "limitranges"]) && matches!(&*self.verb, "get" | "list") {
            return Some(Probe::Limits);
        }
        (self.verb == "list" && self.namespace.is_empty()).then_some(Probe::ListAll)
    }

    /// The account the request acts on: whose token is made, to whom a role is bound, of whom a permission is asked. Bodies are
    /// there only where the level keeps them.
    pub fn target<'a>(&self, request: Node<'a>, response: Node<'a>) -> Option<Text<'a>> {
        match &*self.resource {
            "serviceaccounts" if !self.namespace.is_empty() => {
                let name = if self.name.is_empty() { request.get("metadata.name")? } else { Cow::Owned(self.name.to_string()) };
                Some(Cow::Owned(format!("system:serviceaccount:{}:{name}", self.namespace)))
            }
            "rolebindings" | "clusterrolebindings" => {
                let subject = request.at("subjects").items().next()?;
                let name = subject.get("name")?;
                if subject.get("kind").is_some_and(|kind| kind == "ServiceAccount") {
                    let namespace = subject.get("namespace").unwrap_or_else(|| Cow::Owned(self.namespace.to_string()));
                    return Some(Cow::Owned(format!("system:serviceaccount:{namespace}:{name}")));
                }
                Some(name)
            }
            "subjectaccessreviews" | "localsubjectaccessreviews" => request.get("spec.user"),
            "tokenreviews" => response.get("status.user.username"),
            _ => None,
        }
    }
}

/// `v1`, `v2beta1`.
fn is_version(part: &str) -> bool {
    let Some(rest) = part.strip_prefix('v') else { return false };
    let number = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    rest.bytes().next().is_some_and(|b| b.is_ascii_digit()) && (number.is_empty() || number.ends_with("alpha") || number.ends_with("beta"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call<'a>(verb: &'a str, resource: &'a str, sub: &'a str, namespace: &'a str, name: &'a str) -> Call<'a> {
        let borrowed = Cow::Borrowed;
        Call {
            verb: borrowed(verb),
            resource: borrowed(resource),
            subresource: borrowed(sub),
            namespace: borrowed(namespace),
            name: borrowed(name),
            path: borrowed(""),
        }
    }

    /// Protects the classes of the requests that matter.
    #[test]
    fn requests_have_classes_and_probes() {
        for (call, class, probe, action) in [
            (call("create", "pods", "exec", "shop", "cart-1"), Invoke, None, "create pods/exec"),
            (call("get", "nodes", "proxy", "", "n1"), Invoke, None, "get nodes/proxy"),
            (call("get", "secrets", "", "shop", "key"), Secret, None, "get secrets"),
            (call("list", "secrets", "", "", ""), Secret, Some(Probe::ListAll), "list secrets"),
            (call("list", "pods", "", "shop", ""), List, None, "list pods"),
            (call("watch", "pods", "", "", ""), List, None, "watch pods"),
            (call("create", "rolebindings", "", "shop", "x"), Iam, None, "create rolebindings"),
            (call("list", "rolebindings", "", "shop", ""), List, None, "list rolebindings"),
            (call("create", "serviceaccounts", "token", "shop", "cart"), Token, None, "create serviceaccounts/token"),
            (call("create", "tokenreviews", "", "", ""), Token, None, "create tokenreviews"),
            (call("create", "subjectaccessreviews", "", "", ""), Describe, None, "create subjectaccessreviews"),
            (call("create", "selfsubjectrulesreviews", "", "", ""), Describe, Some(Probe::WhoAmI), "create selfsubjectrulesreviews"),
            (call("patch", "configmaps", "", "kube-system", "aws-auth"), Iam, None, "patch configmaps"),
            (call("delete", "events", "", "shop", "e"), Logging, None, "delete events"),
            (call("create", "pods", "eviction", "shop", "p"), Delete, None, "create pods/eviction"),
            (call("create", "mutatingwebhookconfigurations", "", "", "m"), Admin, None, "create mutatingwebhookconfigurations"),
            (call("update", "nodes", "status", "", "n1"), Write, None, "update nodes/status"),
            (call("get", "pods", "log", "shop", "p"), Read, None, "get pods/log"),
            (call("deletecollection", "pods", "", "shop", ""), Delete, None, "deletecollection pods"),
            (call("list", "resourcequotas", "", "shop", ""), List, Some(Probe::Limits), "list resourcequotas"),
        ] {
            assert_eq!((call.class(), call.probe(), call.action().as_str()), (class, probe, action));
        }
        let version = Call { path: Cow::Borrowed("/apis/apps/v1"), verb: Cow::Borrowed("get"), ..Call::default() };
        assert_eq!((version.class(), version.probe(), version.action().as_str()), (Describe, Some(Probe::Describe), "get /apis"));
    }

    /// Protects that GKE's words and the API server's are one.
    #[test]
    fn methods_of_gke_are_the_same_requests() {
        for (method, path, expected) in [
            (
                "io.k8s.core.v1.pods.exec.create",
                "core/v1/namespaces/shop/pods/cart-1/exec",
                Some(call("create", "pods", "exec", "shop", "cart-1")),
            ),
            (
                "io.k8s.authorization.rbac.v1.clusterrolebindings.create",
                "rbac.authorization.k8s.io/v1/clusterrolebindings/x",
                Some(call("create", "clusterrolebindings", "", "", "x")),
            ),
            ("io.k8s.core.v1.secrets.list", "core/v1/secrets", Some(call("list", "secrets", "", "", ""))),
            ("io.k8s.core.v1.namespaces.get", "core/v1/namespaces/shop", Some(call("get", "namespaces", "", "", "shop"))),
            ("io.k8s.get", "readyz", Some(Call { path: Cow::Borrowed("/readyz"), ..call("get", "", "", "", "") })),
            ("storage.objects.get", "projects/_/buckets/b", None),
        ] {
            assert_eq!(Call::of_method(method, path), expected, "{method}");
        }
        assert_eq!(Call::of_path("projects/_/buckets/b"), None);
    }
}
