//! The palette's list: every action by name, found fuzzily. It must not know state; whether an action can be done now
//! is asked of the application when the list is drawn.

use super::action::Action;
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

/// Actions whose name or text matches, best first; all of them for an empty text.
pub fn find(text: &str) -> Vec<Action> {
    let text = text.trim();
    if text.is_empty() {
        return Action::ALL.to_vec();
    }
    let matcher = SkimMatcherV2::default();
    let mut found: Vec<(i64, Action)> = Action::ALL
        .iter()
        .filter_map(|action| {
            // The name counts double: who types it means it.
            let word = matcher.fuzzy_match(action.word(), text).map(|score| score * 2);
            let doc = action.doc().contains(text).then(|| matcher.fuzzy_match(action.doc(), text)).flatten();
            word.max(doc).map(|score| (score, *action))
        })
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, action)| action).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_found_by_its_name() {
        for action in Action::ALL {
            assert!(find(action.word()).iter().take(3).any(|found| found == action), "{}", action.word());
        }
        assert_eq!(find("ackn").first(), Some(&Action::Acknowledge));
        assert_eq!(find("").len(), Action::ALL.len());
        assert!(find("zzzz").is_empty());
    }
}
