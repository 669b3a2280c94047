//! Where a workflow stands, and what may be done with it there.

/// Where a workflow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// Never published.
    Draft,
    /// Takes tickets.
    Published,
    /// Takes none for a while; the work on its tasks goes on.
    Paused,
    /// Takes none any more, and is not changed; the work on its tasks goes on.
    Archived,
}

/// What an administrator can do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// Make the draft the version that new tasks follow.
    Publish,
    /// Take no tickets.
    Pause,
    /// Take tickets again.
    Resume,
    /// Put it away for good.
    Archive,
}

impl Life {
    const ALL: [Self; 4] = [Self::Draft, Self::Published, Self::Paused, Self::Archived];

    /// The form in answers and the database.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Paused => "paused",
            Self::Archived => "archived",
        }
    }

    /// The form in sentences.
    pub(crate) fn words(self) -> &'static str {
        if self == Self::Draft { "a draft" } else { self.code() }
    }

    /// The state with this code, in any case.
    pub(crate) fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|life| life.code().eq_ignore_ascii_case(code))
    }

    /// Whether it is still worked on by designers.
    pub(crate) fn is_open(self) -> bool {
        self != Self::Archived
    }

    /// Whether it has to be fit for tickets.
    pub(crate) fn is_in_use(self) -> bool {
        matches!(self, Self::Published | Self::Paused)
    }

    /// Where it stands after a move; nothing if that cannot be done here.
    pub(crate) fn after(self, step: Move) -> Option<Self> {
        match (self, step) {
            (Self::Draft | Self::Published | Self::Paused, Move::Publish) => Some(Self::Published),
            (Self::Published, Move::Pause) => Some(Self::Paused),
            (Self::Paused, Move::Resume) => Some(Self::Published),
            (Self::Draft | Self::Published | Self::Paused, Move::Archive) => Some(Self::Archived),
            _ => None,
        }
    }

    /// What can be done here.
    pub(crate) fn allowed(self) -> Vec<Move> {
        Move::ALL.into_iter().filter(|step| self.after(*step).is_some()).collect()
    }
}

impl Move {
    const ALL: [Self; 4] = [Self::Publish, Self::Pause, Self::Resume, Self::Archive];

    /// The form in addresses and answers.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Archive => "archive",
        }
    }

    /// The form in the audit log.
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Publish => "workflow.publish",
            Self::Pause => "workflow.pause",
            Self::Resume => "workflow.resume",
            Self::Archive => "workflow.archive",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_allows_what_the_table_says() {
        let allowed = |life: Life| life.allowed().into_iter().map(Move::code).collect::<Vec<_>>();
        assert_eq!(allowed(Life::Draft), ["publish", "archive"]);
        assert_eq!(allowed(Life::Published), ["publish", "pause", "archive"]);
        assert_eq!(allowed(Life::Paused), ["publish", "resume", "archive"]);
        assert!(allowed(Life::Archived).is_empty());
        assert_eq!(Life::Paused.after(Move::Publish), Some(Life::Published));
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        assert!(Life::ALL.into_iter().all(|life| Life::read(life.code()) == Some(life)));
        assert_eq!((Life::read("Published"), Life::read("deployed")), (Some(Life::Published), None));
    }
}
