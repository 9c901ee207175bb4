//! Takes a line of an access log apart: words, a time in brackets, texts in quotes. Addresses and clients are written as
//! they came, quotes included: a text ends at a quote before a blank, and the client's at the last quote of the line.

use super::event::Request;
use super::operation;
use std::borrow::Cow;

/// Words a line has at least: up to the status.
const LEAST: usize = 10;
/// The client's place among the words.
const AGENT: usize = 16;
/// Words after it that are looked at; newer lines have more.
const MOST: usize = 16;

/// Whether a text is a line of an access log.
pub fn is_line(text: &str) -> bool {
    let mut words = Words(text.trim_start());
    words.nth(2).is_some_and(|time| time.len() >= 20 && time.contains('/') && text.contains('['))
        && words.nth(3).is_some_and(operation::is_operation)
}

/// The request a line tells of; `None` when it has too few words.
pub fn parse(text: &str) -> Option<Request<'_>> {
    let mut rest = Words(text.trim());
    let mut words: Vec<&str> = rest.by_ref().take(AGENT).collect();
    if words.len() < LEAST {
        return None;
    }
    let (agent, rest) = client(rest.0);
    words.push(agent);
    words.extend(Words(rest).take(MOST));
    let at = |index: usize| words.get(index).copied().filter(|word| !word.is_empty() && *word != "-").map(Cow::Borrowed);
    Some(Request {
        bucket: at(1),
        time: at(2),
        source: at(3),
        requester: at(4),
        id: at(5),
        operation: at(6),
        key: at(7),
        status: at(9),
        error: at(10),
        sent: at(11),
        size: at(12),
        agent: at(AGENT),
        auth: at(21),
        host: at(22),
        region: at(26),
    })
}

/// The client, and what follows it: nothing there is quoted.
fn client(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches(' ');
    let quoted = text.strip_prefix('"').and_then(|inside| inside.rsplit_once('"'));
    quoted.or_else(|| text.split_once(' ')).unwrap_or((text, ""))
}

/// The words of a line.
struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start_matches(' ');
        let first = text.chars().next()?;
        let (word, rest) = match first {
            '[' => text.get(1..)?.split_once(']').unwrap_or((text.get(1..)?, "")),
            '"' => {
                let inside = text.get(1..)?;
                match inside.find("\" ") {
                    Some(end) => (inside.get(..end)?, inside.get(end + 1..)?),
                    None => (inside.strip_suffix('"').unwrap_or(inside), ""),
                }
            }
            _ => text.split_once(' ').unwrap_or((text, "")),
        };
        self.0 = rest;
        Some(word)
    }
}
