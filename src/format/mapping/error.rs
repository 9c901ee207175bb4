//! What is wrong with a mapping file: the file, the line, the key, what was found and the way out, in one line. It must
//! not know what keys there are.

/// A mapping that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {key}: {problem}")]
pub struct MappingError {
    /// The file as it was named by whoever loaded it.
    pub file: String,
    /// Line, counted from one.
    pub line: usize,
    /// The key with those around it: `event.time`, `principal[1].id`.
    pub key: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl MappingError {
    pub(super) fn new(file: &str, line: usize, key: &str, problem: &str) -> Self {
        let one_line = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { file: one_line(file), line, key: one_line(key), problem: one_line(problem) }
    }
}

/// The line a byte stands in, counted from one.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|b| *b == b'\n').count()
}

/// The one of `names` that is nearest to a mistyped word: least insertions, deletions, changes and swaps of neighbours.
pub(super) fn nearest<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let word: Vec<char> = word.to_lowercase().chars().take(64).collect();
    names.iter().copied().min_by_key(|name| distance(&word, &name.chars().collect::<Vec<_>>()))
}

/// Optimal string alignment, three rows at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut swapped: Option<char> = None;
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let neighbour = j.checked_sub(1).and_then(|j| b.get(j)).copied();
            if swapped == Some(y) && neighbour == Some(x) {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
        swapped = Some(x);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let names = ["principal", "provider_id", "platform", "recognise"];
        for (word, name) in [("principle", "principal"), ("plaftorm", "platform"), ("recognize", "recognise"), ("provider", "provider_id")]
        {
            assert_eq!(nearest(word, &names), Some(name), "{word}");
        }
        assert_eq!(nearest("x", &[]), None);
        assert_eq!(distance(&['a', 'b'], &['b', 'a']), 1);
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!((line_of("a\nb\nc", 0), line_of("a\nb\nc", 2), line_of("a\nb\nc", 4)), (1, 2, 3));
    }
}
