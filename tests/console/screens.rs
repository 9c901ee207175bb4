//! Pictures a person reads: each screen at the sizes it was designed for, in its states, in text and in style.

use crate::desk::State;
use crate::stage::Stage;
use driftline::console::theme::{Glyphs, Look, Theme};

fn picture(name: &str, state: State, size: (u16, u16), keys: &str) -> Stage {
    let mut stage = Stage::new(state, size.0, size.1);
    stage.press(keys);
    insta::assert_snapshot!(name.to_owned(), stage.text());
    stage
}

#[test]
fn watch() {
    for (state, word) in [(State::Busy, "busy"), (State::Quiet, "quiet"), (State::Empty, "empty")] {
        picture(&format!("watch_{word}_80x24"), state, (80, 24), "");
        picture(&format!("watch_{word}_120x40"), state, (120, 40), "");
    }
    picture("watch_busy_200x60", State::Busy, (200, 60), "");
}

#[test]
fn identity() {
    picture("identity_busy_80x24", State::Busy, (80, 24), "enter");
    picture("identity_busy_120x40", State::Busy, (120, 40), "enter");
    picture("identity_quiet_80x24", State::Quiet, (80, 24), "enter");
}

#[test]
fn evidence() {
    picture("evidence_80x24", State::Busy, (80, 24), "tab enter");
    picture("evidence_120x40", State::Busy, (120, 40), "tab enter");
    picture("record_80x24", State::Busy, (80, 24), "tab enter tab enter");
}

#[test]
fn loading() {
    use driftline::console::app::Msg;
    use driftline::console::app::notice::{Notice, Progress};
    let progress = Progress { files_done: 3, files: 12, bytes_done: 30_000_000, bytes_total: 120_000_000, rate: 15_000_000.0 };
    for (state, word) in [(State::Empty, "empty"), (State::Busy, "busy")] {
        let mut stage = Stage::new(state, 80, 24);
        stage.tell(Msg::Notice(Notice::Progress(progress)));
        insta::assert_snapshot!(format!("loading_{word}_80x24"), stage.text());
    }
}

#[test]
fn paused() {
    let mut stage = Stage::new(State::Busy, 80, 24);
    stage.press("tab j");
    stage.desk.raise(1);
    stage.committed();
    insta::assert_snapshot!("paused_80x24", stage.text());
}

#[test]
fn overlays() {
    picture("help_80x24", State::Busy, (80, 24), "?");
    picture("help_120x40", State::Busy, (120, 40), "?");
    picture("palette_80x24", State::Busy, (80, 24), ": 'ack");
    picture("dismiss_80x24", State::Busy, (80, 24), "tab space space d tab tab 'vendor~moved,~CHG-4471");
}

#[test]
fn styles() {
    for (name, keys) in [("watch", ""), ("identity", "enter"), ("evidence", "tab enter")] {
        let mut stage = Stage::new(State::Busy, 80, 24);
        stage.press(keys);
        insta::assert_snapshot!(format!("styles_{name}_80x24"), stage.styles());
    }
}

/// Red means critical or broken: a fleet in which nothing is open shows no saturated colour at all.
#[test]
fn a_calm_fleet_is_calm() {
    let stage = Stage::new(State::Quiet, 120, 40);
    for loud in ["critical", "high", "medium", "new"] {
        assert!(!stage.styles().contains(loud), "{loud}\n{}", stage.styles());
    }
}

/// Colour never says anything alone: without it, and in ASCII, no text is lost.
#[test]
fn without_colour_no_text_is_lost_and_the_selection_is_still_seen() {
    for keys in ["", "enter", "tab enter", "?"] {
        let mut colour = Stage::new(State::Busy, 120, 40);
        let mut mono = Stage::new(State::Busy, 120, 40);
        mono.ctx.theme = Theme::of(Look::Mono, true);
        assert_eq!(colour.press(keys).text(), mono.press(keys).text());
        mono.draw();
        for cell in &mono.picture.content {
            assert_eq!((cell.fg, cell.bg), (ratatui::style::Color::Reset, ratatui::style::Color::Reset));
        }
    }
    let mono = {
        let mut stage = Stage::new(State::Busy, 80, 24);
        stage.ctx.theme = Theme::of(Look::Mono, false);
        stage.draw();
        stage
    };
    assert!(mono.picture[(20, 4)].modifier.contains(ratatui::style::Modifier::REVERSED));
    let mut ascii = Stage::new(State::Busy, 80, 24);
    ascii.ctx.glyphs = Glyphs::ASCII;
    ascii.draw();
    assert!(ascii.shows("#1 crit") && ascii.shows("crm-sync"));
    for keys in ["", "enter", "esc tab enter", "?", "esc d"] {
        assert!(ascii.press(keys).text().is_ascii(), "{}", ascii.text());
    }
}

/// Errors stand where the data would.
#[test]
fn a_page_that_cannot_be_read_says_so() {
    let mut stage = Stage::new(State::Busy, 120, 40);
    stage.desk.broken = true;
    stage.press("j");
    assert!(stage.shows("the store cannot be read"), "{}", stage.text());
    assert!(stage.shows("warehouse-loader"));
}
