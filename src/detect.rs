//! The folds: events of an identity become findings and alerts, each with its evidence. [`fold`] is the way through:
//! it counts the open day ([`today`]), gathers evidence per caller ([`strand`]) by asking the detectors ([`judge`]) what
//! the frozen [`profile`] makes of it, follows [`sequence`]s, and groups what belongs together into an [`episode`], of
//! which [`account`] writes the alert. No clock, no thread, no file, no store.

pub mod account;
pub mod asset;
pub mod catalog;
pub mod context;
pub mod declared;
pub mod episode;
pub mod evidence;
pub mod fold;
pub mod guidance;
pub mod judge;
pub mod privilege;
pub mod profile;
pub mod sequence;
pub mod settings;
pub mod strand;
pub mod threat;
pub mod today;
pub mod upstream;
pub mod view;

pub use context::{Context, Fleet};
pub use declared::Declared;
pub use fold::{Folded, IdentityFold};
pub use settings::{Gate, Settings, Switches};
