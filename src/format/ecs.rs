//! ECS, the Elastic Common Schema: documents of any provider as shippers store them. The rule: who holds the original
//! gives the original. A document that carries its record (`event.original`, `message`) is read by that record's own format;
//! one whose provider's fields can be put together again (`native`) likewise; everything else by ECS's own fields.

mod document;
mod native;
#[cfg(test)]
pub mod tests;

use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape};
use crate::model::Event;
use serde_json::Value;

/// The format's name.
const NAME: &str = "ecs";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Elastic Common Schema",
    shapes: &[
        "one document a line or a list of documents, names nested or joined by dots",
        "search hits (`_source`)",
        "documents with the original record in `event.original`: it is read by its own format",
    ],
    reads: &[
        ("time", "`@timestamp`"),
        ("event id", "`event.id`"),
        (
            "identity",
            "`user.id`, `user.name`, `user.email`, else `client.user`, `source.user`; the provider's own fields where there are any",
        ),
        ("platform", "`event.module`, `event.dataset`, `cloud.provider`"),
        ("source, client", "`source.ip` or `client.ip`, `user_agent.original`"),
        ("action, service", "`event.action`, `service.name` or `event.provider`"),
        ("tenant", "`cloud.account.id`, `organization.id`"),
        ("target", "`user.target`"),
        ("outcome", "`event.outcome`, `error.code`"),
        ("findings", "`event.kind` `alert` or `signal` that names an identity"),
    ],
    unobservable: &["rows", "the credential, where the provider's own fields were dropped"],
    export: "elasticdump --input=https://HOST:9200/logs-* --output=events.ndjson --type=data",
};

/// Reads ECS documents.
pub struct Ecs;

impl Format for Ecs {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        if shape.has("_source") && shape.has("_index") {
            return parsed(shape.record()).is_some_and(|value| is_document(Node::of(&value)));
        }
        if !shape.has("@timestamp") {
            return false;
        }
        let flat = ["ecs.version", "event.kind", "event.category"].iter().any(|key| shape.has(key));
        flat || ((shape.has("ecs") || shape.has("event")) && parsed(shape.record()).is_some_and(|value| is_document(Node::of(&value))))
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let mut value = unwrapped(tree::parse(record)?);
        tree::nest_joined(&mut value);
        let root = Node::of(&value);
        let mut taken = false;
        native::read(root, &mut |mut event| {
            taken = true;
            event.format = NAME;
            sink(event);
        });
        if !taken {
            sink(document::event(root)?);
        }
        Ok(())
    }
}

fn parsed(record: &str) -> Option<Value> {
    tree::parse(record).ok().map(unwrapped).map(|mut value| {
        tree::nest_joined(&mut value);
        value
    })
}

/// The document of a search hit.
fn unwrapped(mut value: Value) -> Value {
    match value.get_mut("_source").map(Value::take) {
        Some(source @ Value::Object(_)) => source,
        _ => value,
    }
}

/// Whether it is a document of the schema: it says its version, or what kind of event it is.
fn is_document(root: Node<'_>) -> bool {
    let kind = root.get("event.kind").is_some_and(|kind| KINDS.contains(&&*kind));
    root.get("@timestamp").is_some()
        && (root.get("ecs.version").is_some() || kind || root.at("event.category").is_nested() && root.at("event.type").is_nested())
}

/// The schema's values of `event.kind`.
const KINDS: &[&str] = &["event", "alert", "signal", "enrichment", "asset", "metric", "state", "pipeline_error"];
