//! `docs/formats.md`, made from the cards of all formats: what is read, what is not observable, how to get it. The rule:
//! what stands on the page stands in a card, or in the notes beside the mapping files where a card has no place for it. It
//! must not know any provider.

use super::Format;
use std::fmt::Write;

/// What holds for all formats.
const INTRO: &str = include_str!("../../assets/formats/notes/intro.md");

/// Notes of single formats, in Markdown below the second level.
const NOTES: &[(&str, &str)] = &[
    ("aws_cloudtrail", include_str!("../../assets/formats/notes/aws_cloudtrail.md")),
    ("salesforce_elf", include_str!("../../assets/formats/notes/salesforce_elf.md")),
];

/// The page, in Markdown.
pub fn page(formats: &[&dyn Format]) -> String {
    let mut page = String::from("# Formats\n\n<!-- made by `cargo run --example formats > docs/formats.md` -->\n\n");
    page.push_str(INTRO);
    page.push_str("\n| format | `--format` |\n|---|---|\n");
    for format in formats {
        // Writing to a text cannot fail.
        let _ = writeln!(page, "| [{}](#{}) | `{}` |", format.card().title, anchor(format.card().title), format.name());
    }
    for format in formats {
        section(&mut page, *format);
    }
    page
}

fn section(page: &mut String, format: &dyn Format) {
    let card = format.card();
    let _ = writeln!(page, "\n## {}\n\n### Getting it\n\n```sh\n{}\n```\n\nRead as:\n", card.title, card.export);
    for shape in card.shapes {
        let _ = writeln!(page, "* {shape}");
    }
    page.push_str("\n### What is read\n\n| event | from |\n|---|---|\n");
    for (what, from) in card.reads {
        let _ = writeln!(page, "| {what} | {} |", from.replace('|', "\\|"));
    }
    page.push_str("\n### Not observable\n\n");
    for what in card.unobservable {
        let _ = writeln!(page, "* {what}");
    }
    if let Some((_, notes)) = NOTES.iter().find(|(name, _)| *name == format.name()) {
        let _ = writeln!(page, "\n### Notes\n\n{}", notes.trim_end());
    }
}

/// The anchor a heading gets: lower case, blanks as hyphens, other signs gone.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the reader of the page: it says what the program does. Run the example that its second line names.
    #[test]
    fn the_page_is_that_of_the_program() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/formats.md");
        let Ok(kept) = std::fs::read_to_string(path) else {
            println!("skipped: no {path}");
            return;
        };
        assert!(kept == page(super::super::all()), "stale: cargo run --example formats > docs/formats.md");
    }

    /// Protects the page from a card nobody filled in.
    #[test]
    fn every_card_says_something() {
        for format in super::super::all() {
            let card = format.card();
            let lists = [card.shapes, card.unobservable];
            assert!(lists.iter().all(|list| !list.is_empty() && list.iter().all(|text| !text.trim().is_empty())), "{}", format.name());
            assert!(!card.reads.is_empty() && !card.export.contains('\n') && !card.title.is_empty(), "{}", format.name());
        }
        assert_eq!(anchor("Wiz issues and detections (v2)"), "wiz-issues-and-detections-v2");
    }
}
