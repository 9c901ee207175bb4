//! What keys do, followed to the end: Esc takes one layer, following and pausing, filters and selections, triage and the
//! way back, questions that are overtaken.

use crate::desk::State;
use crate::stage::Stage;
use driftline::console::app::notice::{Command, Notice, Progress};
use driftline::console::app::overlay::Overlay;
use driftline::console::app::place::{Pane, Screen};
use driftline::console::app::{App, Effect, Mode, Mouse, Msg, Options};
use driftline::console::desk::{Query, Reply};
use driftline::console::keymap::Keymap;

fn stage() -> Stage {
    Stage::new(State::Busy, 120, 40)
}

fn selected(stage: &Stage, pane: Pane) -> String {
    stage.app.here.cursor(pane).key.unwrap_or_default()
}

#[test]
fn esc_takes_exactly_one_layer_and_never_leaves() {
    let mut stage = stage();
    stage.press("2 space / 'crm enter ?");
    assert!(matches!(stage.app.overlay, Some(Overlay::Help(_))));
    stage.press("esc");
    assert!(stage.app.overlay.is_none() && stage.app.here.filter(Pane::Feed) == "crm");
    stage.press("esc");
    assert!(stage.app.here.filter(Pane::Feed).is_empty() && stage.app.here.marks.len() == 1);
    stage.press("esc");
    assert!(stage.app.here.marks.is_empty() && stage.app.here.screen == Screen::Alerts);
    stage.press("esc");
    assert_eq!(stage.app.here.screen, Screen::Watch);
    stage.press("esc esc esc");
    assert!(!stage.effects.contains(&Effect::Quit));
    stage.press("q");
    assert!(stage.effects.contains(&Effect::Quit));
}

#[test]
fn ctrl_c_leaves_from_anywhere() {
    for way in ["", "?", ":", "/ 'x", "tab d", "enter"] {
        let mut stage = stage();
        stage.press(way).press("ctrl-c");
        assert!(stage.effects.contains(&Effect::Quit), "{way}");
    }
}

#[test]
fn leaving_the_newest_row_pauses_and_reaching_it_resumes() {
    for (keys, following) in [
        ("tab", true),
        ("tab j", false),
        ("tab j k", true),
        ("tab j j k", false),
        ("tab j f", true),
        ("tab j j G", true),
        ("tab j g", true),
        ("tab enter esc", false),
        ("tab space", false),
        ("tab / 'crm enter", false),
    ] {
        let mut stage = stage();
        stage.press(keys);
        assert_eq!(stage.app.data.feed.following, following, "{keys}");
    }
}

/// What lies below medium stands behind the alerts, never among them, and goes with one key.
#[test]
fn findings_stand_behind_the_alerts_and_go_with_a_key() {
    let mut stage = Stage::new(State::Busy, 120, 40);
    stage.desk.notice();
    stage.committed();
    stage.later(1_000);
    let keys = stage.app.keys(Pane::Feed);
    assert_eq!(keys[keys.len() - 2..], ["0000000000000010", "0000000000000011"]);
    assert!(stage.shows("7 open · 2 findings below medium"), "{}", stage.text());
    stage.press("tab").press("G j j j j j j j j enter");
    assert!(stage.shows("risk 12"), "{}", stage.text());
    stage.press("q b");
    assert_eq!(stage.app.keys(Pane::Feed).len(), keys.len() - 2);
    assert!(stage.shows("7 open   newest first"), "{}", stage.text());
}

/// `review NAME` opens on the identity; Watch lies behind it.
#[test]
fn the_console_opens_on_an_identity() {
    let mut stage = Stage::new(State::Busy, 80, 24);
    let options = Options { identity: Some("aws:warehouse-loader".into()), ..stage.app.options.clone() };
    stage.app = App::new(options, Keymap::embedded().unwrap());
    stage.tell(Msg::Resized(80, 24));
    assert!(stage.shows("[3 Identity]") && stage.shows("▎warehouse-loader"), "{}", stage.text());
    stage.press("q");
    assert!(stage.shows("[1 Watch]"), "{}", stage.text());
}

