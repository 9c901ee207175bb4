//! The text of a query's shape while it grows, the same in every dialect: what stands for a literal, how white space
//! folds, how long a shape gets. What a literal or a name looks like is each dialect's own business.

/// A shape is cut here: what follows says nothing more about the question.
pub const LONGEST: usize = 4096;

/// One blank, unless there is one already or none belongs here.
pub fn blank(text: &mut String) {
    if !text.is_empty() && !text.ends_with([' ', '(']) {
        text.push(' ');
    }
}

/// A literal; a list of them is as good as one.
pub fn literal(text: &mut String) {
    let bare = text.trim_end();
    if bare.ends_with("?,") {
        let keep = bare.len() - 1;
        text.truncate(keep);
    } else if !bare.ends_with('?') {
        text.push('?');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects "the same question over other values is the same shape": lists of any length are one literal.
    #[test]
    fn literals_and_blanks_fold() {
        let mut text = String::from("IN (");
        blank(&mut text);
        literal(&mut text);
        text.push(',');
        blank(&mut text);
        literal(&mut text);
        blank(&mut text);
        blank(&mut text);
        assert_eq!(text, "IN (? ");
    }
}
