//! When an identity works: weight of active hours over the 168 hours of a UTC week, and how unusual an hour is under that
//! habit (`detection.md` 2.6). It must not know calendars or time zones: a clock change of one hour lies inside the
//! kernel that smooths the density.

use super::P_FLOOR;
use super::fixed::{Decay, Fixed};
use serde::{Deserialize, Serialize};

/// Hours of a week.
pub const WEEK: usize = 168;
/// Active days before an hour can be called unusual.
const ENOUGH: u32 = 6;
/// Densities within a quarter of each other are one density: the days of a week differ that much by age alone, and a
/// round-the-clock identity must not look idle on the weekday that was longest ago.
const SAME: f64 = 1.25;
/// Days a prior from peers is worth.
const PEER_DAYS: f64 = 3.0;

/// Decayed active-hour counts, Monday 00:00 UTC first. Empty until something was learned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    weights: Vec<Fixed>,
    active: u32,
    /// Decayed active days.
    days: Fixed,
}

impl Hours {
    /// Learns the hours of the week in which an active day had events.
    pub fn learn(&mut self, hours: &[u8], weight: Fixed, decay: Decay) {
        if self.weights.is_empty() {
            self.weights = vec![Fixed::ZERO; WEEK];
        }
        for w in &mut self.weights {
            *w = decay.age(*w);
        }
        for hour in hours {
            if let Some(w) = self.weights.get_mut(usize::from(*hour)) {
                *w = w.plus(weight);
            }
        }
        self.days = decay.age(self.days).plus(weight);
        self.active += 1;
    }

    /// Active days learned.
    pub fn active_days(&self) -> u32 {
        self.active
    }

    /// Active hours of a usual active day; 0 before anything was learned.
    pub fn per_day(&self) -> f64 {
        let all: f64 = self.weights.iter().map(|w| w.to_f64()).sum();
        if self.days > Fixed::ZERO { all / self.days.to_f64() } else { 0.0 }
    }

    /// Share of activity in each hour of the week, adding up to 1; smoothed ¾·[¼, ½, ¼] over the neighbours plus
    /// ¼ of the hour-of-day mean plus 0.3/168 pseudo-weight. Empty before anything was learned.
    pub fn density(&self) -> Vec<f64> {
        self.smoothed(&[], 0.0)
    }

    /// Probability that activity falls into an hour at most as usual as this one (`detection.md` 2.6): the share of the
    /// highest-density-region complement, `Σ_{θ_j ≤ θ_h} θ_j`, counted as one observation in n decayed active days,
    /// `(n·share + ½·(1 + share))/(n + 1)`, because n days cannot tell anything rarer than that. `None` before six active days.
    pub fn p(&self, hour_of_week: u8) -> Option<f64> {
        self.p_with(hour_of_week, &[])
    }

    /// [`Self::p`] with a prior of three days from peers (`detection.md` 2.17): `peers` is their mean density over 168
    /// hours, in any unit; anything of another length is no prior. With one, a single active day is enough. The answer
    /// changes only at day close: ask once per hour, not per event.
    pub fn p_with(&self, hour_of_week: u8, peers: &[f64]) -> Option<f64> {
        let (prior, enough) = if peers.len() == WEEK { (PEER_DAYS, 1) } else { (0.0, ENOUGH) };
        if self.active < enough {
            return None;
        }
        self.p_of(&self.smoothed(peers, prior), hour_of_week, prior)
    }

    /// [`Self::p`] of each hour of a day of the week, Monday 0: what a day needs, smoothed once.
    pub fn p_of_day(&self, weekday: u8) -> Option<[f64; 24]> {
        if self.active < ENOUGH {
            return None;
        }
        let density = self.smoothed(&[], 0.0);
        let mut out = [1.0; 24];
        for (hour, p) in (0u8..).zip(&mut out) {
            *p = self.p_of(&density, weekday * 24 + hour, 0.0)?;
        }
        Some(out)
    }

