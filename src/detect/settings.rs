//! Every constant of the model in one place, with a hash that stands on every alert. Defaults are those of
//! `docs/detection.md`; a change of any of them is another model. It must not know events.

use super::evidence::{Detector, Family};
use crate::baseline::Decay;
use crate::baseline::values::Prior;
use crate::model::Sym;
use crate::model::event::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// Something that keeps evidence small until more speaks for it. Each can be switched off, to see what it is for.
    Gate {
        /// A size must exceed what is usual by a factor.
        SizeRatio = "size-ratio",
        /// A size must exceed an absolute floor.
        SizeFloor = "size-floor",
        /// A size below several times the largest ever is worth only so much.
        SizeMultiple = "size-multiple",
        /// A size counts only for a caller that has a real part in it.
        Busiest = "busiest-caller",
        /// A burst of known failures is a broken job.
        BrokenJob = "broken-job",
        /// Volume and breadth of one run count once and a bit.
        SameSize = "same-size",
        /// Threat context needs an unusual source.
        ThreatSource = "threat-source",
        /// What is known of the identity itself needs evidence beside it.
        AssetEvidence = "asset-evidence",
        /// Critical needs impact.
        Impact = "impact",
        /// A young baseline raises the threshold.
        Young = "young-baseline",
        /// A sequence that is routine weighs less.
        Routine = "routine-sequence",
        /// A pattern of families that came before weighs what its rarity says.
        Pattern = "known-pattern",
        /// A late run after a missed one is no news.
        CatchUp = "catch-up",
        /// An announced change explains what it names.
        Announced = "announced-change",
    }
}

/// What is switched off: nothing, unless somebody wants to know what a part is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Switches {
    /// Detectors that do not speak.
    pub detectors: BTreeSet<Detector>,
    /// Families whose detectors do not speak.
    pub families: BTreeSet<Family>,
    /// Gates that stand open.
    pub gates: BTreeSet<Gate>,
    /// Sequences, hard rules and terms of context that do not count, by name.
    pub rules: BTreeSet<String>,
}

/// The model's constants. Bans are −log10 p; days are UTC days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Half-life of seen values, in active days.
    pub values_half_life: f64,
    /// Half-life of sizes and hours, in active days.
    pub sizes_half_life: f64,
    /// Values kept per dimension.
    pub value_cap: usize,
    /// Values kept for /24 and /48 blocks.
    pub block_cap: usize,
    /// Values kept over all dimensions together: the largest dimensions give way first.
    pub cell_cap: usize,
    /// Distinct resources counted a day before the count is capped.
    pub object_cap: usize,
    /// Concurrent callers (network and client) told apart within a day.
    pub strand_cap: usize,
    /// Prior pseudo-days κ of novelty.
    pub kappa: f64,
    /// Prior rate λ0 of new values a day.
    pub lambda: f64,
    /// A size must exceed its 95th percentile by this factor to count.
    pub size_ratio: f64,
    /// The same where the past is nearly one number.
    pub size_ratio_tight: f64,
    /// A size below so many times the largest ever is worth at most [`Self::size_bans`].
    pub size_multiple: f64,
    /// Bans of such a size.
    pub size_bans: f64,
    /// Active days before the mix is judged.
    pub mix_days: u32,
    /// u of the calibration: where the tail of clean identity-days begins, in bans of G.
    pub tail_start: f64,
    /// τ of the calibration: bans of G per decade of probability beyond u.
    pub tail_scale: f64,
    /// Wanted false alerts per identity and day: B/N.
    pub budget: f64,
    /// Slope of the risk curve.
    pub slope: f64,
    /// Bans the threshold rises by while a baseline is young.
    pub young_penalty: f64,
    /// Active days below which a baseline is young: rare jobs show themselves for the first time in the second week.
    pub young_days: u32,
    /// G (in bans) from which a finding is kept.
    pub finding_floor: f64,
    /// Evidence further apart than this, in hours, is another episode.
    pub episode_gap_h: i64,
    /// Evidence of other callers joins an episode at most this many hours after its onset.
    pub episode_max_h: i64,
    /// The same caller coming back within so many hours goes on with its episode: a nightly job is one alert, not one a night.
    pub caller_gap_h: i64,
    /// Days after which even the same caller begins a new episode.
    pub caller_max_d: i64,
    /// Quiet days after which another unusual caller of an identity with an alert begins a new one.
    pub story_d: i64,
    /// Days a reconnaissance is remembered for the export that may follow.
    pub recon_days: i64,
    /// Event days after which an undecided quarantined day is learned in part.
    pub quarantine_days: i32,
    /// What such a day then counts for.
    pub quarantine_weight: f64,
    /// What is switched off.
    pub off: Switches,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            values_half_life: 90.0,
            sizes_half_life: 60.0,
            value_cap: 512,
            block_cap: 256,
            cell_cap: 1_536,
            object_cap: 2_048,
            strand_cap: 64,
            kappa: 1.0,
            lambda: 0.25,
            size_ratio: 1.8,
            size_ratio_tight: 1.3,
            size_multiple: 8.0,
            size_bans: 3.9,
            mix_days: 15,
            tail_start: 1.6,
            tail_scale: 0.52 * std::f64::consts::LN_10,
            budget: 1.0 / 1_500.0,
            slope: 1.15,
            young_penalty: 0.5,
            young_days: 14,
            finding_floor: 1.3,
            episode_gap_h: 6,
            episode_max_h: 72,
            caller_gap_h: 26,
            caller_max_d: 14,
            story_d: 8,
            recon_days: 14,
            quarantine_days: 14,
            quarantine_weight: 0.25,
            off: Switches::default(),
        }
    }
}

