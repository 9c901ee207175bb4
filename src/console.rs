//! The console: an analyst's screen. [`app`] is state and what changes it, [`view`] draws it, [`keymap`] says which key
//! does what, [`desk`] is what it asks of its data, [`term`] keeps the terminal sane and [`runtime`] is the loop. State
//! and drawing must not know files, clocks, threads or SQL.

pub mod action;
pub mod app;
pub mod desk;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod palette;
pub mod runtime;
pub mod store_desk;
pub mod term;
pub mod theme;
pub mod view;