#[test]
fn while_paused_rows_stand_still_and_what_is_new_is_counted() {
    let mut stage = stage();
    stage.press("tab j");
    let before = selected(&stage, Pane::Feed);
    let list = stage.app.keys(Pane::Feed);
    for n in 0..3 {
        stage.desk.raise(n);
        stage.committed();
    }
    assert_eq!((stage.app.keys(Pane::Feed), selected(&stage, Pane::Feed)), (list, before));
    assert_eq!(stage.app.mode(stage.ctx.now), Mode::Paused(3));
    assert!(stage.shows("PAUSED · 3 new"), "{}", stage.text());
    stage.press("f");
    assert_eq!(stage.app.here.cursor(Pane::Feed).index, 0);
    assert_eq!(stage.app.mode(stage.ctx.now), Mode::Live);
    stage.desk.raise(9);
    stage.committed();
    assert_eq!(stage.app.keys(Pane::Feed).len(), 11);
    assert_eq!(stage.app.here.cursor(Pane::Feed).index, 0);
}

#[test]
fn freezing_is_separate_holds_every_pane_and_counting_goes_on() {
    let mut stage = stage();
    stage.press("p");
    let list = stage.app.keys(Pane::Feed);
    stage.desk.raise(1);
    stage.committed();
    assert_eq!(stage.app.keys(Pane::Feed), list);
    assert!(stage.shows("PAUSED · 1 new"), "{}", stage.text());
    assert_eq!(stage.app.moment(stage.ctx.now), crate::desk::now());
    stage.press("p");
    assert_eq!(stage.app.keys(Pane::Feed).len(), list.len() + 1);
}

#[test]
fn a_filter_acts_as_it_is_typed_and_the_selected_row_stays_when_it_goes() {
    let mut stage = stage();
    stage.press("/ 'wareh");
    assert!(stage.shows("1 of 312   wareh"), "{}", stage.text());
    assert_eq!(selected(&stage, Pane::Identities), "aws:warehouse-loader");
    stage.press("enter esc");
    assert_eq!(selected(&stage, Pane::Identities), "aws:warehouse-loader");
    assert_eq!(stage.app.keys(Pane::Identities).len(), 12);
    // Esc while typing restores both the filter and the selection.
    stage.press("/ 'crm esc");
    assert_eq!(selected(&stage, Pane::Identities), "aws:warehouse-loader");
    assert!(stage.app.here.filter(Pane::Identities).is_empty());
}

#[test]
fn the_filter_language_is_the_desks_to_answer_and_its_errors_stand_in_the_title() {
    let mut stage = stage();
    stage.press("/ 'kind:ci_token enter");
    assert_eq!(stage.app.keys(Pane::Identities).len(), 2);
    stage.press("/ ctrl-u 'knd:x");
    assert!(stage.shows("no field knd; did you mean"), "{}", stage.text());
}

#[test]
fn a_screen_returns_exactly_as_it_was_left() {
    let mut stage = stage();
    stage.press("/ 'a enter j j");
    let left = stage.app.here.clone();
    stage.press("enter tab esc");
    assert_eq!(stage.app.here, left);
    stage.press("]");
    assert!(matches!(stage.app.here.screen, Screen::Identity(_)) && stage.app.here.focus == Pane::History);
    stage.press("[");
    assert_eq!(stage.app.here, left);
    stage.press("2 1");
    assert_eq!(stage.app.here, left);
}

#[test]
fn acknowledging_takes_the_alert_and_undo_gives_it_back() {
    let mut stage = stage();
    stage.press("tab j a");
    let id = stage.app.alert_here().unwrap();
    assert_eq!(stage.app.alert_row(id).unwrap().assigned.as_deref(), Some("dana"));
    assert!(stage.shows("acknowledged · u takes it back · crm-sync · breadth"), "{}", stage.text());
    stage.press("u");
    assert_eq!(stage.app.alert_row(id).unwrap().assigned, None);
    stage.later(11_000);
    // After ten seconds the last change of the alert at hand can still be taken back, and an honest answer comes if none.
    stage.press("u");
    assert!(stage.shows("nothing to take back"), "{}", stage.text());
}

