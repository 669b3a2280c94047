//! What is carried through the whole manifest: findings, the names that others may refer to, and notes for the checks
//! at the end.

use std::collections::{BTreeMap, BTreeSet};

use crate::TopicPattern;
use crate::fields::Entry;
use crate::findings::{Findings, Span};
use crate::template::{Piece, pieces};

/// The state of one walk.
pub(super) struct Walk<'a> {
    pub(super) found: Findings<'a>,
    /// Application variables, also those with mistakes: a reference to one is no second mistake.
    pub(super) variables: BTreeSet<&'a str>,
    /// Components and where their keys are, also those with mistakes.
    pub(super) components: BTreeMap<&'a str, Span>,
    /// Components that some trigger names.
    pub(super) triggered: BTreeSet<String>,
    pub(super) notes: Notes<'a>,
}

/// What the checks at the end need.
#[derive(Default)]
pub(super) struct Notes<'a> {
    /// Queue names.
    pub(super) queues: Vec<(String, Span)>,
    /// Databases that somebody migrates: name, component, where.
    pub(super) migrations: Vec<(String, &'a str, Span)>,
    /// Topics sent.
    pub(super) sent: Vec<(TopicPattern, Span)>,
    /// Topics consumed.
    pub(super) consumed: Vec<TopicPattern>,
    /// Components that the host calls on its own: id, because of which key, where.
    pub(super) called: Vec<(&'a str, &'a str, Span)>,
    /// Components that others call by service chaining.
    pub(super) chained: Vec<(&'a str, Span)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(found: Findings<'a>) -> Self {
        Self {
            found,
            variables: BTreeSet::new(),
            components: BTreeMap::new(),
            triggered: BTreeSet::new(),
            notes: Notes::default(),
        }
    }

    /// A string whose `{{ variables }}` all exist.
    pub(super) fn template(&mut self, entry: &Entry<'a>) -> Option<&'a str> {
        let text = entry.text(&mut self.found)?;
        for piece in pieces(text) {
            match piece {
                Piece::Text(_) => {}
                Piece::Unclosed(_) => {
                    self.found.error(&entry.span(), "`{{` without `}}`", "write `{{ name }}`");
                    return None;
                }
                Piece::Name(name) if self.variables.contains(name) => {}
                Piece::Name(name) => {
                    let hint = self.found.suggest(name, self.variables.iter().copied(), "variables");
                    self.found.error(&entry.span(), format!("unknown variable `{name}`"), hint);
                    return None;
                }
            }
        }
        Some(text)
    }

    /// A path on a component, as it stands in a request.
    pub(super) fn path(&mut self, entry: &Entry<'a>) -> Option<String> {
        let text = entry.text(&mut self.found)?;
        if !text.starts_with('/') {
            self.found.error(&entry.span(), format!("path `{text}` has no leading `/`"), format!("write `/{text}`"));
            return None;
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['#', '?']) {
            let hint = "percent-encode it, and leave out query and fragment";
            self.found.error(&entry.span(), format!("`{text}` is more or less than a path"), hint);
            return None;
        }
        Some(text.to_owned())
    }

    /// The path of a folder or file inside the manifest's folder.
    pub(super) fn inside(&mut self, entry: &Entry<'a>) -> Option<String> {
        let text = entry.word(&mut self.found)?;
        if text.starts_with(['/', '\\']) || text.split('/').any(|part| part == "..") {
            let hint = "write a path relative to the manifest, without `..`";
            self.found.error(&entry.span(), format!("`{text}` is outside the manifest's folder"), hint);
            return None;
        }
        Some(text.to_owned())
    }

    /// A list of topics and families of topics.
    pub(super) fn topics(&mut self, entry: &Entry<'a>) -> Vec<(TopicPattern, Span)> {
        let mut topics = Vec::new();
        for element in entry.list(&mut self.found) {
            let Some(text) = element.text(&mut self.found) else { continue };
            let pattern = TopicPattern(text.to_owned());
            if pattern.is_valid() {
                topics.push((pattern, element.span()));
            } else {
                let hint = "write dotted lower-case words as in `ticket.approved`, a family `ticket.*`, or `*`";
                self.found.error(&element.span(), format!("`{text}` is not a topic"), hint);
            }
        }
        topics
    }
}
