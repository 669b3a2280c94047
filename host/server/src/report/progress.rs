//! How a rollout goes, while it goes.

use std::io::{IsTerminal, Write};

/// Shows one line that changes: in place on a terminal, else as a new line whenever something worth a line happens.
#[derive(Debug)]
pub struct Progress {
    place: Place,
    /// The last line, or what it was about where lines stay.
    last: String,
    shown: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Terminal,
    Lines,
    Nowhere,
}

impl Progress {
    /// On standard output; not at all where machines read it.
    pub fn new(json: bool) -> Self {
        let place = match (json, std::io::stdout().is_terminal()) {
            (true, _) => Place::Nowhere,
            (false, true) => Place::Terminal,
            (false, false) => Place::Lines,
        };
        Self { place, last: String::new(), shown: false }
    }

    /// Shows `line`. `about` is what of it is worth a line of its own where lines stay.
    pub fn show(&mut self, line: &str, about: &str) {
        let news = if self.place == Place::Lines { about } else { line };
        if self.last == news {
            return;
        }
        let mut out = std::io::stdout().lock();
        let written = match self.place {
            Place::Nowhere => Ok(()),
            Place::Lines => writeln!(out, "{line}"),
            // Wrapping is switched off for the line: a narrow window cuts it instead of filling up with it.
            Place::Terminal => write!(out, "\r\x1b[?7l{line}\x1b[K\x1b[?7h").and_then(|()| out.flush()),
        };
        // A reader that has gone away does not end the rollout.
        drop(written);
        news.clone_into(&mut self.last);
        self.shown = true;
    }

    /// Leaves the line as it is and goes to the next.
    pub fn end(&mut self) {
        if self.place == Place::Terminal && self.shown {
            drop(writeln!(std::io::stdout().lock()));
            self.shown = false;
        }
    }
}
