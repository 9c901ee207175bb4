//! Declared against observed: what lies outside the purpose somebody declared adds to its family and lifts it to a least
//! worth (`detection.md` 2.12). Inside, nothing is added and nothing taken away. Each event is asked of everything that
//! was declared; where nothing was, nothing is asked.

use super::Bench;
use crate::detect::evidence::{Family, Outside, grouped};
use crate::detect::strand::Strand;
use crate::model::Observation;

/// Bans that leaving the purpose adds.
const ADDED: f64 = 0.5;
/// Least worth of the family then.
const LEAST: f64 = 1.0;

impl Bench<'_> {
    pub(super) fn purpose(&self, strand: &mut Strand, o: &Observation) -> bool {
        let Some(entry) = self.declared.entry.as_ref().filter(|e| !e.approved.is_empty()) else { return false };
        if !self.settings.counts("outside-purpose") {
            return false;
        }
        let approved = &entry.approved;
        let mut changed = false;
        let mut outside = |family: Family, declared: String, observed: String| {
            if self.settings.off.families.contains(&family) {
                return;
            }
            let weight = if approved.enforce { 2.0 } else { 1.0 };
            changed |= strand.ledger.put_outside(Outside { family, declared, observed, bans: ADDED * weight, least: LEAST });
        };
        if let Some(source) = o.source.as_deref().filter(|_| !o.via_provider())
            && approved.network(source) == Some(false)
        {
            outside(Family::Source, listing(&approved.networks), source.describe());
        }
        let text = |sym: crate::model::Sym| sym.is_some().then(|| self.names.text(sym)).flatten();
        if let Some(method) = text(o.auth_method)
            && approved.auth_method(&method) == Some(false)
        {
            outside(Family::Client, listing(&approved.auth_methods), method.to_string());
        }
        if approved.class(o.class) == Some(false) {
            outside(Family::Action, listing(&approved.classes), o.class.to_string());
        }
        if let Some(tool) = text(o.tool)
            && approved.tool(&tool) == Some(false)
        {
            outside(Family::Action, listing(&approved.tools), format!("tool {tool}"));
        }
        if let Some(domain) = text(o.domain)
            && approved.domain(&domain) == Some(false)
        {
            outside(Family::Breadth, listing(&approved.domains), domain.to_string());
        }
        if approved.rows(self.today.rows) == Some(false) {
            let most = approved.max_rows_per_day.unwrap_or(0);
            outside(Family::Volume, format!("at most {} rows a day", grouped(most)), format!("{} rows today", grouped(self.today.rows)));
        }
        changed
    }
}

fn listing<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
