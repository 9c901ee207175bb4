//! How feeds are doing: rate, delay, rejects by reason, what records leave out, silence; from the roll-up of their days.
//! Many files of one folder and format are one feed to a person: beyond twenty feeds they are told as one. It must not
//! raise anything: what a feed does is no deed of an identity.

use super::error::StoreError;
use super::reader::Reader;
use super::silence::silent_since;
use crate::model::Timestamp;
use crate::model::observation::flag;
use crate::model::page::{FeedHealth, MissingShares, RejectReason};
use crate::model::time::DAY;
use foldhash::HashMap;
use rusqlite::params;
use std::collections::BTreeMap;

/// Feeds that are told one by one.
const ONE_BY_ONE: usize = 20;
/// Active days that say what is usual.
const USUAL: usize = 30;
/// Newest days remembered of a feed: what is usual, and the days a silence is compared with.
const REMEMBERED: usize = 64;
/// Distinct reasons counted of a feed; rejects for others count in the total only.
const REASONS: usize = 1_000;
/// Reasons told.
const TOLD: usize = 3;

/// What came of one day.
#[derive(Clone, Copy, Debug, Default)]
struct Brought {
    events: i64,
    slots: u64,
    missing: [i64; 4],
    lagged: i64,
    lag_sum: i64,
    lag_max: i64,
}

/// A feed, or several, on the way to its health.
#[derive(Debug, Default)]
struct Gathered {
    health: FeedHealth,
    days: BTreeMap<i32, Brought>,
    reasons: HashMap<String, u64>,
}

/// What the `feed` and `position` tables say of a feed.
struct Known {
    id: u32,
    name: String,
    format: String,
    records: u64,
    offset: u64,
    complete: bool,
}

impl Reader {
    /// The health of every feed at `now` (event time), by name; beyond twenty feeds, files of one folder and format are one.
    /// It counts the last 24 hours from the events themselves, so it is no query for every turn of a screen.
    pub fn feed_health(&self, now: Timestamp) -> Result<Vec<FeedHealth>, StoreError> {
        let _moment = self.moment()?;
        let known = self.known_feeds()?;
        let apart = known.len() <= ONE_BY_ONE;
        let (mut feeds, mut at, mut by_key) = (Vec::<Gathered>::new(), HashMap::default(), BTreeMap::new());
        // Which files a rotated trail consists of: it is silent only when all of them are.
        let mut trails: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for feed in known {
            let trail = (folder(&feed.name).unwrap_or_else(|| feed.name.clone()), feed.format.clone());
            let key = if apart { (feed.name.clone(), feed.format.clone()) } else { trail.clone() };
            let index = *by_key.entry(key).or_insert_with(|| {
                feeds.push(Gathered::default());
                feeds.len() - 1
            });
            at.insert(feed.id, index);
            let members = trails.entry(trail.clone()).or_default();
            if !members.contains(&index) {
                members.push(index);
            }
            feeds[index].health.enter(feed, trail.0);
        }
        self.add_days(now, &mut feeds, &at)?;
        self.add_last_day(now, &mut feeds, &at)?;
        self.add_rejects(&mut feeds, &at)?;
        for members in trails.values() {
            tell_silence(&mut feeds, members, now);
        }
        let mut health: Vec<FeedHealth> = feeds.into_iter().map(|feed| feed.finish(now)).collect();
        health.sort_by(|a, b| (&a.name, &a.format).cmp(&(&b.name, &b.format)));
        Ok(health)
    }

