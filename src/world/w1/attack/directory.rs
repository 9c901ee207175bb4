//! Attacks on service principals of Entra ID. It must not know how they are found.

use super::{PLAIN, Scenario, Script, Verdict};
use crate::model::Severity::{Critical, High};
use crate::model::time::{HOUR, MINUTE};
use crate::world::w1::KindId::K11;
use crate::world::w1::entra::{ROTATION, certificate, line, stranger};
use crate::world::w1::noise::fixed;
use crate::world::w1::place::Place;
use crate::world::w1::record::What;
use crate::world::w1::salesforce::Caller;

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        id: "A08",
        title: "full chain: sign-in elsewhere, role, secret, the directory",
        kinds: &[K11],
        verdict: Verdict::Alert(Critical),
        bar: Some(4),
        families: &["source", "sequence", "action", "privilege", "threat"],
        script: chain,
        ..PLAIN
    },
    Scenario {
        id: "A17",
        title: "the old certificate, nine days after it was exchanged",
        kinds: &[K11],
        verdict: Verdict::Alert(High),
        bar: Some(1),
        families: &["client", "sequence", "source"],
        script: zombie,
        ..PLAIN
    },
];

fn chain(s: &mut Script<'_>) {
    let line = stranger(
        s.member,
        s.start,
        Place::Comcast,
        "Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.19045; en-US) PowerShell/7.4.2",
        &mut s.chance,
    );
    let mut at = s.member.midnight(s.start).plus(s.chance.between(0, 18) as i64 * HOUR + 17 * MINUTE);
    s.add("sign-in", line.call(at, What::SignIn));
    at = at.plus(12 * MINUTE);
    let role = What::Change { activity: "Add app role assignment to service principal", target: fixed("Microsoft Graph"), key: None };
    s.add("role", line.call(at, role));
    at = at.plus(12 * MINUTE);
    let key = Some(s.chance.uuid().to_string());
    let secret =
        What::Change { activity: "Update application – Certificates and secrets management ", target: fixed("directory-sync"), key };
    s.add("secret", line.call(at, secret));
    at = at.plus(12 * MINUTE);
    for page in 0..500 {
        let path = if page == 0 { "/users?$top=999".to_owned() } else { format!("/users?$top=999&$skiptoken=RFNwdAIAAQ{page:04}") };
        s.add("the directory", line.call(at, What::Graph { method: "GET", path, bytes: 240_000 }));
        at = at.plus(s.chance.between(400, 2_000) as i64);
    }
}

fn zombie(s: &mut Script<'_>) {
    let generation = (s.start - 9 + s.member.offset as i32) / ROTATION;
    let old = certificate(s.member, generation - 1, "t-old".to_owned());
    let own = line(s.member, s.start, 901);
    let from = Place::Azure.address(s.member.block(Place::Azure, 7), 44);
    let here = Caller { from, grant: old, ..own };
    let mut at = s.member.midnight(s.start).plus(s.chance.between(1, 22) as i64 * HOUR + 11 * MINUTE);
    s.add("sign-in", here.call(at, What::SignIn));
    for path in ["/users/delta", "/groups/delta"] {
        at = at.plus(s.chance.between(900, 4_000) as i64);
        s.add("reading", here.call(at, What::Graph { method: "GET", path: path.to_owned(), bytes: 9_000 }));
    }
}
