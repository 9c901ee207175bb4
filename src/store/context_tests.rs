//! Tests of kept context: what is the same is one version, watermarks, what an inventory makes of lists and alerts.

use super::sample::{MONDAY, Sample, chunk, reader};
use super::{ContextSort, NewContext, Store};
use crate::context::{Changes, Inventory};
use crate::model::Timestamp;
use std::collections::BTreeSet;

fn inventory(text: &str) -> Inventory {
    Inventory::parse("inventory.toml", text, &[]).unwrap()
}

/// Protects rule 11: what comes before the first event counts from the beginning, what comes later from its watermark; and
/// giving the same again is no new version.
#[test]
fn versions_have_watermarks_and_the_same_is_one() {
    let store = Store::temporary().unwrap();
    let mut writer = store.writer().unwrap();
    let none = BTreeSet::new();
    let one = inventory("[[identity]]\nid = \"a\"\nowner = \"x\"");
    let first = writer.put_inventory(&one, "inventory.toml", &none, Timestamp(5)).unwrap().unwrap();
    assert_eq!((first.watermark, first.imported, first.rows), (None, Timestamp(5), 1));
    assert_eq!(writer.put_inventory(&one, "elsewhere.toml", &none, Timestamp(6)).unwrap(), None);
    writer.commit(vec![chunk("f", &[Sample::new("a", MONDAY, 1)], 8)]).unwrap();
    let other = inventory("[[identity]]\nid = \"a\"\nowner = \"y\"");
    let second = writer.put_inventory(&other, "inventory.toml", &none, Timestamp(7)).unwrap().unwrap();
    assert_eq!(second.watermark, Some(Timestamp(MONDAY)));
    // What was in force before comes back as a version of its own.
    let third = writer.put_inventory(&one, "inventory.toml", &none, Timestamp(8)).unwrap().unwrap();
    let reader = reader(&store);
    assert_eq!(reader.context_history().unwrap(), [first.clone(), second, third.clone()]);
    assert_eq!(reader.contexts().unwrap(), std::slice::from_ref(&third));
    assert_eq!((third.hash == first.hash, reader.inventory().unwrap().entries()), (true, one.entries()));
    let changes =
        Changes::parse("c", "[[change]]\nidentity = \"a\"\nfrom = 2026-01-01\nto = 2026-01-02\ndimensions = [\"timing\"]", &[]).unwrap();
    writer.put_changes(&changes, "changes.toml", Timestamp(9)).unwrap().unwrap();
    assert_eq!(reader.changes().unwrap(), changes);
}

/// A reader that lives long follows: owners appear without opening the store again.
#[test]
fn lists_show_the_owner_in_force() {
    let store = Store::temporary().unwrap();
    let mut writer = store.writer().unwrap();
    writer.commit(vec![chunk("f", &[Sample::new("a", MONDAY, 1)], 8)]).unwrap();
    let reader = reader(&store);
    let row = || reader.identities(Timestamp(MONDAY), &super::IdentityFilter::default()).unwrap().remove(0);
    assert_eq!((row().identity.owner, row().third_party), (None, None));
    let text = format!("[[identity]]\nid = \"{}\"\nowner = \"x\"\nvendor = \"Acme\"\n", row().identity.id);
    writer.put_inventory(&inventory(&text), "f", &BTreeSet::new(), Timestamp(0)).unwrap();
    assert_eq!((row().identity.owner.as_deref(), row().third_party), (Some("x"), Some(true)));
    let page = reader.identity_page(&row().identity.id, Timestamp(MONDAY)).unwrap().unwrap();
    assert_eq!(page.row.unwrap().identity.owner.as_deref(), Some("x"));
    assert_eq!(reader.declared(&row().identity).unwrap().0.unwrap().vendor.as_deref(), Some("Acme"));
}

/// Address data are bulky: only the version in force keeps its body.
#[test]
fn replaced_address_data_leave_their_body() {
    let store = Store::temporary().unwrap();
    let mut writer = store.writer().unwrap();
    let mut put = |hash: &str, slot: &str, body: &[u8]| {
        let new = NewContext { sort: ContextSort::Addresses, slot, hash, origin: "f", dated: "2026-01-01", expires: None, rows: 1, body };
        writer.put_context(new, &BTreeSet::new(), Timestamp(0)).unwrap().unwrap().id
    };
    let (one, other, two) = (put("1", "aws", b"one"), put("9", "gcp", b"other"), put("2", "aws", b"two"));
    let reader = reader(&store);
    assert_eq!(reader.context_body(one).unwrap(), None);
    assert_eq!(reader.context_body(other).unwrap().as_deref(), Some(&b"other"[..]));
    assert_eq!(reader.context_body(two).unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(reader.contexts().unwrap().iter().map(|v| v.slot.as_str()).collect::<Vec<_>>(), ["aws", "gcp"]);
}
