//! The lines `doctor` has for feeds: those with something to say first, a few of them. It must not judge a feed.

use super::super::output::Output;
use crate::model::page::{FeedHealth, MissingShares};
use crate::report::{short, shown};

/// Feeds named one by one.
const NAMED: usize = 8;

/// Prints how feeds are doing; `all` is how many there are.
pub fn print(feeds: &[FeedHealth], all: u64, out: &Output) -> anyhow::Result<()> {
    out.line(&format!("feeds {all}"))?;
    let mut sorted: Vec<&FeedHealth> = feeds.iter().collect();
    sorted.sort_by_key(|feed| (feed.complete && !feed.format.is_empty() && feed.silent_since.is_none(), feed.rejects == 0));
    for feed in sorted.iter().take(NAMED) {
        lines(feed).iter().try_for_each(|line| out.line(line))?;
    }
    if feeds.len() > NAMED {
        out.line(&format!("  and {} more; --json lists all", feeds.len() - NAMED))?;
    }
    Ok(())
}

fn lines(feed: &FeedHealth) -> Vec<String> {
    let format = if feed.format.is_empty() { "no log" } else { &feed.format };
    let files = if feed.feeds > 1 { format!("{} files, ", feed.feeds) } else { String::new() };
    let byte = feed.offset.map(|offset| format!(", byte {offset}")).unwrap_or_default();
    let end = if feed.complete { "read to its end" } else { "unfinished" };
    let mut lines = vec![format!("  {}  {files}{}, {} records{byte}, {end}", shown(&feed.name), shown(format), feed.records)];
    let mut facts = Vec::new();
    if let Some(last) = feed.last {
        let usual = feed.usual_day.map_or_else(|| "usual not known yet".to_owned(), |usual| format!("usually {} a day", short(usual)));
        facts.push(format!("last event {last}, {} in 24 h ({usual})", feed.events_24h));
    }
    if let (Some(mean), Some(max)) = (feed.lag_mean_ms, feed.lag_max_ms) {
        facts.push(format!("delay {} (at most {})", duration(mean), duration(max)));
    }
    facts.extend(feed.missing.and_then(missing));
    if !facts.is_empty() {
        lines.push(format!("    {}", facts.join("; ")));
    }
    if let Some(since) = feed.silent_since {
        lines.push(format!("    SILENT since {since}, longer than ever in the 30 days before"));
    }
    if feed.rejects > 0 {
        let reasons: Vec<String> = feed.reasons.iter().map(|reason| format!("{} × {}", reason.count, shown(&reason.reason))).collect();
        lines.push(format!("    {} rejects: {}", feed.rejects, reasons.join("; ")));
    }
    lines
}

/// `without source 3 %, client 100 %`; `None` where nothing is missing.
fn missing(shares: MissingShares) -> Option<String> {
    let MissingShares { source, client, credential, outcome } = shares;
    let parts: Vec<String> = [("source", source), ("client", client), ("credential", credential), ("outcome", outcome)]
        .into_iter()
        .filter(|(_, share)| *share > 0.0)
        .map(|(name, share)| format!("{name} {}", percent(share)))
        .collect();
    (!parts.is_empty()).then(|| format!("without {}", parts.join(", ")))
}

/// A share above 0 and below 1 is never told as none or all.
fn percent(share: f64) -> String {
    match share {
        share if share < 0.01 => "under 1 %".to_owned(),
        share if share < 1.0 => format!("{:.0} %", (share * 100.0).min(99.0)),
        _ => "100 %".to_owned(),
    }
}

/// Milliseconds in the largest unit that leaves at least two of it, else the next smaller one.
fn duration(ms: u64) -> String {
    match ms {
        ms if ms < 2_000 => format!("{ms} ms"),
        ms if ms < 120_000 => format!("{} s", ms / 1_000),
        ms if ms < 7_200_000 => format!("{} min", ms / 60_000),
        ms if ms < 172_800_000 => format!("{} h", ms / 3_600_000),
        ms => format!("{} days", ms / 86_400_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::model::page::RejectReason;

    /// Protects the section: a healthy feed takes two lines, what is wrong has its own, hostile names stay text.
    #[test]
    fn a_feed_says_what_is_known_of_it_and_no_more() {
        let mut feed = FeedHealth {
            name: "/logs/a\u{1b}[31m.json".into(),
            feeds: 1,
            format: "aws_cloudtrail".into(),
            records: 41,
            offset: Some(900),
            complete: true,
            last: Timestamp::parse("2026-11-19T10:00:00Z"),
            events_24h: 12,
            usual_day: Some(480.0),
            missing: Some(MissingShares { client: 0.004, credential: 1.0, ..MissingShares::default() }),
            ..FeedHealth::default()
        };
        let text = lines(&feed);
        assert!(!text[0].contains('\u{1b}') && text[0].ends_with("aws_cloudtrail, 41 records, byte 900, read to its end"), "{text:?}");
        assert_eq!(
            text[1..],
            ["    last event 2026-11-19T10:00:00Z, 12 in 24 h (usually 480 a day); without client under 1 %, credential 100 %"]
        );
        feed = FeedHealth {
            name: "/logs/".into(),
            feeds: 42,
            offset: None,
            usual_day: None,
            missing: None,
            lag_mean_ms: Some(1_999),
            lag_max_ms: Some(7_300_000),
            rejects: 5,
            reasons: vec![RejectReason { reason: "not JSON".into(), count: 5 }],
            silent_since: feed.last,
            ..feed
        };
        assert_eq!(
            lines(&feed),
            [
                "  /logs/  42 files, aws_cloudtrail, 41 records, read to its end",
                "    last event 2026-11-19T10:00:00Z, 12 in 24 h (usual not known yet); delay 1999 ms (at most 2 h)",
                "    SILENT since 2026-11-19T10:00:00Z, longer than ever in the 30 days before",
                "    5 rejects: 5 × not JSON",
            ]
        );
    }
}
