//! The last lines of the log, in memory, so that an operator can read them from afar.
//!
//! Whoever writes the log writes each finished line here too: what is redacted there is redacted here.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use tokio::sync::watch;
use tracing::Level;

/// Lines of components and of the host that are kept, and bytes of them.
const LINES_MAX: usize = 2_000;
const BYTES_MAX: usize = 2 << 20;
/// The same for lines of the access log. They have a place of their own, since a busy minute of them would push
/// everything else out.
const ACCESS_LINES_MAX: usize = 1_000;
const ACCESS_BYTES_MAX: usize = 512 << 10;
/// Longest line kept. What is longer is in the log alone.
const LINE_MAX: usize = 64 << 10;
/// `target` of the access log.
const ACCESS: &str = "access";

/// The last lines of the log. Clones share them.
///
/// At most 2,000 lines or 2 MiB, and 1,000 lines or 512 KiB of the access log.
#[derive(Clone, Debug)]
pub struct Logs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kept: Mutex<Kept>,
    /// The number of the newest line.
    newest: watch::Sender<u64>,
}

#[derive(Debug)]
struct Kept {
    newest: u64,
    others: Ring,
    access: Ring,
}

#[derive(Debug)]
struct Ring {
    lines: VecDeque<Line>,
    bytes: usize,
    lines_max: usize,
    bytes_max: usize,
}

#[derive(Clone, Debug)]
struct Line {
    number: u64,
    level: Level,
    text: Arc<str>,
}

/// Which lines are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Of this component alone.
    pub(crate) component: Option<String>,
    /// At least this severe.
    pub(crate) level: Level,
    /// The access log too.
    pub(crate) access: bool,
}

/// Some lines, oldest first, and the number to go on from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) lines: Vec<Arc<str>>,
    pub(crate) newest: u64,
}

// === impl Logs ===

impl Default for Logs {
    fn default() -> Self {
        let kept = Kept {
            newest: 0,
            others: Ring::new(LINES_MAX, BYTES_MAX),
            access: Ring::new(ACCESS_LINES_MAX, ACCESS_BYTES_MAX),
        };
        Self(Arc::new(Inner { kept: Mutex::new(kept), newest: watch::Sender::new(0) }))
    }
}

impl Logs {
    /// Keeps one finished line, a JSON object without a line end. `target` is the event's, `access` for the access log.
    ///
    /// Never waits for readers.
    pub fn keep(&self, level: Level, target: &str, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        let text: Arc<str> = if line.len() > LINE_MAX {
            let (level, bytes) = (level.as_str(), line.len());
            format!(r#"{{"level":"{level}","message":"a line of {bytes} bytes is in the log alone"}}"#).into()
        } else {
            line.into()
        };
        let number = {
            let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.newest = kept.newest.saturating_add(1);
            let number = kept.newest;
            let ring = if target == ACCESS { &mut kept.access } else { &mut kept.others };
            ring.push(Line { number, level, text });
            number
        };
        if self.0.newest.receiver_count() > 0 {
            self.0.newest.send_replace(number);
        }
    }

    /// The last `count` lines that are wanted.
    pub(crate) fn last(&self, selection: &Selection, count: usize) -> Excerpt {
        let mut excerpt = self.since(selection, 0);
        let surplus = excerpt.lines.len().saturating_sub(count);
        excerpt.lines.drain(..surplus);
        excerpt
    }

    /// The lines after number `after` that are wanted.
    pub(crate) fn since(&self, selection: &Selection, after: u64) -> Excerpt {
        let (mut lines, newest) = {
            let kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let wanted = |line: &&Line| line.number > after && line.level <= selection.level;
            let mut lines: Vec<_> = kept.others.lines.iter().filter(wanted).cloned().collect();
            if selection.access {
                lines.extend(kept.access.lines.iter().filter(wanted).cloned());
            }
            (lines, kept.newest)
        };
        // Whose they are is looked for outside the lock, for the few that are asked for.
        if let Some(component) = &selection.component {
            lines.retain(|line| is_of(&line.text, component));
        }
        lines.sort_by_key(|line| line.number);
        Excerpt { lines: lines.into_iter().map(|line| line.text).collect(), newest }
    }

    /// Changes with new lines.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.newest.subscribe()
    }
}

