//! OCSF, the Open Cybersecurity Schema Framework, 1.0-rc.2 to 1.7: records of any provider in one vocabulary. The rule: an
//! identity is the same principal here as in the provider's own log. Where we read that log, the record is turned back into
//! its form (`native`) and read by its reader; everything else is read by OCSF's own fields (`event`, `finding`).

mod class;
mod event;
mod finding;
mod native;
mod product;
#[cfg(test)]
pub mod tests;

use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape};
use crate::model::{Event, Outcome};
use class::Sort;

/// The format's name.
const NAME: &str = "ocsf";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "OCSF",
    shapes: &[
        "one event a line or a list of events, as security data lakes export them",
        "names nested or joined by dots (`actor.user.uid`), objects also as JSON text",
    ],
    reads: &[
        ("time", "`time`, else `time_dt`, `metadata.original_time`"),
        ("event id", "`metadata.uid`"),
        ("identity", "`actor.user`, behind a role's session `actor.session.issuer`; `actor.app_uid`; of sign-ins and findings `user`"),
        ("platform", "`metadata.product`: CloudTrail, Okta, GitHub and Kubernetes give the same identity as their own logs"),
        ("credential", "`actor.user.credential_uid`"),
        ("source, client", "`src_endpoint.ip`, `http_request.user_agent`"),
        ("action, service", "`api.operation`, else `metadata.event_code`, the class with its activity; `api.service.name`"),
        ("resource, target", "`resources[]`, `entity`, `web_resources[]`, `database`, `table`; `user`, `group`"),
        ("outcome", "`status_id`, `status`, `api.response.error`"),
        ("findings", "classes of category 2 that name an identity: attached to it, never learned from"),
    ],
    unobservable: &["rows", "what the exporter left out of the original record"],
    export: "aws securitylake create-subscriber … # then query the lake and export the rows as JSON",
};

/// Members that hold objects and arrive as text from columns of tables.
const OBJECTS: &[&str] = &[
    "actor",
    "api",
    "cloud",
    "metadata",
    "src_endpoint",
    "dst_endpoint",
    "http_request",
    "user",
    "group",
    "entity",
    "entity_result",
    "resource",
    "resources",
    "web_resources",
    "finding",
    "finding_info",
    "evidences",
    "unmapped",
    "session",
    "privileges",
    "query_info",
    "database",
    "table",
    "databucket",
    "file",
];

/// Reads OCSF events.
pub struct Ocsf;

impl Format for Ocsf {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        let described = shape.has("metadata") || shape.has("metadata.version") || shape.has("category_uid") || shape.has("type_uid");
        let class = shape.get("class_uid").and_then(|uid| uid.parse::<u64>().ok());
        described && class.is_some_and(|uid| (1_000..100_000_000).contains(&uid)) && (shape.has("time") || shape.has("time_dt"))
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let mut value = tree::parse(record)?;
        tree::nest_joined(&mut value);
        tree::open_texts(&mut value, OBJECTS);
        let root = Node::of(&value);
        let class = class::of(root)?;
        let product = product::of(root);
        let outcome = event::outcome(root, &class).0;
        let mut taken = false;
        native::read(root, &product, class.sort, &mut |mut event| {
            taken = true;
            event.format = NAME;
            if class.sort == Sort::Activity {
                agree(&mut event, outcome);
            }
            sink(event);
        });
        if !taken {
            sink(match class.sort {
                Sort::Finding => finding::of(root, &product)?,
                Sort::Activity => event::of(root, &class, &product)?,
            });
        }
        Ok(())
    }
}

/// The document's own word on how it ended is kept where the turning back lost it.
fn agree(event: &mut Event<'_>, outcome: Outcome) {
    let failed = matches!(outcome, Outcome::Denied | Outcome::Error);
    if event.outcome == Outcome::Unknown || (event.outcome == Outcome::Success && failed) {
        event.outcome = outcome;
    }
}
