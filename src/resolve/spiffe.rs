//! SPIFFE ids: the name of a workload inside a trust domain (`spiffe://trust-domain/path`, the SPIFFE-ID standard). One
//! spelling for each: scheme and trust domain in lower case, and what differs from one instance of a workload to the next
//! left out. It must not know which records carry them.

use super::workload;

/// Longest id the standard allows, in bytes.
const LONGEST: usize = 2_048;
/// Longest trust domain the standard allows, in bytes.
const LONGEST_DOMAIN: usize = 255;

/// Trust domains that installers give where nobody chose one: two of them are two domains, whatever they are called.
const UNCHOSEN: &[&str] = &["cluster.local", "example.org", "example.com", "localhost", "local", "domain.test", "trust-domain", "td1"];

/// A SPIFFE id in its one spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpiffeId {
    /// Who vouches for it, lower case.
    pub trust_domain: String,
    /// The workload inside, with its leading `/`; empty where the trust domain itself is meant.
    pub path: String,
}

impl SpiffeId {
    /// Reads a SPIFFE id; `None` for any other text, and for one the standard does not allow (query, port, empty or dotted
    /// segments, other signs than letters, digits, `-`, `_` and `.`).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = (text.get(..9)?, text.get(9..)?);
        if !scheme.eq_ignore_ascii_case("spiffe://") || text.len() > LONGEST {
            return None;
        }
        let (domain, path) = rest.split_once('/').map_or((rest, None), |(domain, path)| (domain, Some(path)));
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if !plain(domain) || domain.len() > LONGEST_DOMAIN {
            return None;
        }
        let segments: Vec<&str> = path.map(|path| path.split('/').collect()).unwrap_or_default();
        if segments.iter().any(|segment| !plain(segment) || matches!(*segment, "." | "..")) {
            return None;
        }
        let path = of_workload(segments).into_iter().flat_map(|segment| ["/".to_owned(), segment]).collect();
        Some(Self { trust_domain: domain.to_ascii_lowercase(), path })
    }

    /// Whether somebody chose the trust domain: one that an installer gave is in many clusters, and names nothing outside.
    pub fn is_global(&self) -> bool {
        !UNCHOSEN.contains(&self.trust_domain.as_str())
    }
}

impl std::fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "spiffe://{}{}", self.trust_domain, self.path)
    }
}

/// The segments without what tells instances apart: a pod beside its service account, the replica of a pod, the node of an
/// agent of SPIRE.
fn of_workload(segments: Vec<&str>) -> Vec<String> {
    if let ["spire", "agent", how, rest @ ..] = segments.as_slice() {
        // What an agent attests by: the last segment names its node, token or certificate, what stands before it the fleet.
        let fleet = rest.split_last().map_or(&[][..], |(_, fleet)| fleet);
        return ["spire", "agent", how].iter().chain(fleet).map(|segment| (*segment).to_owned()).collect();
    }
    let named = segments.contains(&"sa");
    let mut out = Vec::with_capacity(segments.len());
    let mut left = segments.into_iter();
    while let Some(segment) = left.next() {
        match (segment, named) {
            ("pod" | "pod-name" | "pod-uid", true) => drop(left.next()),
            ("pod" | "pod-name", false) => {
                out.push(segment.to_owned());
                out.extend(left.next().map(|pod| workload::of_pod(pod).to_owned()));
            }
            _ => out.push(segment.to_owned()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Protects the join over SPIFFE ids: one workload, one spelling.
    #[test]
    fn ids_have_one_spelling() {
        for (text, id) in [
            ("spiffe://acme.example/ns/shop/sa/cart", "spiffe://acme.example/ns/shop/sa/cart"),
            ("SPIFFE://Acme.Example/ns/shop/sa/Cart", "spiffe://acme.example/ns/shop/sa/Cart"),
            (" spiffe://acme.example/ns/shop/sa/cart/pod/cart-5d4f8b7c9-x2k4q ", "spiffe://acme.example/ns/shop/sa/cart"),
            ("spiffe://acme.example/ns/shop/pod/cart-5d4f8b7c9-x2k4q", "spiffe://acme.example/ns/shop/pod/cart"),
            (
                "spiffe://acme.example/spire/agent/k8s_psat/prod/0f8c2b1e-7c1d-4b3a-9d56-0a1b2c3d4e5f",
                "spiffe://acme.example/spire/agent/k8s_psat/prod",
            ),
            (
                "spiffe://acme.example/spire/agent/aws_iid/111122223333/eu-west-1/i-0abc",
                "spiffe://acme.example/spire/agent/aws_iid/111122223333/eu-west-1",
            ),
            ("spiffe://acme.example/spire/agent/join_token/0f8c2b1e", "spiffe://acme.example/spire/agent/join_token"),
            ("spiffe://proj.svc.id.goog/ns/shop/sa/cart", "spiffe://proj.svc.id.goog/ns/shop/sa/cart"),
            ("spiffe://acme.example", "spiffe://acme.example"),
        ] {
            assert_eq!(SpiffeId::parse(text).map(|id| id.to_string()).as_deref(), Some(id), "{text}");
        }
        for text in [
            "",
            "spiffe://",
            "spiffe:///ns/shop",
            "https://acme.example/ns",
            "spiffe://acme.example/",
            "spiffe://acme.example//a",
            "spiffe://acme.example/a/../b",
            "spiffe://acme.example:443/a",
            "spiffe://acme.example/a?b",
            "spiffe://acme.example/ä",
            "spiffe://acme example/a",
            "spiffe:/ä/",
        ] {
            assert_eq!(SpiffeId::parse(text), None, "{text}");
        }
        assert!(!SpiffeId::parse("spiffe://cluster.local/ns/a/sa/b").unwrap().is_global());
        assert!(SpiffeId::parse("spiffe://acme.example/ns/a/sa/b").unwrap().is_global());
    }

    proptest! {
        /// Ids are hostile: nothing panics, and the one spelling of a spelling is itself.
        #[test]
        fn a_spelling_is_final(text in "(spiffe://)?[a-zA-Z./_ä-]{0,40}") {
            if let Some(id) = SpiffeId::parse(&text) {
                prop_assert_eq!(SpiffeId::parse(&id.to_string()), Some(id));
            }
        }
    }
}
