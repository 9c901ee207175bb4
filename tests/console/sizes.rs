//! No size breaks anything: every tiny one, both sides of every breakpoint, and two hundred others.

use crate::desk::State;
use crate::stage::Stage;
use driftline::console::app::Msg;

const WAYS: [&str; 8] = ["", "tab", "enter", "tab enter", "tab enter tab enter", "?", ":", "tab d"];

fn try_sizes(sizes: &[(u16, u16)]) {
    for state in [State::Busy, State::Hostile, State::Empty] {
        for way in WAYS {
            let mut stage = Stage::new(state, 120, 40);
            if state != State::Empty {
                stage.press(way);
            }
            for size in sizes {
                stage.tell(Msg::Resized(size.0, size.1));
                assert_eq!((stage.picture.area.width, stage.picture.area.height), *size);
            }
        }
    }
}

#[test]
fn tiny_sizes() {
    let sizes: Vec<(u16, u16)> = (1..=40).flat_map(|width| (1..=20).map(move |height| (width, height))).collect();
    try_sizes(&sizes);
}

#[test]
fn breakpoints_and_many_sizes() {
    let mut sizes = Vec::new();
    for width in [59, 60, 61, 99, 100, 101, 159, 160, 161] {
        sizes.extend([15, 16, 17, 22, 23, 24, 29, 30, 31, 47, 48, 60].map(|height| (width, height)));
    }
    // A fixed sequence, so that a failure comes again.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..200 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sizes.push((1 + (seed >> 33) as u16 % 260, 1 + (seed >> 50) as u16 % 90));
    }
    try_sizes(&sizes);
}

#[test]
fn a_terminal_too_small_is_told_what_is_needed() {
    let stage = Stage::new(State::Busy, 59, 24);
    assert!(stage.shows("driftline needs 60×16") && stage.shows("here are 59×24"), "{}", stage.text());
}

/// Widths depend on the terminal alone: with other data every title stands where it stood.
#[test]
fn nothing_jumps_when_the_data_change() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let place = |state| {
            let stage = Stage::new(state, size.0, size.1);
            let rows = stage.rows();
            ["Identities", "Anomalies", "risk  identity"]
                .map(|word| rows.iter().enumerate().find_map(|(y, row)| row.find(word).map(|x| (y, row[..x].chars().count()))))
        };
        assert_eq!(place(State::Busy), place(State::Quiet));
        assert_eq!(place(State::Busy), place(State::Hostile));
    }
}

/// From one alert to the next the evidence stays where it is.
#[test]
fn the_card_does_not_jump() {
    let mut stage = Stage::new(State::Busy, 120, 40);
    stage.press("tab enter");
    let places = |stage: &Stage| {
        let rows = stage.rows();
        ["▎Evidence", "8.2 bans"].map(|word| rows.iter().position(|row| row.contains(word)))
    };
    let before = places(&stage);
    assert!(before.iter().all(Option::is_some), "{}", stage.text());
    assert_eq!(before, places(stage.press("J J J")));
}
