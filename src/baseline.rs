//! Statistics with no opinion: what was seen on how many active days, how large things get, how a mix of calls looks,
//! when work happens, how often it fails. Every baseline learns once a day, at day close, by operations that do not
//! depend on the order inside the day, and answers questions by pure functions. It must not know alerts, formats, files
//! or clocks. Weights are fixed point, so that sums are the same in every order.

pub mod cadence;
pub mod calibration;
#[cfg(test)]
mod draw;
pub mod fixed;
pub mod gaps;
pub mod hours;
pub mod mix;
pub mod pace;
pub mod pairs;
pub mod peers;
pub mod rates;
pub mod seasons;
pub mod sizes;
pub mod traces;
pub mod travel;
pub mod values;

pub use cadence::Cadence;
pub use calibration::{Calibration, Curve, Levels};
pub use fixed::{Decay, Fixed};
pub use gaps::Gaps;
pub use hours::Hours;
pub use pace::Pace;
pub use pairs::Interleaving;
pub use peers::{Gathering, Member, Peers};
pub use rates::Failures;
pub use seasons::Seasons;
pub use sizes::Sizes;
pub use values::Values;

/// Smallest probability any statistic here reports: evidence from one number never exceeds six bans.
pub const P_FLOOR: f64 = 1e-6;

/// −log10 p: the unit evidence is added in.
pub fn bans(p: f64) -> f64 {
    -libm::log10(p.clamp(P_FLOOR, 1.0))
}
