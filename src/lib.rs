//! driftline watches machine identities: it reads raw audit logs, learns what is usual for each identity, and raises
//! explained alerts when one leaves its bounds.
//!
//! Records come in through [`feed`], lose their secrets in [`redact`], become events in [`mod@format`], are stored by [`store`]
//! and judged by [`detect`]; [`engine`] joins these, [`console`], [`report`] and [`cli`] show what came of it. Alerts are a
//! function of events, settings and decisions, and of nothing else. `ARCHITECTURE.md` tells the floors; [`model`] is where
//! to start.

pub mod baseline;
pub mod cli;
pub mod console;
pub mod context;
pub mod detect;
pub mod engine;
pub mod enrich;
pub mod feed;
pub mod format;
pub mod govern;
pub mod model;
pub mod query;
pub mod redact;
pub mod report;
pub mod resolve;
pub mod store;
pub mod text;
pub mod world;
