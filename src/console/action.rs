//! Everything the console can do, each thing declared once: its name in the palette and the keymap, and the sentence
//! that help shows. It must not know keys.

macro_rules! actions {
    ($($variant:ident = $word:literal, $group:ident, $doc:literal;)+) => {
        /// Something an analyst can ask for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $(#[doc = $doc] $variant),+ }

        impl Action {
            /// All of them, in the order of help.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in the keymap and the palette.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What it does, in one line.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc),+ }
            }

            /// The heading it stands under in help.
            pub const fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group),+ }
            }

            /// The action a name stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

/// Headings of help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Moving about.
    Move,
    /// Screens and panes.
    Go,
    /// Triage.
    Triage,
    /// What is shown.
    Show,
    /// The program.
    Program,
}

impl Group {
    /// All of them, in the order of help.
    pub const ALL: [Self; 5] = [Self::Move, Self::Go, Self::Triage, Self::Show, Self::Program];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Go => "Go",
            Self::Triage => "Triage",
            Self::Show => "Show",
            Self::Program => "Program",
        }
    }
}

actions! {
    Down = "down", Move, "next row";
    Up = "up", Move, "previous row";
    Top = "top", Move, "first row";
    Bottom = "bottom", Move, "last row";
    HalfDown = "half-down", Move, "half a page down";
    HalfUp = "half-up", Move, "half a page up";
    PageDown = "page-down", Move, "a page down";
    PageUp = "page-up", Move, "a page up";
    NextPane = "next-pane", Move, "next pane";
    PreviousPane = "previous-pane", Move, "previous pane";
    NextAlert = "next-alert", Move, "next alert of the list";
    PreviousAlert = "previous-alert", Move, "previous alert of the list";

    Open = "open", Go, "open what is selected";
    Out = "out", Go, "back out of this screen";
    Evidence = "evidence", Go, "evidence of the selected alert, or of the identity's newest";
    OpenIdentity = "open-identity", Go, "the identity behind the selected alert";
    Watch = "watch", Go, "screen 1: who, what changed, what just happened";
    Alerts = "alerts", Go, "screen 2: every alert";
    Identity = "identity", Go, "screen 3: the selected identity";
    Back = "back", Go, "back to the screen before, exactly as it was left";
    Forward = "forward", Go, "forward again";
    Cancel = "cancel", Go, "undo one layer: overlay, then filter, then marks, then screen";
    Close = "close", Go, "close the screen; leave from the first one";

    Acknowledge = "acknowledge", Triage, "acknowledge: seen, and mine";
    Confirm = "confirm", Triage, "close as a true positive";
    Dismiss = "dismiss", Triage, "dismiss with a verdict, a reason and a note";
    Reopen = "reopen", Triage, "open a closed alert again";
    Note = "note", Triage, "write a note";
    Undo = "undo", Triage, "take the last triage back";
    Mark = "mark", Triage, "mark the alert and go on; triage then acts on all marks";
    MarkRange = "mark-range", Triage, "mark everything between the last mark and here";
    Copy = "copy", Triage, "copy the alert's summary for a ticket";

    Filter = "filter", Show, "filter this list: words, or field:value";
    FilterSelection = "filter-selection", Show, "only alerts of the selected identity, and back";
    Sort = "sort", Show, "sort identities by risk, activity, last event or name";
    Follow = "follow", Show, "go to the newest alert and follow";
    Freeze = "freeze", Show, "freeze the picture; counting goes on";
    ShowClosed = "show-closed", Show, "show closed alerts as well, or open ones only";
    Faster = "faster", Show, "play the demo faster";
    Slower = "slower", Show, "play the demo slower";
    Reload = "reload", Show, "read everything on screen again";

    Help = "help", Program, "keys and what they do";
    Palette = "palette", Program, "find a command by name";
    Messages = "messages", Program, "everything the console has said";
    Mouse = "mouse", Program, "mouse on or off (while on, shift-drag selects text)";
    StopLoading = "stop-loading", Program, "stop loading; what is stored stays";
    Suspend = "suspend", Program, "back to the shell for a moment";
    Quit = "quit", Program, "leave at once";
}
