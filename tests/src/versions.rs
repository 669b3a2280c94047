//! Versions of the fixture `release`, made by replacing the block of text inside its file: no build, a new digest each.

use std::fmt::Write;
use std::sync::OnceLock;

use crate::paths;

const MARKER: &[u8] = b"wharf-version-block:";
const SIZE: usize = 512;

/// How a version behaves. The default is a good one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// What it calls itself: on every answer, in every row it writes. Without `;` and `=`.
    pub label: String,
    /// Percent of people's requests answered with 500.
    pub errors: u8,
    /// Milliseconds more for each of people's requests.
    pub delay_ms: u32,
    /// A path at which it traps.
    pub trap: Option<String>,
    /// Whether its consumer and its schedule answer 503.
    pub worker_fails: bool,
    /// Whether `/readyz` answers 503.
    pub never_ready: bool,
    /// Whether an instance traps before its first request.
    pub traps_at_start: bool,
}

impl Version {
    /// A good one.
    pub fn good(label: &str) -> Self {
        Self { label: label.to_owned(), ..Self::default() }
    }

    /// One with errors.
    #[must_use]
    pub fn with_errors(self, percent: u8) -> Self {
        Self { errors: percent, ..self }
    }

    /// A slower one.
    #[must_use]
    pub fn slower_by(self, ms: u32) -> Self {
        Self { delay_ms: ms, ..self }
    }

    /// One that traps at a path.
    #[must_use]
    pub fn trapping_at(self, path: &str) -> Self {
        Self { trap: Some(path.to_owned()), ..self }
    }

    /// One whose consumer fails.
    #[must_use]
    pub fn with_failing_worker(self) -> Self {
        Self { worker_fails: true, ..self }
    }

    /// One that is never ready.
    #[must_use]
    pub fn never_ready(self) -> Self {
        Self { never_ready: true, ..self }
    }

    /// One of which no instance can be made.
    #[must_use]
    pub fn trapping_at_start(self) -> Self {
        Self { traps_at_start: true, ..self }
    }

    /// Its file.
    pub fn wasm(&self) -> Vec<u8> {
        static BASE: OnceLock<(Vec<u8>, usize)> = OnceLock::new();
        let (base, place) = BASE.get_or_init(|| {
            let base = std::fs::read(paths::guest("release")).unwrap();
            let place = place(&base);
            (base, place)
        });
        let mut wasm = base.clone();
        wasm[*place..*place + SIZE].copy_from_slice(&self.block());
        wasm
    }

    fn block(&self) -> [u8; SIZE] {
        let Self { label, errors, delay_ms, trap, .. } = self;
        assert!(!label.contains([';', '=']), "{label}");
        let mut text = format!("version={label};errors={errors};delay_ms={delay_ms};");
        if let Some(path) = trap {
            write!(text, "trap={path};").unwrap();
        }
        for (set, pair) in [
            (self.worker_fails, "worker=fail;"),
            (self.never_ready, "ready=fail;"),
            (self.traps_at_start, "init=trap;"),
        ] {
            text.push_str(if set { pair } else { "" });
        }
        let mut block = [b' '; SIZE];
        block[..MARKER.len()].copy_from_slice(MARKER);
        block[MARKER.len()..MARKER.len() + text.len()].copy_from_slice(text.as_bytes());
        block
    }
}

/// Where the block begins. It is in the file once.
fn place(base: &[u8]) -> usize {
    let mut places = (0..=base.len() - SIZE).filter(|at| base[*at..].starts_with(MARKER));
    let place = places.next().expect("the fixture `release` has a block");
    assert!(places.next().is_none(), "the block is in the file once");
    place
}

/// SQL of the fixture, beside the one migration that every host begins with.
pub mod migrations {
    /// What every host begins with.
    pub const FIRST: (&str, &str) =
        ("0001_release.expand.sql", include_str!("../guests/release/migrations/0001_release.expand.sql"));
    /// Adds a column: going back over it is possible, and loses what is in it.
    pub const EXPAND: (&str, &str) =
        ("0002_note.expand.sql", include_str!("../guests/release/later/0002_note.expand.sql"));
    /// Fails.
    pub const BROKEN: (&str, &str) =
        ("0002_nowhere.expand.sql", include_str!("../guests/release/later/0002_nowhere.expand.sql"));
    /// Takes a table away: going back over it is refused.
    pub const CONTRACT: (&str, &str) =
        ("0003_legacy.contract.sql", include_str!("../guests/release/later/0003_legacy.contract.sql"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_differ_in_their_block_alone() {
        let (one, other) = (Version::good("v1").wasm(), Version::good("v2").with_errors(5).trapping_at("/x").wasm());
        assert_eq!(one.len(), other.len());
        let differ: Vec<_> = (0..one.len()).filter(|at| one[*at] != other[*at]).collect();
        assert!(differ.last().unwrap() - differ[0] < SIZE);
    }
}