    fn p_of(&self, density: &[f64], hour_of_week: u8, prior: f64) -> Option<f64> {
        let here = *density.get(usize::from(hour_of_week))?;
        let share: f64 = density.iter().filter(|d| **d <= here * SAME).sum();
        let n = self.days.to_f64() + prior;
        let share = share.min(1.0);
        Some(((n * share + 0.5 * (1.0 + share)) / (n + 1.0)).clamp(P_FLOOR, 1.0))
    }

    /// The smoothed density with a prior of so many days.
    fn smoothed(&self, peers: &[f64], days: f64) -> Vec<f64> {
        if self.weights.is_empty() {
            return Vec::new();
        }
        // A prior day has as many active hours as an own one.
        let own: f64 = self.weights.iter().map(|w| w.to_f64()).sum();
        let theirs: f64 = peers.iter().sum();
        let scale = if theirs > 0.0 && self.days > Fixed::ZERO { days * own / self.days.to_f64() / theirs } else { 0.0 };
        let at = |i: usize| self.weights.get(i % WEEK).map_or(0.0, |w| w.to_f64()) + peers.get(i % WEEK).map_or(0.0, |d| d * scale);
        let raw: Vec<f64> = (0..WEEK)
            .map(|h| {
                let kernel = 0.25 * at(h + WEEK - 1) + 0.5 * at(h) + 0.25 * at(h + 1);
                let hour_of_day: f64 = (0..7).map(|d| at(d * 24 + h % 24)).sum::<f64>() / 7.0;
                0.75 * kernel + 0.25 * hour_of_day + 0.3 / WEEK as f64
            })
            .collect();
        let all: f64 = raw.iter().sum();
        raw.into_iter().map(|x| x / all).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Draw;
    use super::*;
    use proptest::prelude::*;

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

    fn weeks(days: u32, active: impl Fn(u32) -> Vec<u8>) -> Hours {
        let mut hours = Hours::default();
        for day in 0..days {
            let on: Vec<u8> = active(day).into_iter().map(|h| (day % 7) as u8 * 24 + h).collect();
            if !on.is_empty() {
                hours.learn(&on, Fixed::ONE, Decay::half_life(60.0));
            }
        }
        hours
    }

    fn office(day: u32) -> Vec<u8> {
        if day % 7 < 5 { (9..17).collect() } else { Vec::new() }
    }

    #[test]
    fn habits_and_the_hours_that_break_them() {
        let always = weeks(40, |_| (0..24).collect());
        let nightly = weeks(40, |d| vec![if d % 3 == 0 { 1 } else { 2 }]);
        let worker = weeks(56, office);
        let weekly = weeks(100, |d| if d % 7 == 0 { vec![3] } else { Vec::new() });
        for (name, hours, hour, least, most) in [
            ("round the clock, any hour", &always, 0, 0.99, 1.0),
            ("round the clock, on the oldest weekday", &always, 5 * 24 + 13, 0.99, 1.0),
            ("nightly, at its hour", &nightly, 2 * 24 + 2, 0.5, 1.0),
            ("nightly, early", &nightly, 2 * 24 + 1, 0.2, 1.0),
            ("nightly, an hour late by a clock change", &nightly, 2 * 24 + 3, 0.05, 0.5),
            ("nightly, in the afternoon", &nightly, 2 * 24 + 15, 0.0, 0.03),
            ("office, at ten", &worker, 24 + 10, 0.9, 1.0),
            ("office, an hour early by a clock change", &worker, 24 + 8, 0.02, 0.3),
            ("office, Sunday at three", &worker, 6 * 24 + 3, 0.0, 0.02),
            ("office, Tuesday at three", &worker, 24 + 3, 0.0, 0.02),
            ("weekly, at its hour", &weekly, 3, 0.4, 1.0),
            ("weekly, an hour late", &weekly, 4, 0.2, 0.8),
            ("weekly, on Thursday noon", &weekly, 3 * 24 + 12, 0.0, 0.06),
        ] {
            let p = hours.p(hour).unwrap();
            assert!((least..=most).contains(&p), "{name}: {p}");
        }
    }

    #[test]
    fn the_probability_by_hand() {
        // Six days at Monday 00:00 without ageing: θ = 6·(3/8) + 6/28 + c at 0, 6·(3/16) + c at its neighbours (c = 0.3/168),
        // 6/28 + c at the other midnights, c elsewhere; Σ = 6.3. Hour 1: (2·1.125 + 6·6/28 + 167·c)/6.3.
        let mut hours = Hours::default();
        for _ in 0..6 {
            assert_eq!(hours.p(0), None, "too young");
            hours.learn(&[0], Fixed::ONE, Decay::half_life(1e12));
        }
        let share = (2.25 + 36.0 / 28.0 + 167.0 * 0.3 / 168.0) / 6.3;
        let p = hours.p(1).unwrap();
        assert!((p - (6.5 * share + 0.5) / 7.0).abs() < 1e-6, "{p}");
        assert_eq!(hours.p(168), None);
    }

    #[test]
    fn peers_lend_three_days() {
        let young = weeks(2, |_| vec![2]);
        let peers: Vec<f64> = (0..WEEK).map(|h| if h % 24 == 2 { 1.0 } else { 0.0 }).collect();
        assert_eq!(young.p(50), None);
        assert!(young.p_with(50, &peers).unwrap() > 0.3);
        assert!(young.p_with(60, &peers).unwrap() < 0.15);
        assert_eq!(young.p_with(60, &peers[1..]), None, "a prior of another length is none");
    }

    #[test]
    fn clean_processes_are_rarely_surprising() {
        // Protects the promise of a p-value: over the active hours of clean days, p ≤ 0.01 about one time in a hundred.
        type Day = fn(&mut Draw, u32) -> Vec<u8>;
        let processes: [(&str, Day); 5] = [
            ("pipeline", |draw, d| if d % 7 < 5 { hours_around(draw, 9, 14.0, 3.0) } else { hours_around(draw, 1, 14.0, 3.0) }),
            ("analyst", |draw, d| if d % 7 < 5 { hours_around(draw, 3, 13.0, 2.5) } else { Vec::new() }),
            ("nightly with drift", |draw, _| hours_around(draw, 1, 2.5, 0.5)),
            ("deployer", |draw, d| if d % 7 < 5 && draw.uniform() < 0.4 { hours_around(draw, 1, 15.0, 2.0) } else { Vec::new() }),
            ("every three hours", |_, _| (0..24).step_by(3).collect()),
        ];
        for (name, day) in processes {
            let (mut looks, mut small) = (0u32, 0u32);
            for seed in 0..20 {
                let (mut draw, mut hours) = (Draw::seeded(seed), Hours::default());
                for d in 0..120 {
                    let on: Vec<u8> = day(&mut draw, d).into_iter().map(|h| (d % 7) as u8 * 24 + h).collect();
                    for hour in &on {
                        if let Some(p) = hours.p(*hour) {
                            looks += 1;
                            small += u32::from(p <= 0.01);
                        }
                    }
                    if !on.is_empty() {
                        hours.learn(&on, Fixed::ONE, Decay::half_life(60.0));
                    }
                }
            }
            assert!(f64::from(small) <= 0.015 * f64::from(looks), "{name}: {small} of {looks}");
        }
    }

    fn hours_around(draw: &mut Draw, runs: u64, mean: f64, sd: f64) -> Vec<u8> {
        let mut on: Vec<u8> = (0..runs).map(|_| (mean + sd * draw.normal()).rem_euclid(24.0) as u8).collect();
        on.sort_unstable();
        on.dedup();
        on
    }

    proptest! {
        #[test]
        fn the_order_inside_a_day_changes_nothing(mut day in proptest::collection::vec(0u8..168, 1..24), by in 0usize..24) {
            let mut turned = day.clone();
            turned.rotate_left(by % day.len());
            let (mut a, mut b) = (Hours::default(), Hours::default());
            a.learn(&day, Fixed::ONE, Decay::half_life(60.0));
            b.learn(&turned, Fixed::ONE, Decay::half_life(60.0));
            prop_assert_eq!(&a, &b);
            day.sort_unstable();
            for _ in 0..6 {
                a.learn(&day, Fixed::ONE, Decay::half_life(60.0));
            }
            for h in 0..168 {
                prop_assert!((P_FLOOR..=1.0).contains(&a.p(h).unwrap()));
            }
        }
    }
}
