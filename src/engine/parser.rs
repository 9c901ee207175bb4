//! What the workers need to turn a record into an event, brought together: formats, the store's redactor, what is known
//! about addresses. It must not know threads.

use super::chunk::Knowledge;
use crate::context::intel::{Hit, Intel};
use crate::enrich::Enricher;
use crate::format::{self, Format};
use crate::model::Source;
use crate::model::event::Event;
use crate::redact::{self, Redactor};
use std::borrow::Cow;

/// Formats, secrets and addresses, shared by all workers.
pub struct Parser {
    redactor: Redactor,
    enricher: Enricher,
    intel: Intel,
    only: Option<&'static dyn Format>,
}

impl Parser {
    /// A parser that redacts with the store's key. With `only`, every record is read as that format.
    pub fn new(key: [u8; 32], only: Option<&'static dyn Format>) -> Self {
        Self { redactor: Redactor::new(key), enricher: Enricher::builtin(), intel: Intel::default(), only }
    }

    /// With what is known about addresses beside what is shipped.
    #[must_use]
    pub fn with_enricher(mut self, enricher: Enricher) -> Self {
        self.enricher = enricher;
        self
    }

    /// With indicators to compare events with.
    #[must_use]
    pub fn with_intel(mut self, intel: Intel) -> Self {
        self.intel = intel;
        self
    }

    /// Hash of what is known about addresses.
    pub fn context(&self) -> String {
        self.enricher.version()
    }
}

impl Knowledge for Parser {
    type Format = &'static dyn Format;

    fn recognise(&self, record: &str) -> Option<Self::Format> {
        self.only.or_else(|| format::recognise(record))
    }

    fn name(&self, format: Self::Format) -> &'static str {
        format.name()
    }

    fn read(&self, format: Self::Format, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), String> {
        format.read(record, sink).map_err(|refusal| refusal.to_string())
    }

    fn stem<'a>(&self, action: &'a str) -> &'a str {
        format::stem(action)
    }

    fn redact<'a>(&self, record: &'a str) -> Cow<'a, str> {
        self.redactor.redact(record)
    }

    fn strip_tags<'a>(&self, text: &'a str) -> Cow<'a, str> {
        redact::strip_tags(text)
    }

    fn source(&self, text: &str) -> Source {
        self.enricher.source(text)
    }

    fn has_intel(&self) -> bool {
        self.intel.count() > 0
    }

    fn hits(&self, source: Option<&str>, agent: Option<&str>, credential: Option<&str>) -> Vec<Hit> {
        self.intel.hits(source, agent, credential)
    }
}
