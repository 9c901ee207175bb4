//! Which rows a list shows: `--filter`, `--since` and `--until`, all three the filter language. The rule: a selection that
//! cannot be understood is an error of the arguments, whether there is a store or not. It must not know the store.

use super::Usage;
use super::args::ListArgs;
use crate::model::Timestamp;
use crate::query::{Fields, Filter, QueryError, Scope};

/// A parsed selection.
pub struct Selection {
    filters: Vec<Filter>,
    /// Rows lie at or after this.
    pub since: Option<Timestamp>,
    /// Rows lie before this.
    pub until: Option<Timestamp>,
}

impl Selection {
    /// The selection the arguments ask for, `now` being what an age counts back from.
    pub fn of(args: &ListArgs, scope: Scope, now: Timestamp) -> anyhow::Result<Self> {
        let mut filters = Vec::new();
        if let Some(text) = &args.filter {
            filters.push(filter(text, scope, now)?);
        }
        for (option, text) in [("since", &args.since), ("until", &args.until)] {
            if let Some(text) = text {
                filters.push(bound(option, text, now)?);
            }
        }
        let since = filters.iter().filter_map(|filter| filter.span().0).max();
        let until = filters.iter().filter_map(|filter| filter.span().1).min();
        Ok(Self { filters, since, until })
    }

    /// Whether everything passes.
    pub fn is_everything(&self) -> bool {
        self.filters.iter().all(Filter::is_everything)
    }

    /// Whether a row passes.
    pub fn matches(&self, row: &impl Fields) -> bool {
        self.filters.iter().all(|filter| filter.matches(row))
    }
}

/// Parses `--filter` for rows of `scope`.
pub fn filter(text: &str, scope: Scope, now: Timestamp) -> anyhow::Result<Filter> {
    let wrong = |error: QueryError| Usage(format!("--filter: {error}"));
    Ok(Filter::parse(text, now).map_err(wrong)?.within(scope).map_err(wrong)?)
}

fn bound(option: &str, text: &str, now: Timestamp) -> anyhow::Result<Filter> {
    let plain = !text.contains(['"', '\\']);
    if let Some(filter) = plain.then(|| Filter::parse(&format!("{option}:\"{text}\""), now).ok()).flatten() {
        return Ok(filter);
    }
    Usage::error(format!("--{option} takes an age like 24h or a time like 2026-11-19T10:00Z, not \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(filter: Option<&str>, since: Option<&str>, until: Option<&str>) -> ListArgs {
        let own = |text: Option<&str>| text.map(str::to_owned);
        ListArgs { filter: own(filter), since: own(since), until: own(until), limit: None }
    }

    /// Protects lists from saying "nothing" to a question that made no sense.
    #[test]
    fn what_cannot_be_understood_is_an_error_of_the_arguments() {
        let now = Timestamp(1_795_082_400_000);
        for (filter, since, said) in [
            (Some("sevrity:high"), None, "severity"),
            (Some("ip:10.0.0.1"), None, "alerts have no field"),
            (None, Some("yesterdayish"), "--since"),
            (None, Some("24h\" OR x:\""), "--since"),
            (None, Some(""), "--since"),
        ] {
            let error = Selection::of(&args(filter, since, None), Scope::Alerts, now).map(|_| ()).unwrap_err();
            assert!(error.is::<Usage>() && error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn bounds_of_all_parts_bound_the_scan() {
        let now = Timestamp(1_795_082_400_000);
        let selection = Selection::of(&args(Some("since:48h"), Some("24h"), Some("2026-11-19T09:00Z")), Scope::Events, now).unwrap();
        assert_eq!(selection.since, Some(now.plus(-crate::model::time::DAY)));
        assert_eq!(selection.until, Timestamp::parse("2026-11-19T09:00Z"));
        assert!(!selection.is_everything() && Selection::of(&args(None, None, None), Scope::Events, now).unwrap().is_everything());
    }
}
