//! When an identity works: weight of active hours over the 168 hours of a UTC week (`detection.md` 2.6). It holds the
//! habit the console draws; whether an hour is suspicious is not its business.

use super::fixed::{Decay, Fixed};
use serde::{Deserialize, Serialize};

/// Decayed active-hour counts, Monday 00:00 UTC first. Empty until something was learned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    weights: Vec<Fixed>,
    active: u32,
}

impl Hours {
    /// Learns the hours of the week in which an active day had events.
    pub fn learn(&mut self, hours: &[u8], weight: Fixed, decay: Decay) {
        if self.weights.is_empty() {
            self.weights = vec![Fixed::ZERO; 168];
        }
        for w in &mut self.weights {
            *w = decay.age(*w);
        }
        for hour in hours {
            if let Some(w) = self.weights.get_mut(usize::from(*hour)) {
                *w = w.plus(weight);
            }
        }
        self.active += 1;
    }

    /// Active days learned.
    pub fn active_days(&self) -> u32 {
        self.active
    }

    /// Share of activity in each hour of the week, adding up to 1; smoothed ¾·[¼, ½, ¼] over the neighbours plus
    /// ¼ of the hour-of-day mean plus 0.3/168 pseudo-weight. Empty before anything was learned.
    pub fn density(&self) -> Vec<f64> {
        if self.weights.is_empty() {
            return Vec::new();
        }
        let at = |i: i32| self.weights.get(i.rem_euclid(168) as usize).map_or(0.0, |w| w.to_f64());
        let raw: Vec<f64> = (0..168)
            .map(|h| {
                let kernel = 0.25 * at(h - 1) + 0.5 * at(h) + 0.25 * at(h + 1);
                let hour_of_day: f64 = (0..7).map(|d| at(d * 24 + h % 24)).sum::<f64>() / 7.0;
                0.75 * kernel + 0.25 * hour_of_day + 0.3 / 168.0
            })
            .collect();
        let all: f64 = raw.iter().sum();
        raw.into_iter().map(|x| x / all).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nightly_job_has_its_mass_at_night() {
        let mut hours = Hours::default();
        for day in 0..28u8 {
            hours.learn(&[(day % 7) * 24 + 2], Fixed::ONE, Decay::half_life(60.0));
        }
        let density = hours.density();
        assert!((density.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(density[2] > 20.0 * density[14]);
        assert!(Hours::default().density().is_empty());
    }
}
