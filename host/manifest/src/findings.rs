//! Collects every finding of one manifest and turns byte offsets into lines and columns.

use std::ops::Range;

use crate::fault::Fault;
use crate::nearest::suggest;
use crate::{Diagnostic, Severity};

/// Bytes of the manifest.
pub(crate) type Span = Range<usize>;

/// Most errors, and most warnings, that are kept: enough for any manifest written by a person, and a bound on what a
/// hostile one can make the host hold.
const MAX_FINDINGS: usize = 1000;

/// Most words that others are compared with: comparing is the one slow step of reading a manifest.
const MAX_SUGGESTIONS: usize = 100;

/// Everything found so far.
pub(crate) struct Findings<'a> {
    file: &'a str,
    text: &'a str,
    /// Offsets at which lines begin, ascending.
    lines: Vec<usize>,
    errors: Vec<(usize, Diagnostic)>,
    warnings: Vec<(usize, Diagnostic)>,
    /// How many words were looked up among the known ones.
    suggestions: usize,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(after_newlines).collect();
        Self { file, text, lines, errors: Vec::new(), warnings: Vec::new(), suggestions: 0 }
    }

    /// The application cannot start.
    pub(crate) fn error(&mut self, at: &Span, message: impl Into<String>, hint: impl Into<String>) {
        self.fault(at, Fault::new(message, hint));
    }

    /// The application cannot start.
    pub(crate) fn fault(&mut self, at: &Span, fault: Fault) {
        if self.errors.len() < MAX_FINDINGS {
            let diagnostic = self.diagnostic(Severity::Error, at, fault);
            self.errors.push((at.start, diagnostic));
        }
    }

    /// The application can start, but somebody should look.
    pub(crate) fn warning(&mut self, at: &Span, message: impl Into<String>, hint: impl Into<String>) {
        if self.warnings.len() < MAX_FINDINGS {
            let diagnostic = self.diagnostic(Severity::Warning, at, Fault::new(message, hint));
            self.warnings.push((at.start, diagnostic));
        }
    }

    /// A hint that names the known word somebody may have meant; empty after the first hundred.
    pub(crate) fn suggest(
        &mut self,
        word: &str,
        known: impl IntoIterator<Item = impl AsRef<str>>,
        kind: &str,
    ) -> String {
        self.suggestions += 1;
        if self.suggestions > MAX_SUGGESTIONS { String::new() } else { suggest(word, known, kind) }
    }

    /// Keeps the value of a check, or its fault.
    pub(crate) fn keep<T>(&mut self, at: &Span, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.fault(at, fault)).ok()
    }

    /// Whether there is an error yet.
    pub(crate) fn failed(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Line of an offset, from 1.
    pub(crate) fn line(&self, at: &Span) -> usize {
        self.lines.partition_point(|start| *start <= at.start)
    }

    /// Everything, in the order of the file.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let mut all = self.errors;
        all.extend(self.warnings);
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, diagnostic)| diagnostic).collect()
    }

    fn diagnostic(&self, severity: Severity, at: &Span, fault: Fault) -> Diagnostic {
        let line = self.line(at);
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or(0);
        let before = self.text.get(start..at.start).unwrap_or_default();
        Diagnostic {
            severity,
            file: self.file.to_owned(),
            line,
            column: before.chars().count() + 1,
            message: fault.message,
            hint: (!fault.hint.is_empty()).then_some(fault.hint),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut found = Findings::new("f", "a\nüü x\n");
        found.error(&(7..8), "here", "");
        let all = found.finish();
        assert_eq!(all.iter().map(|one| (one.line, one.column)).collect::<Vec<_>>(), [(2, 4)]);
    }

    #[test]
    fn the_end_of_the_file_has_a_place() {
        let mut found = Findings::new("f", "a\n");
        found.warning(&(2..2), "here", "");
        found.warning(&(99..99), "beyond", "");
        assert!(!found.failed());
        let lines: Vec<_> = found.finish().iter().map(|one| (one.line, one.column)).collect();
        assert_eq!(lines, [(2, 1), (2, 1)]);
    }

    #[test]
    fn warnings_do_not_displace_errors() {
        let mut found = Findings::new("f", "text");
        for _ in 0..3 * MAX_FINDINGS {
            found.warning(&(0..1), "again", "");
        }
        found.error(&(1..2), "wrong", "");
        assert_eq!(found.finish().len(), MAX_FINDINGS + 1);
    }
}
