//! The workload behind the name of one of its instances: the deployment of a pod, the pool of a node. The rule: only the
//! endings that the platform itself appends are left out; a name that merely looks alike stays as it is. It must not know
//! which records carry the names.

/// What Kubernetes makes random endings of: no vowels and nothing that is easily mistaken.
const RANDOM: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The name of a pod without what its controller appended: `cart-5d4f8b7c9-x2k4q` of a deployment is `cart`, so is `cart-0`
/// of a stateful set, `cart-29107440-x2k4q` of a scheduled job and `cart-x2k4q` of a job or daemon set.
pub fn of_pod(name: &str) -> &str {
    let Some((head, last)) = name.rsplit_once('-').filter(|(head, _)| !head.is_empty()) else { return name };
    if !last.is_empty() && last.len() <= 3 && last.bytes().all(|b| b.is_ascii_digit()) {
        return head;
    }
    if last.len() != 5 || !last.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return name;
    }
    if let Some((deployment, hash)) = head.rsplit_once('-').filter(|(deployment, _)| !deployment.is_empty()) {
        let plain = hash.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if (8..=10).contains(&hash.len()) && plain && hash.bytes().any(|b| b.is_ascii_digit()) {
            return deployment;
        }
    }
    // Alone it is taken only where no word could be meant.
    let random = last.bytes().all(|b| RANDOM.contains(&b)) && last.bytes().any(|b| b.is_ascii_digit());
    if random { head } else { name }
}

/// The name of a node without what its pool appended: `gke-prod-default-pool-1f2e3d4c-x2k4` of GKE is
/// `gke-prod-default-pool`, `aks-nodepool1-12345678-vmss00000a` of AKS is `aks-nodepool1`. Other clouds name nodes after
/// addresses, which tell no pool: those stay.
pub fn of_node(name: &str) -> &str {
    let hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    let plain = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if name.starts_with("gke-") {
        let pool = name.rsplit_once('-').filter(|(_, node)| plain(node, 4)).and_then(|(head, _)| head.rsplit_once('-'));
        return pool.filter(|(pool, group)| hex(group, 8) && pool.len() > 4).map_or(name, |(pool, _)| pool);
    }
    if name.starts_with("aks-") {
        let pool = name.rsplit_once('-').filter(|(_, node)| node.strip_prefix("vmss").is_some_and(|node| plain(node, 6)));
        let pool = pool.and_then(|(head, _)| head.rsplit_once('-'));
        return pool.filter(|(pool, group)| group.bytes().all(|b| b.is_ascii_digit()) && pool.len() > 4).map_or(name, |(pool, _)| pool);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Protects both sides: replicas are one workload, and names that people gave stay.
    #[test]
    fn endings_of_controllers_are_left_out_and_names_stay() {
        for (pod, workload) in [
            ("cart-5d4f8b7c9-x2k4q", "cart"),
            ("name-5d4f8b7c9-abcde", "name"),
            ("cart-api-66b6c48dd5-7x9zl", "cart-api"),
            ("cart-29107440-x2k4q", "cart"),
            ("cart-x2k4q", "cart"),
            ("kafka-0", "kafka"),
            ("kafka-12", "kafka"),
            ("nightly-nginx", "nightly-nginx"),
            ("cart-batch", "cart-batch"),
            ("report-2026", "report-2026"),
            ("cart", "cart"),
            ("-x2k4q", "-x2k4q"),
            ("", ""),
        ] {
            assert_eq!(of_pod(pod), workload, "{pod}");
        }
        for (node, pool) in [
            ("gke-prod-default-pool-1f2e3d4c-x2k4", "gke-prod-default-pool"),
            ("gke-prod-1f2e3d4c-x2k4", "gke-prod"),
            ("gke-prod", "gke-prod"),
            ("aks-nodepool1-12345678-vmss00000a", "aks-nodepool1"),
            ("aks-nodepool1-12345678-0", "aks-nodepool1-12345678-0"),
            ("ip-10-0-0-1.eu-west-1.compute.internal", "ip-10-0-0-1.eu-west-1.compute.internal"),
        ] {
            assert_eq!(of_node(node), pool, "{node}");
        }
    }

    proptest! {
        /// Names are hostile: nothing panics, and what is left is the beginning of the name.
        #[test]
        fn what_is_left_is_a_beginning(name in "(gke-|aks-)?[a-z0-9ä-]{0,40}") {
            prop_assert!(name.starts_with(of_pod(&name)) && name.starts_with(of_node(&name)));
        }
    }
}
