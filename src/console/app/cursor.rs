//! A place in a list that survives the list: it is found again by key, else the nearest row is taken. It must not know
//! what the rows are.

/// Selection and scroll of one pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Key of the selected row.
    pub key: Option<String>,
    /// Its index when it was last seen.
    pub index: usize,
    /// First row on screen (for a text: first line).
    pub top: usize,
    /// Rows that fit, as last drawn.
    pub page: usize,
    /// Rows there are, as last drawn or settled.
    pub len: usize,
    /// Somebody has moved or opened here: from then on the selection stays with its row. Before, it stays at the top.
    pub held: bool,
}

impl Cursor {
    /// Finds the selected row again in a new list.
    pub fn settle(&mut self, keys: &[String]) {
        self.len = keys.len();
        let kept = self.key.as_ref().filter(|_| self.held || self.index > 0);
        let found = kept.and_then(|key| keys.iter().position(|k| k == key));
        self.select(found.unwrap_or(self.index), keys);
    }

    /// Selects a row by index, held inside the list.
    pub fn select(&mut self, index: usize, keys: &[String]) {
        self.len = keys.len();
        self.index = index.min(keys.len().saturating_sub(1));
        self.key = keys.get(self.index).cloned();
    }

    /// Moves by rows.
    pub fn step(&mut self, by: isize, keys: &[String]) {
        self.held = true;
        self.select(self.index.saturating_add_signed(by), keys);
    }

    /// Moves a text by lines.
    pub fn scroll(&mut self, by: isize) {
        self.top = self.top.saturating_add_signed(by).min(self.len.saturating_sub(self.page));
    }

    /// The first row to draw in `page` rows so that the selected one is on screen and as little moves as possible.
    pub fn window(&self, page: usize) -> usize {
        let last = self.len.saturating_sub(page);
        let top = self.top.min(self.index);
        let top = if page > 0 && self.index >= top + page { self.index + 1 - page } else { top };
        top.min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    #[test]
    fn the_selected_row_is_found_by_key_else_the_nearest_is_taken() {
        let mut cursor = Cursor::default();
        cursor.select(2, &keys("abcd"));
        cursor.settle(&keys("xyabcd"));
        assert_eq!((cursor.index, cursor.key.as_deref()), (4, Some("c")));
        cursor.settle(&keys("xy"));
        assert_eq!((cursor.index, cursor.key.as_deref()), (1, Some("y")));
        let mut top = Cursor::default();
        top.settle(&keys("ab"));
        top.settle(&keys("xab"));
        assert_eq!(top.key.as_deref(), Some("x"), "nobody has chosen a row yet: the first one is shown");
        top.step(0, &keys("xab"));
        top.settle(&keys("yxab"));
        assert_eq!(top.key.as_deref(), Some("x"));
        cursor.settle(&[]);
        assert_eq!((cursor.index, cursor.key), (0, None));
    }

    #[test]
    fn the_window_moves_as_little_as_it_can() {
        let at = |index, top| Cursor { index, top, len: 100, ..Cursor::default() };
        for (index, top, page, window) in [(5, 0, 10, 0), (10, 0, 10, 1), (3, 7, 10, 3), (99, 0, 10, 90), (5, 0, 0, 0), (50, 98, 10, 50)] {
            assert_eq!(at(index, top).window(page), window, "{index} from {top}");
        }
    }
}