impl Settings {
    /// Sixteen hexadecimal digits over every constant and the version of the folding code.
    pub fn hash(&self) -> String {
        // The version changes with the code of the fold, so that an alert tells which model made it.
        let text = serde_json::to_string(self).unwrap_or_default();
        format!("{:016x}", Sym::of_parts(&["fold-3", &text]).0)
    }

    /// Whether a detector speaks.
    pub fn speaks(&self, detector: Detector) -> bool {
        !self.off.detectors.contains(&detector) && !self.off.families.contains(&detector.family())
    }

    /// Whether a gate is closed, as it is unless somebody opened it.
    pub fn gated(&self, gate: Gate) -> bool {
        !self.off.gates.contains(&gate)
    }

    /// Whether a sequence, hard rule or term of context counts.
    pub fn counts(&self, rule: &str) -> bool {
        !self.off.rules.contains(rule)
    }

    /// Decay of values.
    pub fn values_decay(&self) -> Decay {
        Decay::half_life(self.values_half_life)
    }

    /// Decay of sizes and hours.
    pub fn sizes_decay(&self) -> Decay {
        Decay::half_life(self.sizes_half_life)
    }

    /// Prior of novelty.
    pub fn prior(&self) -> Prior {
        Prior { kappa: self.kappa, lambda: self.lambda }
    }

    /// L50: bans at which risk is 50, log10(N/B) within [2.5, 5], raised while the baseline is young.
    pub fn threshold(&self, active_days: u32) -> f64 {
        let base = (-libm::log10(self.budget.max(1e-9))).clamp(2.5, 5.0);
        if active_days < self.young_days && self.gated(Gate::Young) { base + self.young_penalty } else { base }
    }

    /// A(G): calibrated bans of a raw sum, linear up to the 95th percentile (1.30 bans) and an exponential tail beyond.
    pub fn calibrate(&self, sum: f64) -> f64 {
        let tail = 1.30;
        if sum <= self.tail_start {
            (tail * sum / self.tail_start).max(0.0)
        } else {
            (tail + (sum - self.tail_start) / self.tail_scale).min(6.0)
        }
    }

    /// Risk 0–100 of L bans against a threshold.
    pub fn risk(&self, total: f64, threshold: f64) -> f64 {
        100.0 / (1.0 + libm::exp(-self.slope * (total - threshold)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn risk_is_fifty_at_the_threshold_and_seventy_five_a_ban_above() {
        let s = Settings::default();
        let l50 = s.threshold(30);
        assert!((l50 - 3.176).abs() < 1e-3, "{l50}");
        assert!((s.risk(l50, l50) - 50.0).abs() < 1e-9);
        assert!((s.risk(l50 + 0.955, l50) - 75.0).abs() < 0.1);
        assert!((s.threshold(13) - l50 - 0.5).abs() < 1e-9);
    }

    #[test]
    fn calibration_is_continuous_and_rises() {
        let s = Settings::default();
        let mut last = -1.0;
        for i in 0..600 {
            let a = s.calibrate(f64::from(i) / 100.0);
            assert!(a >= last && a - last < 0.02 || last < 0.0);
            last = a;
        }
        assert!((s.calibrate(s.tail_start) - 1.30).abs() < 1e-9);
    }

    #[test]
    fn another_constant_is_another_model() {
        let other = Settings { kappa: 5.0, ..Settings::default() };
        assert_ne!(other.hash(), Settings::default().hash());
        assert_eq!(Settings::default().hash(), Settings::default().hash());
    }
}
