//! What is usual, for the panes: a frozen profile told as a [`ProfileView`]. It reads and never judges.

use super::profile::{Dim, Metric, Profile};
use crate::baseline::Sizes;
use crate::baseline::values::Cell;
use crate::model::Sym;
use crate::model::observation::Names;
use crate::model::page::{ProfileView, Range, UsualValue};

/// Usual values listed per dimension.
const LISTED: usize = 24;

/// The view of a profile; texts come from `names`.
pub fn of(profile: &Profile, names: &dyn Names) -> ProfileView {
    ProfileView {
        days: profile.days,
        day: profile.last.unwrap_or_default(),
        sources: range(profile.sizes(Metric::SourcesDay)),
        mix: scaled(range(profile.sizes(Metric::Mix)), 1.0 / 1_000.0),
        breadth: range(profile.sizes(Metric::DomainsDay)),
        jobs: range(profile.sizes(Metric::JobsDay)),
        rows: range(profile.sizes(Metric::RowsDay)),
        job_rows: range(profile.sizes(Metric::RowsJob)),
        events: range(profile.sizes(Metric::CallsDay)),
        hours: profile.hours.density(),
        usual_sources: networks(profile),
        usual_agents: usual(profile, Dim::Agent, names),
        usual_actions: actions(profile, names),
        usual_domains: usual(profile, Dim::Domain, names),
    }
}

fn range(sizes: &Sizes) -> Range {
    Range {
        p5: sizes.quantile(0.05),
        p25: sizes.quantile(0.25),
        p50: sizes.quantile(0.5),
        p75: sizes.quantile(0.75),
        p95: sizes.quantile(0.95),
        max: sizes.max() as f64,
        days: sizes.active_days(),
    }
}

fn scaled(range: Range, by: f64) -> Range {
    Range {
        p5: range.p5 * by,
        p25: range.p25 * by,
        p50: range.p50 * by,
        p75: range.p75 * by,
        p95: range.p95 * by,
        max: range.max * by,
        days: range.days,
    }
}

fn value(sym: Sym, cell: &Cell, share: f64, names: &dyn Names) -> UsualValue {
    UsualValue { text: names.show(sym), detail: names.detail(sym), share, days: cell.days, first: cell.first, last: cell.last }
}

fn usual(profile: &Profile, dim: Dim, names: &dyn Names) -> Vec<UsualValue> {
    let mut cells: Vec<(Sym, &Cell)> = profile.values(dim).iter().collect();
    cells.sort_by_key(|(sym, cell)| (std::cmp::Reverse(cell.weight), *sym));
    let days = f64::from(profile.days.max(1));
    cells.into_iter().take(LISTED).map(|(sym, cell)| value(sym, cell, f64::from(cell.days) / days, names)).collect()
}

fn networks(profile: &Profile) -> Vec<UsualValue> {
    let mut cells: Vec<(Sym, &Cell)> = profile.values(Dim::Asn).iter().collect();
    cells.sort_by_key(|(sym, cell)| (std::cmp::Reverse(cell.weight), *sym));
    let days = f64::from(profile.days.max(1));
    let told = |(sym, cell): (Sym, &Cell)| UsualValue {
        text: profile.network(sym).to_owned(),
        detail: profile.network_class(sym).to_owned(),
        share: f64::from(cell.days) / days,
        days: cell.days,
        first: cell.first,
        last: cell.last,
    };
    cells.into_iter().take(LISTED).map(told).collect()
}

fn actions(profile: &Profile, names: &dyn Names) -> Vec<UsualValue> {
    let known = profile.values(Dim::Action);
    let mut shares: Vec<(Sym, f64)> = profile.shares().collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    shares.into_iter().take(LISTED).filter_map(|(sym, share)| known.get(sym).map(|cell| value(sym, cell, share, names))).collect()
}