    fn known_feeds(&self) -> Result<Vec<Known>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, name, ifnull(format, ''), ifnull(records, 0), ifnull(place, 0), ifnull(complete, 1)
             FROM feed LEFT JOIN position ON position.feed = id ORDER BY name",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Known {
                id: row.get(0)?,
                name: row.get(1)?,
                format: row.get(2)?,
                records: row.get::<_, i64>(3)? as u64,
                offset: row.get::<_, i64>(4)? as u64,
                complete: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn add_days(&self, now: Timestamp, feeds: &mut [Gathered], at: &HashMap<u32, usize>) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT feed, day, last, events, slots, no_source, no_agent, no_credential, no_outcome, lagged, lag_sum, lag_max
             FROM feed_day WHERE day <= ?1",
        )?;
        let mut rows = statement.query([now.day().0])?;
        while let Some(row) = rows.next()? {
            let Some(feed) = at.get(&row.get(0)?).and_then(|index| feeds.get_mut(*index)) else { continue };
            let events: i64 = row.get(3)?;
            feed.health.events += events.max(0) as u64;
            feed.health.last = feed.health.last.max(Some(Timestamp(row.get(2)?)));
            let sum = feed.days.entry(row.get(1)?).or_default();
            sum.events += events;
            sum.slots |= row.get::<_, i64>(4)? as u64;
            for (n, missing) in sum.missing.iter_mut().enumerate() {
                *missing += row.get::<_, i64>(5 + n)?;
            }
            sum.lagged += row.get::<_, i64>(9)?;
            sum.lag_sum = sum.lag_sum.saturating_add(row.get(10)?);
            sum.lag_max = sum.lag_max.max(row.get(11)?);
            if feed.days.len() > REMEMBERED {
                feed.days.pop_first();
            }
        }
        Ok(())
    }

    fn add_last_day(&self, now: Timestamp, feeds: &mut [Gathered], at: &HashMap<u32, usize>) -> Result<(), StoreError> {
        let since = now.plus(-DAY);
        let mut blocks: HashMap<i64, u64> = HashMap::default();
        let mut statement =
            self.conn.prepare_cached("SELECT raw >> 8 FROM ev WHERE day BETWEEN ?1 AND ?2 AND ts > ?3 AND ts <= ?4 AND flags & ?5 = 0")?;
        let mut rows = statement.query(params![since.day().0, now.day().0, since.0, now.0, flag::CLOCK])?;
        while let Some(row) = rows.next()? {
            if let Some(block) = row.get::<_, Option<i64>>(0)? {
                *blocks.entry(block).or_default() += 1;
            }
        }
        let mut feed_of = self.conn.prepare_cached("SELECT feed FROM raw_block WHERE id = ?1")?;
        for (block, events) in blocks {
            let mut rows = feed_of.query([block])?;
            if let Some(row) = rows.next()?
                && let Some(feed) = at.get(&row.get(0)?).and_then(|index| feeds.get_mut(*index))
            {
                feed.health.events_24h += events;
            }
        }
        Ok(())
    }

    fn add_rejects(&self, feeds: &mut [Gathered], at: &HashMap<u32, usize>) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT feed, reason FROM reject")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let Some(feed) = at.get(&row.get(0)?).and_then(|index| feeds.get_mut(*index)) else { continue };
            feed.health.rejects += 1;
            let reason = without_numbers(row.get_ref(1)?.as_str().unwrap_or_default());
            if feed.reasons.len() < REASONS || feed.reasons.contains_key(&reason) {
                *feed.reasons.entry(reason).or_default() += 1;
            }
        }
        Ok(())
    }
}

impl FeedHealth {
    fn enter(&mut self, feed: Known, trail: String) {
        self.feeds += 1;
        self.records += feed.records;
        let first = self.feeds == 1;
        self.name = if first { feed.name } else { trail };
        self.format = feed.format;
        self.offset = first.then_some(feed.offset);
        self.complete = feed.complete && (first || self.complete);
    }
}

impl Gathered {
    fn finish(mut self, now: Timestamp) -> FeedHealth {
        let health = &mut self.health;
        if health.records == 0 {
            health.records = health.events;
        }
        let today = now.day().0;
        let usual = self.days.range(..today).rev().map(|(_, sum)| sum.events).filter(|events| *events > 0);
        health.usual_day = median(usual.take(USUAL).collect());
        if let Some((_, sum)) = self.days.iter().rev().find(|(_, sum)| sum.lagged > 0) {
            health.lag_mean_ms = Some((sum.lag_sum / sum.lagged).max(0) as u64);
            health.lag_max_ms = Some(sum.lag_max.max(0) as u64);
        }
        let (mut events, mut missing) = (0, [0; 4]);
        for sum in self.days.values().rev().filter(|sum| sum.events > 0).take(USUAL) {
            events += sum.events;
            for (all, more) in missing.iter_mut().zip(sum.missing) {
                *all += more;
            }
        }
        let [source, client, credential, outcome] = missing.map(|count| count.max(0) as f64 / events.max(1) as f64);
        health.missing = (events > 0).then_some(MissingShares { source, client, credential, outcome });
        let mut reasons: Vec<RejectReason> = self.reasons.into_iter().map(|(reason, count)| RejectReason { reason, count }).collect();
        reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        reasons.truncate(TOLD);
        self.health.reasons = reasons;
        self.health
    }
}