fn is_of(line: &str, component: &str) -> bool {
    #[derive(Deserialize)]
    struct Fields<'a> {
        #[serde(borrow)]
        component: Option<std::borrow::Cow<'a, str>>,
    }
    serde_json::from_str::<Fields<'_>>(line).is_ok_and(|fields| fields.component.as_deref() == Some(component))
}

// === impl Ring ===

impl Ring {
    fn new(lines_max: usize, bytes_max: usize) -> Self {
        Self { lines: VecDeque::new(), bytes: 0, lines_max, bytes_max }
    }

    fn push(&mut self, line: Line) {
        self.bytes = self.bytes.saturating_add(line.text.len());
        self.lines.push_back(line);
        while self.lines.len() > self.lines_max || self.bytes > self.bytes_max {
            let Some(oldest) = self.lines.pop_front() else { return };
            self.bytes = self.bytes.saturating_sub(oldest.text.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Selection {
        Selection { component: None, level: Level::TRACE, access: true }
    }

    #[test]
    fn the_oldest_lines_go_and_the_access_log_pushes_nobody_out() {
        let logs = Logs::default();
        logs.keep(Level::INFO, "application", br#"{"message":"first"}"#);
        (0..5000).for_each(|n| logs.keep(Level::INFO, "access", format!(r#"{{"n":{n}}}"#).as_bytes()));
        let lines = logs.last(&everything(), 10_000).lines;
        assert_eq!((lines.len(), &*lines[0]), (1001, r#"{"message":"first"}"#));
        (0..5000).for_each(|n| logs.keep(Level::INFO, "application", format!(r#"{{"n":{n}}}"#).as_bytes()));
        let lines = logs.last(&Selection { access: false, ..everything() }, 10_000).lines;
        assert_eq!((lines.len(), &*lines[0]), (2000, r#"{"n":3000}"#));
    }

    #[test]
    fn bytes_are_bounded_too() {
        let logs = Logs::default();
        let line = format!(r#"{{"message":"{}"}}"#, "x".repeat(60 << 10));
        (0..100).for_each(|_| logs.keep(Level::INFO, "application", line.as_bytes()));
        assert!(logs.last(&everything(), 10_000).lines.iter().map(|line| line.len()).sum::<usize>() <= 2 << 20);
        logs.keep(Level::WARN, "application", "y".repeat(65 << 10).as_bytes());
        let last = logs.last(&everything(), 1).lines;
        assert!(last[0].contains("a line of 66560 bytes") && last[0].contains("WARN"), "{last:?}");
    }

    #[test]
    fn lines_are_chosen_by_component_and_level_in_the_order_they_came() {
        let logs = Logs::default();
        logs.keep(Level::INFO, "access", br#"{"component":"a","n":1}"#);
        logs.keep(Level::WARN, "runtime", br#"{"component":"a","n":2}"#);
        logs.keep(Level::ERROR, "runtime", br#"{"component":"b","n":3}"#);
        logs.keep(Level::DEBUG, "runtime", b"not json");
        let select = |component: Option<&str>, level, access| {
            let selection = Selection { component: component.map(str::to_owned), level, access };
            logs.last(&selection, 10).lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(select(Some("a"), Level::INFO, true), r#"{"component":"a","n":1} {"component":"a","n":2}"#);
        assert_eq!(select(None, Level::WARN, true), r#"{"component":"a","n":2} {"component":"b","n":3}"#);
        assert_eq!(select(Some("a"), Level::INFO, false), r#"{"component":"a","n":2}"#);
        assert_eq!(select(Some("c"), Level::TRACE, true), "");
    }
}
