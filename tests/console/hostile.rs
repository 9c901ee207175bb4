//! Text written by an attacker, on every screen: nothing below a blank reaches a cell, no row is gained or lost, and two
//! values that differ look different.

use crate::desk::{HOSTILE, State};
use crate::stage::Stage;
use driftline::text::Shown;

const WAYS: [&str; 9] = ["", "tab", "2", "enter", "enter tab", "tab enter", "tab enter tab enter", "tab space space d", "/ 'crm"];

#[test]
fn no_control_reaches_a_cell_on_any_screen() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        for way in WAYS {
            let mut stage = Stage::new(State::Hostile, size.0, size.1);
            stage.press(way);
            for cell in &stage.picture.content {
                let bad =
                    |c: char| c < ' ' || ('\u{7f}'..='\u{9f}').contains(&c) || "\u{200b}\u{200d}\u{202e}\u{fe0f}\u{e0041}".contains(c);
                assert!(!cell.symbol().chars().any(bad), "{way} {size:?} {:?}", cell.symbol());
            }
        }
    }
}

/// A value with newlines must not add a row: the frame around the data is where it is with tame data.
#[test]
fn rows_are_neither_gained_nor_lost() {
    for size in [(80, 24), (120, 40)] {
        let count = |state| {
            let stage = Stage::new(state, size.0, size.1);
            stage.rows().iter().filter(|row| row.contains("▲") || row.contains("◆") || row.contains("●")).count()
        };
        assert_eq!(count(State::Busy), count(State::Hostile));
    }
}

/// What differs as bytes differs on screen, and what is unusual carries its mark.
#[test]
fn values_that_differ_look_different() {
    let mut stage = Stage::new(State::Hostile, 200, 60);
    stage.press("");
    let drawn = stage.text();
    assert!(drawn.contains('⚠'), "{drawn}");
    for value in &HOSTILE[1..3] {
        assert!(drawn.contains(&Shown::new(value).cut(15).to_string().replace('…', "")), "{value:?}\n{drawn}");
    }
    let all: std::collections::BTreeSet<String> = HOSTILE.iter().map(|value| Shown::new(value).to_string()).collect();
    assert_eq!(all.len(), HOSTILE.len());
}

/// The picture is what a terminal makes of the bytes: no sequence of theirs gets through, title and modes stay.
#[test]
fn a_real_terminal_shows_the_same_picture() {
    use driftline::console::term::Canvas;
    for way in WAYS {
        let mut stage = Stage::new(State::Hostile, 120, 40);
        stage.press(way);
        let mut bytes = Vec::new();
        Canvas::new(&mut bytes).show(stage.picture.clone()).unwrap();
        assert!(!bytes.windows(3).any(|found| found == b"\x1b]0" || found == b"\x1b]5" || found == b"\x1b]8"));
        let mut terminal = vt100::Parser::new(40, 120, 0);
        terminal.process(&bytes);
        let seen: Vec<String> = terminal.screen().rows(0, 120).map(|row| row.trim_end().to_owned()).collect();
        assert_eq!(seen, stage.rows(), "{way}");
    }
}