/// Tells the silence of a trail on that of its files which spoke last.
fn tell_silence(feeds: &mut [Gathered], members: &[usize], now: Timestamp) {
    let mut days: BTreeMap<i32, u64> = BTreeMap::new();
    let mut last = None;
    for feed in members.iter().filter_map(|index| feeds.get(*index)) {
        for (day, sum) in &feed.days {
            *days.entry(*day).or_default() |= sum.slots;
        }
        last = last.max(feed.health.last);
    }
    let since = last.and_then(|last| silent_since(&days, last, now));
    for index in members {
        if let Some(feed) = feeds.get_mut(*index).filter(|feed| feed.health.last == since) {
            feed.health.silent_since = since;
        }
    }
}

fn median(mut counts: Vec<i64>) -> Option<f64> {
    counts.sort_unstable();
    let upper = *counts.get(counts.len() / 2)?;
    let lower = counts[(counts.len() - 1) / 2];
    Some((lower + upper) as f64 / 2.0)
}

/// The folder of a file that its trail goes on in: parts that only tell a date are left out, as of
/// `…/us-east-1/2026/11/20/x.json.gz`. `None` for what is no file.
fn folder(feed: &str) -> Option<String> {
    let file = feed.split('!').next().filter(|file| file.starts_with('/'))?;
    let mut folder = file.rsplit_once('/')?.0;
    while let Some((parent, part)) = folder.rsplit_once('/') {
        let value = part.rsplit('=').next().unwrap_or(part);
        // An account's number is longer than a date.
        let dated = !value.is_empty() && value.len() <= 10 && value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'_'));
        if !dated || parent.is_empty() {
            break;
        }
        folder = parent;
    }
    Some([folder, "/"].concat())
}

/// A reason with `#` for numbers that stand alone, so that one mistake at many places is one reason.
fn without_numbers(reason: &str) -> String {
    let mut out = String::with_capacity(reason.len());
    let (mut before, mut in_number) = (' ', false);
    for c in reason.chars() {
        let starts = !in_number && !before.is_alphanumeric() && before != '_';
        in_number = c.is_ascii_digit() && (in_number || starts);
        if !in_number {
            out.push(c);
        } else if starts {
            out.push('#');
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the grouping: a rotated trail is one feed whatever its files are called, and accounts stay apart.
    #[test]
    fn a_trail_is_its_folder_without_dates() {
        for (feed, trail) in [
            ("/logs/a.json", Some("/logs/")),
            ("/t/111122223333/CloudTrail/us-east-1/2026/11/20/x.json.gz", Some("/t/111122223333/CloudTrail/us-east-1/")),
            ("/t/111122223333/x.json", Some("/t/111122223333/")),
            ("/t/year=2026/month=11/x.csv", Some("/t/")),
            ("/t/2026-11-20/x.csv", Some("/t/")),
            ("/t/all.zip!2026/11/20/x.json", Some("/t/")),
            ("/2026/x.json", Some("/2026/")),
            ("/x.json", Some("/")),
            ("http:/trail", None),
            ("-", None),
        ] {
            assert_eq!(folder(feed).as_deref(), trail, "{feed}");
        }
    }

    #[test]
    fn one_mistake_at_many_places_is_one_reason() {
        for (reason, one) in [
            ("EOF at line 1 column 533", "EOF at line # column #"),
            ("aws_s3 v2 is no format", "aws_s3 v2 is no format"),
            ("12 of 3", "# of #"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(reason), one);
        }
    }

    #[test]
    fn a_median_is_the_middle() {
        for (counts, middle) in [(vec![], None), (vec![3], Some(3.0)), (vec![9, 1, 2], Some(2.0)), (vec![4, 1, 2, 9], Some(3.0))] {
            assert_eq!(median(counts), middle);
        }
    }
}
