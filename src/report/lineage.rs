//! A tie of lineage in words. It must not know where ties come from.

use super::shown;
use crate::model::page::{Tie, TieRow};

/// `minted by`, `assumed by`, …
pub fn words(tie: Tie) -> String {
    tie.as_str().replace('_', " ")
}

/// A tie as one line: how, whom, how often, from when to when.
pub fn line(row: &TieRow) -> String {
    let name = if row.name == row.id || row.name.is_empty() { String::new() } else { format!(" ({})", shown(&row.name)) };
    let often = if row.events == 1 { "once".to_owned() } else { format!("{} times", row.events) };
    let when = if row.first == row.last { format!("{}", row.first) } else { format!("{} to {}", row.first, row.last) };
    format!("{} {}{name}, {often}, {when}", words(row.tie), shown(&row.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn a_tie_is_one_line() {
        let mut row = TieRow {
            tie: Tie::MintedBy,
            id: "arn:aws:iam::1:user/ana".into(),
            name: "ana".into(),
            first: Timestamp(0),
            last: Timestamp(0),
            events: 1,
        };
        assert_eq!(line(&row), "minted by arn:aws:iam::1:user/ana (ana), once, 1970-01-01T00:00:00Z");
        (row.name, row.events, row.last) = (row.id.clone(), 3, Timestamp(1_000));
        assert_eq!(line(&row), "minted by arn:aws:iam::1:user/ana, 3 times, 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z");
    }
}
