//! Which rows are listed and in what order: filters as they are typed, sorting, and selections that stay with their row.
//! Plain words are matched here, at once; anything in the filter language is the desk's to answer.

use super::place::{Pane, Sort};
use super::{App, Screen};
use crate::model::page::{AlertRow, IdentityRow};
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

/// Whether a filter needs the filter language (fields, comparisons, negation, patterns), not just words.
pub fn is_query(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        matches!(word, "AND" | "OR" | "NOT")
            || word.starts_with(['!', '/', '(', '"'])
            || word.contains('*')
            || word.find([':', '<', '>', '=']).is_some_and(|at| at > 0)
    })
}

/// Activity in 24 hours over the usual; `None` while nothing is usual.
pub fn ratio(row: &IdentityRow) -> Option<f64> {
    let now: u32 = row.activity.iter().sum();
    (row.usual_day > 0.0).then(|| f64::from(now) / row.usual_day)
}

fn identity_matches(matcher: &SkimMatcherV2, row: &IdentityRow, word: &str) -> bool {
    let rest = [row.identity.kind.as_str(), &row.identity.platform, row.identity.owner.as_deref().unwrap_or_default(), &row.identity.id];
    matcher.fuzzy_match(&row.identity.name, word).is_some() || rest.iter().any(|text| has(text, word))
}

fn alert_matches(row: &AlertRow, word: &str) -> bool {
    let id = row.id.to_string();
    [&row.name, &row.sentence, &row.headline, &row.detector, row.severity.as_str(), row.status.as_str(), &row.from, &id]
        .iter()
        .any(|text| has(text, word))
}

fn has(text: &str, word: &str) -> bool {
    text.to_lowercase().contains(&word.to_lowercase())
}

impl App {
    /// Lists, orders and settles everything again.
    pub(super) fn arrange(&mut self) {
        self.list_identities();
        self.list_alerts();
        let panes = match &self.here.screen {
            Screen::Watch => &[Pane::Identities, Pane::Feed][..],
            other => other.panes(),
        };
        for pane in panes.iter().copied().filter(|pane| pane.is_list()) {
            let keys = self.keys(pane);
            // An empty list that has not been answered yet must not forget what was selected.
            if keys.is_empty() && !self.answered(pane) {
                continue;
            }
            let follow = pane == Pane::Feed && self.data.feed.following;
            let cursor = self.here.cursors.entry(pane).or_default();
            if follow { cursor.select(0, &keys) } else { cursor.settle(&keys) }
        }
    }

    fn answered(&self, pane: Pane) -> bool {
        match pane {
            Pane::Identities => self.data.identities_known,
            Pane::Feed => self.data.feed.known,
            Pane::Events => self.events().is_some(),
            Pane::History => self.page().is_some(),
            Pane::Card | Pane::Raw => false,
        }
    }

    fn list_identities(&mut self) {
        let filter = self.here.filter(Pane::Identities).to_owned();
        let words: Vec<&str> = if is_query(&filter) { Vec::new() } else { filter.split_whitespace().collect() };
        let matcher = SkimMatcherV2::default();
        let rows = &self.data.identities;
        let mut order: Vec<usize> =
            (0..rows.len()).filter(|n| words.iter().all(|word| identity_matches(&matcher, &rows[*n], word))).collect();
        // Ties keep the desk's order, so that nothing jumps.
        match self.here.sort {
            Sort::Risk => order.sort_by(|a, b| rows[*b].risk.cmp(&rows[*a].risk)),
            Sort::Last => order.sort_by(|a, b| rows[*b].last_seen.cmp(&rows[*a].last_seen)),
            Sort::Name => order.sort_by(|a, b| rows[*a].identity.name.cmp(&rows[*b].identity.name)),
            Sort::Activity => {
                order.sort_by(|a, b| ratio(&rows[*b]).unwrap_or(0.0).total_cmp(&ratio(&rows[*a]).unwrap_or(0.0)));
            }
        }
        self.data.order = order;
    }

    fn list_alerts(&mut self) {
        let filter = self.here.filter(Pane::Feed);
        let words: Vec<&str> = if is_query(filter) { Vec::new() } else { filter.split_whitespace().collect() };
        let rows = &self.data.feed.shown;
        let order = |rows: &[AlertRow]| (0..rows.len()).filter(|n| words.iter().all(|word| alert_matches(&rows[*n], word))).collect();
        let findings = if self.here.findings { order(&self.data.findings) } else { Vec::new() };
        (self.data.feed_order, self.data.findings_order) = (order(rows), findings);
    }
}

#[cfg(test)]
mod tests {
    use super::is_query;

    #[test]
    fn words_are_matched_here_and_the_language_elsewhere() {
        for (text, query) in [
            ("crm", false),
            ("crm sync", false),
            ("kind:oauth_connector", true),
            ("risk>70", true),
            ("!bot", true),
            ("crm*", true),
            ("a OR b", true),
            ("/x/", true),
            (":", false),
            ("", false),
        ] {
            assert_eq!(is_query(text), query, "{text}");
        }
    }
}
