//! The console as an analyst meets it: keys go in, pictures come out, over an invented company. Screens in text and in
//! style, key flows, every size, and hostile text on every screen.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "console/desk.rs"]
mod desk;
#[path = "console/flows.rs"]
mod flows;
#[path = "console/hostile.rs"]
mod hostile;
#[path = "console/screens.rs"]
mod screens;
#[path = "console/sizes.rs"]
mod sizes;
#[path = "console/stage.rs"]
mod stage;
