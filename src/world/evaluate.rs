//! How well detection does on a world: a clean pass, scenarios injected into it, and the figures that come of both. Raw
//! records go through the same parser, redaction and folds as in a load; only the store is left out. It must not know
//! what the detectors are made of.

pub mod observe;
