//! What one instance sees.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use crate::{GetError, Secret};

/// The variables of one component, by its own names. Clones share one table.
#[derive(Clone, Debug)]
pub struct VariablesCtx {
    component: Arc<str>,
    values: Arc<BTreeMap<String, Secret>>,
}

impl VariablesCtx {
    pub(crate) fn new(component: &str, values: BTreeMap<String, Secret>) -> Self {
        Self { component: component.into(), values: Arc::new(values) }
    }

    /// Begins a request. Nothing here waits, so the deadline has no effect.
    pub fn begin_request(&mut self, deadline: Instant) {
        let _: Instant = deadline;
    }

    /// Ends the request.
    pub fn end_request(&mut self) {}

    /// The value of one of the component's own variables.
    ///
    /// # Errors
    /// [`GetError::InvalidName`] where it cannot be a name, [`GetError::Undefined`] where the component has no such
    /// variable.
    pub fn get(&self, name: &str) -> Result<&str, GetError> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.expose());
        }
        if is_name(name) {
            tracing::debug!(component = &*self.component, variable = name, "undefined variable");
            return Err(GetError::Undefined(name.to_owned()));
        }
        Err(GetError::InvalidName(name.to_owned()))
    }
}

/// Words of lower-case letters and digits, joined by single underscores, the first beginning with a letter.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .split('_')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_joined_by_single_underscores() {
        for name in ["a", "api_key", "a1_2b"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "_a", "a_", "a__b", "A", "1a", "a-b", "é"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
