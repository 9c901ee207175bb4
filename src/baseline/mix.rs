//! Distance between two mixes of calls: the Jensen–Shannon divergence in bits (`detection.md` 2.5). Pure functions.

/// One value with its usual share and its count now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Usual share of calls, 0–1.
    pub usual: f64,
    /// Calls now.
    pub now: u64,
}

/// Jensen–Shannon divergence in bits, 0–1, between the usual mix (renormalised over the values given) and the calls now.
/// 0 when either side is empty. The values must come in one order for one result; ties in floating point are the
/// caller's.
pub fn divergence(values: &[Share]) -> f64 {
    let usual: f64 = values.iter().map(|v| v.usual).sum();
    let now: u64 = values.iter().map(|v| v.now).sum();
    if usual <= 0.0 || now == 0 {
        return 0.0;
    }
    let half = |p: f64, m: f64| if p > 0.0 { p * libm::log2(p / m) } else { 0.0 };
    let sum: f64 = values
        .iter()
        .map(|v| {
            let (p, q) = (v.usual / usual, v.now as f64 / now as f64);
            let m = f64::midpoint(p, q);
            half(p, m) + half(q, m)
        })
        .sum();
    (sum / 2.0).clamp(0.0, 1.0)
}

/// How much a value pulls the mix away: its term 2·O·ln(O/E) of the G statistic; 0 where nothing was observed.
pub fn pull(usual: f64, now: u64, all_now: u64) -> f64 {
    let expected = (usual * all_now as f64).max(0.5);
    if now == 0 { 0.0 } else { 2.0 * now as f64 * libm::log(now as f64 / expected) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_mix_has_no_distance_and_disjoint_ones_have_one_bit() {
        let same = [Share { usual: 0.5, now: 50 }, Share { usual: 0.5, now: 50 }];
        let apart = [Share { usual: 1.0, now: 0 }, Share { usual: 0.0, now: 9 }];
        assert!(divergence(&same).abs() < 1e-12);
        assert!((divergence(&apart) - 1.0).abs() < 1e-12);
        assert_eq!(divergence(&[]), 0.0);
    }

    #[test]
    fn a_value_that_grew_pulls() {
        assert!(pull(0.04, 71, 100) > 100.0);
        assert_eq!(pull(0.5, 0, 100), 0.0);
    }
}
