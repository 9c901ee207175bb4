//! What makes principals of different systems one identity: a name that only one thing in the world can have, whoever
//! writes it down. The rule: a key is told by the form of a name alone, so that the map of identities is the same whatever
//! order the records came in; and where a name could mean two things there is no key, because two identities joined by
//! mistake hide a thief behind the habits of the other. `docs/identities.md` gives each rule with its reason. It must not
//! know records.

use super::spiffe::SpiffeId;

/// Grows whenever a rule changes: a store that was written under an older one is joined anew.
pub const RULES: i64 = 1;

/// The key of a name, the same in every system; `None` for a name that means something only where it stands.
///
/// A service account of Google by its address (the domain is reserved for them); a role or user of AWS by partition,
/// account and name (unique in an account whatever the path and case); a workload by its SPIFFE id, unless the trust domain
/// is one that installers give.
pub fn join_key(id: &str) -> Option<String> {
    let id = id.trim();
    if id.starts_with("arn:aws") {
        return arn(id);
    }
    if id.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("spiffe://")) {
        return SpiffeId::parse(id).filter(SpiffeId::is_global).map(|id| id.to_string());
    }
    google_account(id)
}

/// `arn:aws:iam::ACCOUNT:role/path/NAME`, `…:user/path/NAME`, `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
fn arn(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, _, account, resource] = parts.as_slice() else { return None };
    if account.is_empty() || !account.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (sort, rest) = resource.split_once('/')?;
    let (sort, name) = match (*service, sort) {
        ("iam", "role" | "user") => (sort, rest.rsplit('/').next()?),
        ("sts", "assumed-role") => ("role", rest.split('/').next()?),
        _ => return None,
    };
    (!name.is_empty()).then(|| format!("{partition}:{account}:{sort}/{}", name.to_ascii_lowercase()))
}

/// `robot@project.iam.gserviceaccount.com` and its sisters (`developer.`, `appspot.`, those of Google's own services).
fn google_account(id: &str) -> Option<String> {
    let (local, domain) = id.split_once('@')?;
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if !plain(local) || !plain(domain) {
        return None;
    }
    let domain = domain.to_ascii_lowercase();
    (domain.ends_with(".gserviceaccount.com")).then(|| format!("{}@{domain}", local.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Protects the joins across systems: what is one thing has one key, what may be two has none.
    #[test]
    fn one_thing_has_one_key_and_two_have_none() {
        for (ids, key) in [
            (&["robot@proj.iam.gserviceaccount.com", "Robot@Proj.iam.gserviceaccount.com "][..], "robot@proj.iam.gserviceaccount.com"),
            (&["123-compute@developer.gserviceaccount.com"], "123-compute@developer.gserviceaccount.com"),
            (
                &[
                    "arn:aws:iam::111122223333:role/deploy",
                    "arn:aws:iam::111122223333:role/ci/Deploy",
                    "arn:aws:sts::111122223333:assumed-role/deploy/run-7",
                ],
                "aws:111122223333:role/deploy",
            ),
            (&["arn:aws:iam::111122223333:user/app/svc"], "aws:111122223333:user/svc"),
            (&["arn:aws-cn:iam::111122223333:role/deploy"], "aws-cn:111122223333:role/deploy"),
            (&["spiffe://Acme.example/ns/a/sa/b", "spiffe://acme.example/ns/a/sa/b/pod/b-0"], "spiffe://acme.example/ns/a/sa/b"),
        ] {
            for id in ids {
                assert_eq!(join_key(id).as_deref(), Some(key), "{id}");
            }
        }
        for id in [
            "",
            "deploy",
            "ana@example.com",
            "svc-etl@example.com",
            "gserviceaccount.com",
            "x@gserviceaccount.com.evil.example",
            "x y@proj.iam.gserviceaccount.com",
            "a@b@proj.iam.gserviceaccount.com",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::XXXXXXXXXXXX:role/deploy",
            "arn:aws:iam:::role/deploy",
            "arn:aws:sts::111122223333:federated-user/ana",
            "arn:aws:s3:::bucket/role/deploy",
            "system:serviceaccount:shop:cart",
            "spiffe://cluster.local/ns/a/sa/b",
            "app:bbbbbbbb-0000-4000-8000-000000000002",
            "0oa1abc",
        ] {
            assert_eq!(join_key(id), None, "{id}");
        }
    }

    proptest! {
        /// Names are hostile: nothing panics, and the key of a service account's or workload's key is itself.
        #[test]
        fn keys_are_final(id in "(arn:aws:iam::1:role/|spiffe://|x@)?[a-zA-Z0-9:/@.ä-]{0,40}") {
            if let Some(key) = join_key(&id).filter(|key| !key.starts_with("aws")) {
                prop_assert_eq!(join_key(&key), Some(key));
            }
        }
    }
}
