//! What is said of a format to the people who use it: the source of `docs/formats.md`. It must not know how it is read.

/// A format as its page tells it.
#[derive(Debug)]
pub struct Card {
    /// What people call it.
    pub title: &'static str,
    /// The containers and shapes it is read in, one each, in Markdown.
    pub shapes: &'static [&'static str],
    /// What an event takes from where: a few of our fields, and theirs in Markdown.
    pub reads: &'static [(&'static str, &'static str)],
    /// What these records cannot show: a detector that needs it is not observable, never normal.
    pub unobservable: &'static [&'static str],
    /// One command that exports the log from the provider.
    pub export: &'static str,
}
