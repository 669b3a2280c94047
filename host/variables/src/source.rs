//! Where values come from, and in which order.

use std::collections::BTreeMap;

use crate::Secret;

/// How an environment variable must begin to be a value: `SPIN_VARIABLE_API_KEY` sets `api_key`.
const ENVIRONMENT_PREFIX: &str = "SPIN_VARIABLE_";

/// Maps of values by variable name, the first that has a name wins; behind them stand the manifest's defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    maps: Vec<BTreeMap<String, Secret>>,
}

impl Sources {
    /// No source at all: only the manifest's defaults count.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds values given by name, behind the sources so far.
    #[must_use]
    pub fn values<V: Into<Secret>>(mut self, values: impl IntoIterator<Item = (String, V)>) -> Self {
        self.maps.push(values.into_iter().map(|(name, value)| (name, value.into())).collect());
        self
    }

    /// Adds the contents of files, one per variable and named like it, behind the sources so far.
    ///
    /// One line break at the end is not part of the value: editors and `echo` leave it there.
    #[must_use]
    pub fn files(self, files: impl IntoIterator<Item = (String, String)>) -> Self {
        let trimmed = files.into_iter().map(|(name, text)| {
            let text = text.strip_suffix('\n').unwrap_or(&text);
            (name, Secret::from(text.strip_suffix('\r').unwrap_or(text)))
        });
        self.values(trimmed)
    }

    /// Adds those of the environment's variables that are called `SPIN_VARIABLE_<NAME>`, behind the sources so far.
    #[must_use]
    pub fn environment<'a>(self, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let named = variables.into_iter().filter_map(|(name, value)| {
            Some((name.strip_prefix(ENVIRONMENT_PREFIX)?.to_ascii_lowercase(), Secret::from(value)))
        });
        self.values(named)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Secret> {
        self.maps.iter().find_map(|map| map.get(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_source_wins() {
        let sources = Sources::new()
            .values([("a".to_owned(), "explicit")])
            .files([("a".to_owned(), "file".to_owned()), ("b".to_owned(), "file\n".to_owned())])
            .environment([("SPIN_VARIABLE_B", "env"), ("SPIN_VARIABLE_C_D", "env"), ("PATH", "/bin")]);
        let find = |name| sources.find(name).map(Secret::expose);
        assert_eq!(find("a"), Some("explicit"));
        assert_eq!(find("b"), Some("file"));
        assert_eq!(find("c_d"), Some("env"));
        assert_eq!(find("path"), None);
    }

    #[test]
    fn one_line_break_at_the_end_of_a_file_is_dropped() {
        let sources =
            Sources::new().files([("a".to_owned(), "x\r\n".to_owned()), ("b".to_owned(), " y\n\n".to_owned())]);
        assert_eq!(sources.find("a").map(Secret::expose), Some("x"));
        assert_eq!(sources.find("b").map(Secret::expose), Some(" y\n"));
    }
}
