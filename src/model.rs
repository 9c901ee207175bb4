//! The vocabulary of the field, where a newcomer starts: an [`Event`] is one normalised audit record; it names a
//! [`Principal`], which belongs to an identity; an [`Observation`] is an event as the fold reads it; an [`Alert`] is
//! what the fold says. Everything here is plain data. It must never know where bytes come from, how they are stored,
//! how they are judged or how they are drawn.

pub mod alert;
pub mod chunk;
pub mod decision;
pub mod event;
pub mod feed;
pub mod identity;
pub mod observation;
pub mod page;
pub mod source;
pub mod sym;
pub mod time;

pub use alert::{Alert, AlertId, Severity, Status, Verdict};
pub use event::{ActionClass, Event, EventId, JobStep, Outcome, Probe};
pub use feed::{Position, Reject};
pub use identity::{Class, Kind, KindEvidence, Principal};
pub use observation::{Agent, Observation};
pub use source::{Network, Source};
pub use sym::Sym;
pub use time::{Day, Timestamp};
