//! What this room decides itself: who may do what, what a workflow may become, and how tasks are counted and shown.
//! Pure; the rules of tasks are in the crate `tasks`.

mod access;
mod differences;
#[cfg(test)]
pub(crate) mod example;
mod head;
mod life;
mod period;
mod progress;
mod sketch;
mod tally;

pub(crate) use access::{Caller, Lines, Right};
pub(crate) use differences::{graph_changes, head_changes, sla_changes};
pub(crate) use head::{Head, HeadPatch, HeadSketch};
pub(crate) use life::{Life, Move};
pub(crate) use period::Period;
pub(crate) use progress::{Stage, stages};
pub(crate) use sketch::{Sketch, rekeyed};
pub(crate) use tally::{Handover, Sla, Tally, Work, percent};

/// What is wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// Its name, with dots into nested documents.
    pub(crate) field: String,
    /// A sentence for people.
    pub(crate) message: String,
}

/// Collects what is wrong with texts.
#[derive(Debug, Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn check(&mut self, valid: bool, field: &str, message: &str) {
        if !valid {
            self.0.push(FieldError { field: field.to_owned(), message: message.to_owned() });
        }
    }

    /// The text without space around it, if it has `min` to `max` characters.
    fn text(&mut self, text: &str, field: &str, (min, max): (usize, usize)) -> String {
        let text = text.trim();
        self.check(text.chars().count() >= min, field, "must not be empty");
        self.check(text.chars().count() <= max, field, &format!("must have at most {max} characters"));
        self.check(!text.contains('\0'), field, "must be text");
        text.to_owned()
    }

    fn finish<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}