#[test]
fn dismissing_many_needs_one_note() {
    let mut stage = stage();
    stage.press("tab space space space d enter");
    assert!(stage.shows("a note is required") && stage.app.overlay.is_some(), "{}", stage.text());
    stage.press("'vendor~moved enter");
    assert!(stage.app.overlay.is_none());
    assert_eq!(stage.app.here.marks.len(), 0);
    stage.committed();
    stage.press("f");
    assert_eq!(stage.app.keys(Pane::Feed).len(), 4);
    assert!(stage.app.says.messages.iter().any(|message| message.text == "closed as benign true positive · u takes it back · 3 alerts"));
    stage.press("u");
    stage.committed();
    stage.press("f");
    assert_eq!(stage.app.keys(Pane::Feed).len(), 7);
}

#[test]
fn a_lost_race_names_the_winner() {
    let mut stage = stage();
    let id = stage.desk_holder("bob");
    stage.press("tab c");
    assert!(stage.shows("bob closed it 3 s ago"), "{id}\n{}", stage.text());
}

impl Stage {
    fn desk_holder(&mut self, who: &str) -> String {
        let id = self.app.data.feed.shown[0].id;
        let change = driftline::model::decision::Triage { assign: Some(who.into()), ..Default::default() };
        driftline::console::desk::Desk::triage(&mut self.desk, id, change).unwrap();
        id.to_string()
    }
}

#[test]
fn opening_publishes_and_the_next_alert_is_one_key_away() {
    let mut stage = stage();
    stage.press("tab enter");
    let first = stage.app.alert_here().unwrap();
    stage.press("J");
    assert_ne!(stage.app.alert_here(), Some(first));
    stage.press("K");
    assert_eq!(stage.app.alert_here(), Some(first));
    stage.press("J esc");
    assert_eq!(stage.app.here.cursor(Pane::Feed).index, 1);
}

#[test]
fn copying_says_what_was_copied_and_how() {
    let mut stage = stage();
    stage.press("tab y");
    let copied = stage.effects.iter().find_map(|effect| if let Effect::Copy(text) = effect { Some(text.clone()) } else { None });
    assert!(copied.unwrap().contains("critical risk 94"));
    assert!(stage.shows("summary copied (2 lines) · sent to the terminal's clipboard (OSC 52)"), "{}", stage.text());
}

#[test]
fn an_action_that_cannot_be_done_says_why() {
    let mut stage = stage();
    stage.press(": 'acknowledge enter");
    assert!(stage.shows("no alert is selected: tab to the alerts"), "{}", stage.text());
    stage.press("m");
    assert!(stage.shows("Messages") && stage.shows("note"));
}

#[test]
fn an_answer_that_was_overtaken_is_left_aside() {
    let mut stage = stage();
    let now = stage.ctx.now;
    let asks = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Ask(ticket, Query::Page { id, .. }) => Some((*ticket, id.clone())),
            _ => None,
        })
    };
    let key = |word| Msg::Key(driftline::console::key::Key::parse(word).unwrap());
    let (old, id) = asks(&stage.app.update(key("j"), now)).unwrap();
    let (new, newer) = asks(&stage.app.update(key("j"), now)).unwrap();
    let page = |stage: &mut Stage, id: &str| Reply::Page(Box::new(driftline::console::desk::Desk::identity(&mut stage.desk, id, now)));
    let reply = page(&mut stage, &newer);
    stage.app.update(Msg::Reply(new, reply), now);
    let reply = page(&mut stage, &id);
    stage.app.update(Msg::Reply(old, reply), now);
    assert_eq!(stage.app.data.page.as_ref().map(|(of, _)| of.clone()), Some(newer));
}

#[test]
fn while_loading_everything_works_and_stopping_is_asked_for() {
    let mut stage = Stage::new(State::Empty, 120, 40);
    let progress = Progress { files_done: 3, files: 12, bytes_done: 30_000_000, bytes_total: 120_000_000, rate: 15_000_000.0 };
    stage.tell(Msg::Notice(Notice::Progress(progress)));
    assert!(stage.shows("LOADING") && stage.shows("25% 3 of 12 files 15 MB/s 6s left"), "{}", stage.text());
    stage.press("esc");
    assert!(matches!(stage.app.overlay, Some(Overlay::StopLoading(false))));
    stage.press("enter");
    assert!(stage.effects.is_empty());
    stage.press("x tab enter");
    assert_eq!(stage.effects, [Effect::Command(Command::Cancel)]);
    stage.tell(Msg::Notice(Notice::Loaded("12 files: 41 208 events, 3 rejected".into())));
    assert!(stage.shows("12 files") && stage.app.engine.progress.is_none());
}

