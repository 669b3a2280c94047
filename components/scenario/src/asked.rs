//! What the host asks a room's `/internal/demo` for.

use serde::Deserialize;

/// The query of `POST /internal/demo`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Asked {
    /// `people`: only what is needed to begin with empty lists. Absent: everything.
    #[serde(default)]
    pub part: Option<String>,
    /// The present moment that the story is told from, in microseconds since 1970: the same for every room, so that
    /// the numbers of tickets agree also around midnight. Absent: the room's own clock.
    #[serde(default)]
    pub at: Option<i64>,
}

impl Asked {
    /// Whether the story is wanted, not only its people and workflows.
    pub fn is_full(&self) -> bool {
        self.part.as_deref() != Some("people")
    }

    /// The moment the story is told from.
    pub fn moment(&self, clock: i64) -> i64 {
        self.at.unwrap_or(clock)
    }
}
