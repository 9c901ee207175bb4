//! What others say: findings of other products about the identity, indicators an event matched, credentials known to have
//! leaked (`detection.md` 2.15.1, 2.15.3). They come as tags of events; here they become context of an episode. The rule:
//! another product's finding never makes an alert, it only weighs beside evidence of our own, within a day. It must not
//! know where tags come from.

use super::episode::Threat;
use crate::model::Timestamp;
use crate::model::alert::EventRef;
use crate::model::time::DAY;
use serde::{Deserialize, Serialize};

/// How far from an episode another product's finding still belongs to it.
const NEAR: i64 = DAY;
/// Findings remembered of one identity.
const REMEMBERED: usize = 16;

/// Another product's finding about the identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The record it came in.
    pub event: EventRef,
    /// As it is written into an alert.
    pub term: Threat,
}

/// The findings of other products about an identity, by time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Upstream(Vec<Said>);

impl Upstream {
    /// Remembers what a record says.
    pub fn hear(&mut self, event: EventRef, said: &[Threat]) {
        self.0.extend(said.iter().map(|term| Said { event, term: term.clone() }));
        if self.0.len() > REMEMBERED {
            self.0.drain(..self.0.len() - REMEMBERED);
        }
    }

    /// Forgets what is too old for anything that happens from `now` on.
    pub fn forget(&mut self, now: Timestamp) {
        self.0.retain(|said| now.since(said.event.time) <= 2 * NEAR);
    }

    /// What was said within a day of a span of time.
    pub fn near(&self, first: Timestamp, last: Timestamp) -> impl Iterator<Item = &Threat> {
        self.0.iter().filter(move |said| said.event.time >= first.plus(-NEAR) && said.event.time <= last.plus(NEAR)).map(|said| &said.term)
    }
}

/// The terms that tags stand for, one a line: `finding:PRODUCT:SEVERITY:TITLE`, `intel:SORT:VALUE`.
/// Other tags are no context.
pub fn terms(tags: &str) -> Vec<Threat> {
    tags.lines().filter_map(term).collect()
}

fn term(tag: &str) -> Option<Threat> {
    let (kind, rest) = tag.split_once(':')?;
    let (origin, rest) = rest.split_once(':')?;
    let named = |name: &str, bans: f64, observed: String, baseline: &str, always: bool| {
        Some(Threat { name: name.to_owned(), bans, observed, baseline: baseline.to_owned(), always })
    };
    match kind {
        "finding" => {
            let (severity, title) = rest.split_once(':').unwrap_or(("medium", rest));
            let bans = match severity.to_ascii_lowercase().as_str() {
                "critical" | "high" => 1.5,
                "medium" | "moderate" => 1.0,
                _ => 0.5,
            };
            named("upstream-finding", bans, format!("{origin}: {title} ({severity})"), "another product's finding within a day", true)
        }
        "intel" if origin == "credential" => {
            named("leaked-credential", 1.5, rest.to_owned(), "the credential is on a list of leaked ones", true)
        }
        // A client of that name may be anybody's: it weighs beside an unusual source only.
        "intel" if origin == "agent" => named("known-client", 1.0, rest.to_owned(), "a client published as that of a theft", false),
        "intel" => named("indicator", 2.5, rest.to_owned(), "a published indicator, matched exactly", true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_terms() {
        for (tag, name, bans) in [
            ("finding:aws_guardduty:high:UnauthorizedAccess:IAMUser/TorIPCaller", "upstream-finding", 1.5),
            ("finding:entra_risk:medium:unfamiliarFeatures", "upstream-finding", 1.0),
            ("finding:okta:informational:x", "upstream-finding", 0.5),
            ("intel:address:198.51.100.0/24", "indicator", 2.5),
            ("intel:agent:python-requests/2.32.4", "known-client", 1.0),
            ("intel:credential:akiaexample", "leaked-credential", 1.5),
        ] {
            let terms = terms(tag);
            assert_eq!((terms[0].name.as_str(), terms[0].bans), (name, bans), "{tag}");
        }
        assert_eq!(terms("rule:x\nclock\nfinding"), []);
        assert_eq!(terms("finding:aws_guardduty:high:A:B")[0].observed, "aws_guardduty: A:B (high)");
    }

    #[test]
    fn only_what_is_near_counts_and_little_is_remembered() {
        let mut upstream = Upstream::default();
        for n in 0..40 {
            let event = EventRef { time: Timestamp(n * DAY), id: crate::model::EventId(n as u64), principal: 1 };
            upstream.hear(event, &terms("finding:x:low:y"));
        }
        assert_eq!(upstream.0.len(), REMEMBERED);
        assert_eq!(upstream.near(Timestamp(39 * DAY), Timestamp(39 * DAY)).count(), 2);
        upstream.forget(Timestamp(40 * DAY));
        assert_eq!(upstream.0.len(), 2);
    }
}