#[test]
fn the_demo_has_a_clock_and_a_speed() {
    let mut stage = stage();
    stage.press(">");
    assert!(stage.effects.is_empty());
    stage.tell(Msg::Notice(Notice::Clock(crate::desk::now())));
    assert!(stage.shows("DEMO 14:32:07 ×360"), "{}", stage.text());
    stage.press("> < <");
    let speeds: Vec<&Effect> = stage.effects.iter().collect();
    assert_eq!(
        speeds,
        [&Effect::Command(Command::Speed(720.0)), &Effect::Command(Command::Speed(360.0)), &Effect::Command(Command::Speed(180.0))]
    );
}

#[test]
fn old_data_are_shown_as_of_their_newest_event() {
    let mut stage = stage();
    stage.later(2 * 3_600_000);
    assert!(matches!(stage.app.mode(stage.ctx.now), Mode::AsOf(_)));
    assert!(stage.shows("AS OF 2026-11-19 14:32Z"), "{}", stage.text());
    // Nothing on screen changes by time alone: an idle console draws nothing.
    stage.later(20_000);
    assert!(!stage.app.ticks(stage.ctx.now));
}

#[test]
fn what_is_closed_is_opened_before_it_is_triaged_again() {
    let mut stage = stage();
    stage.press("tab enter r");
    assert!(stage.shows("it is not closed"), "{}", stage.text());
    stage.press("c a");
    assert!(stage.shows("it is closed; opening it again comes first"), "{}", stage.text());
    stage.press("r");
    assert!(stage.shows("opened again"), "{}", stage.text());
}

/// Whatever is pressed in whatever order, on whatever data: it never breaks, and never leaves but by `q` and Ctrl-C.
#[test]
fn any_keys_in_any_order() {
    let keys: Vec<&str> = "j k g G ctrl-d ctrl-u pgdn pgup tab shift-tab J K enter l h e o 1 2 3 [ ] esc a c d r i u space V y / F s f p z > < f5 ? : m f2 x backspace left right up down w é ~"
        .split_whitespace()
        .collect();
    for (state, mut seed) in [(State::Busy, 1_u64), (State::Quiet, 2), (State::Hostile, 3), (State::Empty, 4)] {
        let mut stage = Stage::new(state, 100, 30);
        for n in 0..3_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let roll = (seed >> 33) as usize;
            if roll.is_multiple_of(97) {
                stage.desk.raise(n);
                stage.committed();
            }
            if roll.is_multiple_of(61) {
                stage.tell(Msg::Resized(40 + (roll % 180) as u16, 8 + (roll % 60) as u16));
            }
            let key = driftline::console::key::Key::parse(keys[roll / 97 % keys.len()]).unwrap();
            stage.tell(Msg::Key(key));
            let (back, forward) = (stage.app.back.len(), stage.app.forward.len());
            assert!(back <= 51 && forward <= 51, "{back} {forward}");
        }
        assert!(!stage.effects.contains(&Effect::Quit));
    }
}

#[test]
fn the_mouse_selects_opens_and_scrolls() {
    let mut stage = stage();
    stage.press("f2");
    assert!(stage.effects.contains(&Effect::Mouse(true)));
    stage.tell(Msg::Mouse(Mouse::Click(5, 6)));
    assert_eq!(stage.app.here.cursor(Pane::Identities).index, 2);
    stage.tell(Msg::Mouse(Mouse::Wheel(5, 6, 1)));
    assert_eq!(stage.app.here.cursor(Pane::Identities).index, 3);
    stage.tell(Msg::Mouse(Mouse::Click(5, 5)));
    stage.tell(Msg::Mouse(Mouse::Click(5, 5)));
    assert_eq!(stage.app.here.screen, Screen::Identity("aws:warehouse-loader".into()));
}
