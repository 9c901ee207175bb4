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
    Evidence = "evidence", Go, "evidence of what is selected";
    OpenIdentity = "open-identity", Go, "the identity behind the alert";
    Watch = "watch", Go, "screen 1: who, what changed, what is new";
    Alerts = "alerts", Go, "screen 2: every alert";
    Identity = "identity", Go, "screen 3: the selected identity";
    Back = "back", Go, "the screen before, exactly as it was";
    Forward = "forward", Go, "forward again";
    Cancel = "cancel", Go, "one layer off: overlay, filter, marks…";
    Close = "close", Go, "close the screen; quit from the first";

    Acknowledge = "acknowledge", Triage, "acknowledge: seen, and mine";
    Confirm = "confirm", Triage, "close as a true positive";
    Dismiss = "dismiss", Triage, "dismiss: verdict, reason and note";
    Reopen = "reopen", Triage, "open a closed alert again";
    Note = "note", Triage, "write a note";
    Undo = "undo", Triage, "take the last triage back";
    Mark = "mark", Triage, "mark; triage then acts on all marks";
    MarkRange = "mark-range", Triage, "mark from the last mark to here";
    Copy = "copy", Triage, "copy the summary for a ticket";

    Filter = "filter", Show, "filter: words, or field:value";
    FilterSelection = "filter-selection", Show, "only this identity's alerts, and back";
    Sort = "sort", Show, "sort by risk, activity, last or name";
    Follow = "follow", Show, "go to the newest alert and follow";
    Freeze = "freeze", Show, "freeze the picture; counting goes on";
    ShowClosed = "show-closed", Show, "closed alerts too, or open ones only";
    ShowFindings = "show-findings", Show, "findings below medium too, or alerts only";
    Faster = "faster", Show, "play the demo faster";
    Slower = "slower", Show, "play the demo slower";
    Reload = "reload", Show, "read everything on screen again";

    Help = "help", Program, "keys and what they do";
    Palette = "palette", Program, "find a command by name";
    Messages = "messages", Program, "everything that was said";
    Mouse = "mouse", Program, "mouse (shift-drag then selects text)";
    StopLoading = "stop-loading", Program, "stop loading; what is stored stays";
    Suspend = "suspend", Program, "back to the shell for a moment";
    Quit = "quit", Program, "leave at once";
}
