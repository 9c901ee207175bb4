//! Screens, panes, and the way back: a place keeps its focus, selections, scroll and filters, so that coming back finds
//! it exactly as it was left. It must not know data.

use super::cursor::Cursor;
use crate::model::AlertId;
use crate::model::page::EventRow;
use std::collections::{BTreeMap, BTreeSet};

/// What a screen shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// Who, what changed about them, what just happened.
    Watch,
    /// Every alert.
    Alerts,
    /// One identity, by id.
    Identity(String),
    /// One alert with its evidence.
    Evidence(AlertId),
    /// One raw record.
    Raw(Box<EventRow>),
}

impl Screen {
    /// The panes Tab goes through, the first has the focus at first.
    pub fn panes(&self) -> &'static [Pane] {
        match self {
            Self::Watch => &[Pane::Identities, Pane::Feed],
            Self::Alerts => &[Pane::Feed],
            Self::Identity(_) => &[Pane::Events, Pane::History],
            Self::Evidence(_) => &[Pane::Card, Pane::Events],
            Self::Raw(_) => &[Pane::Raw],
        }
    }
}

/// A part of a screen that can have the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// The list of identities.
    Identities,
    /// The list of alerts.
    Feed,
    /// Events of an identity or an alert.
    Events,
    /// Alerts of an identity.
    History,
    /// The alert card, a text.
    Card,
    /// The raw record, a text.
    Raw,
}

impl Pane {
    /// Whether rows can be selected in it (else it scrolls).
    pub fn is_list(self) -> bool {
        !matches!(self, Self::Card | Self::Raw)
    }
}

/// The order of the identity list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Riskiest first.
    #[default]
    Risk,
    /// Most above its usual day first.
    Activity,
    /// Last seen first.
    Last,
    /// By name.
    Name,
}

impl Sort {
    /// The next order.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Risk => Self::Activity,
            Self::Activity => Self::Last,
            Self::Last => Self::Name,
            Self::Name => Self::Risk,
        }
    }

    /// What the title says.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Activity => "activity",
            Self::Last => "last seen",
            Self::Name => "name",
        }
    }
}

/// A screen with everything that makes it this visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What it shows.
    pub screen: Screen,
    /// The pane that has the focus.
    pub focus: Pane,
    /// Selection and scroll of its panes.
    pub cursors: BTreeMap<Pane, Cursor>,
    /// Filters in force.
    pub filters: BTreeMap<Pane, String>,
    /// Marked alerts.
    pub marks: BTreeSet<AlertId>,
    /// The last one marked, where a range begins.
    pub anchor: Option<AlertId>,
    /// Order of the identities.
    pub sort: Sort,
    /// Only alerts of this identity.
    pub only: Option<String>,
    /// Closed alerts as well.
    pub closed: bool,
    /// What was found below medium as well, behind the alerts.
    pub findings: bool,
}

impl Place {
    /// A first visit.
    pub fn new(screen: Screen) -> Self {
        let focus = screen.panes()[0];
        Self {
            screen,
            focus,
            cursors: BTreeMap::new(),
            filters: BTreeMap::new(),
            marks: BTreeSet::new(),
            anchor: None,
            sort: Sort::default(),
            only: None,
            closed: false,
            findings: true,
        }
    }

    /// The cursor of a pane.
    pub fn cursor(&self, pane: Pane) -> Cursor {
        self.cursors.get(&pane).cloned().unwrap_or_default()
    }

    /// The filter of a pane, empty for none.
    pub fn filter(&self, pane: Pane) -> &str {
        self.filters.get(&pane).map_or("", String::as_str)
    }

    /// Moves the focus to the next pane.
    pub fn next_pane(&mut self, by: isize) {
        let panes = self.screen.panes();
        let at = panes.iter().position(|pane| *pane == self.focus).unwrap_or(0);
        self.focus = panes[(at as isize + by).rem_euclid(panes.len() as isize) as usize];
    }
}
