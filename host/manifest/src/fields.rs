//! Typed access to a TOML table that remembers which keys are known, so that every other one is refused.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::Fault;
use crate::findings::{Findings, Span};
use crate::nearest::is_slip;
use crate::unit;

/// A table whose keys are taken one by one.
pub(crate) struct Fields<'a> {
    /// How messages name the table.
    label: String,
    /// Where a missing key is reported: at the table's own key or header.
    at: Span,
    left: BTreeMap<&'a str, Entry<'a>>,
    known: Vec<&'static str>,
    /// Keys that must be there and are not, and what to write.
    missing: Vec<(&'static str, &'static str)>,
}

/// A key with its value, or an element of a list.
#[derive(Clone)]
pub(crate) struct Entry<'a> {
    /// The key; of an element, the key of its list.
    pub(crate) name: &'a str,
    /// How messages name it.
    label: String,
    /// Where the key is; of an element, where the element is.
    pub(crate) key: Span,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Fields<'a> {
    /// The keys of a table.
    pub(crate) fn of(table: &'a DeTable<'a>, label: &str, at: Span) -> Self {
        let entries = table.iter().map(|(key, value)| {
            let name: &str = key.get_ref();
            (name, Entry { name, label: format!("`{name}`"), key: key.span(), value })
        });
        Self { label: label.to_owned(), at, left: entries.collect(), known: Vec::new(), missing: Vec::new() }
    }

    /// The entry of a key, which is known from here on.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Entry<'a>> {
        self.known.push(name);
        self.left.remove(name)
    }

    /// The entry of a key that must be there; [`Fields::finish`] reports its absence.
    pub(crate) fn require(&mut self, name: &'static str, hint: &'static str) -> Option<Entry<'a>> {
        let entry = self.take(name);
        if entry.is_none() {
            self.missing.push((name, hint));
        }
        entry
    }

    /// Takes a key of stock manifests that this host does not serve yet; an empty list or table asks for nothing.
    pub(crate) fn unsupported(&mut self, name: &'static str, hint: &str, found: &mut Findings<'_>) {
        if let Some(entry) = self.take(name).filter(|entry| !entry.is_empty()) {
            entry.unsupported(hint, found);
        }
    }

    /// Takes keys whose content means nothing to this host.
    pub(crate) fn ignore(&mut self, names: &[&'static str]) {
        for name in names {
            drop(self.take(name));
        }
    }

    /// Every entry that was not taken, in the order of the file, for tables whose keys are free.
    pub(crate) fn rest(self) -> impl Iterator<Item = Entry<'a>> {
        let mut entries: Vec<_> = self.left.into_values().collect();
        entries.sort_by_key(|entry| entry.key.start);
        entries.into_iter()
    }

    /// Refuses every key that was not taken, and reports those that are missing.
    pub(crate) fn finish(mut self, found: &mut Findings<'_>) {
        for (name, hint) in std::mem::take(&mut self.missing) {
            // A misspelt key is reported once, below.
            if !self.left.keys().any(|key| is_slip(key, name)) {
                found.error(&self.at, format!("`{name}` is missing in {}", self.label), hint);
            }
        }
        let (known, label) = (std::mem::take(&mut self.known), std::mem::take(&mut self.label));
        for entry in self.rest() {
            let hint = found.suggest(entry.name, &known, "keys");
            found.error(&entry.key, format!("unknown key `{}` in {label}", entry.name), hint);
        }
    }

    /// The same table under a name that says more than its key.
    pub(crate) fn called(mut self, label: &str) -> Self {
        label.clone_into(&mut self.label);
        self
    }

    /// Where the table is.
    pub(crate) fn at(&self) -> &Span {
        &self.at
    }
}

impl<'a> Entry<'a> {
    /// Where the value is.
    pub(crate) fn span(&self) -> Span {
        self.value.span()
    }

    /// Whether the value is a table, inline or not.
    pub(crate) fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    /// Whether the value is a list.
    pub(crate) fn is_list(&self) -> bool {
        self.value.get_ref().is_array()
    }

    /// Whether the value is an empty list or table.
    pub(crate) fn is_empty(&self) -> bool {
        match self.value.get_ref() {
            DeValue::Array(array) => array.is_empty(),
            DeValue::Table(table) => table.is_empty(),
            _ => false,
        }
    }

    /// The value, if it is an integer.
    pub(crate) fn integer(&self) -> Option<i64> {
        let integer = self.value.get_ref().as_integer()?;
        i64::from_str_radix(integer.as_str(), integer.radix()).ok()
    }

    pub(crate) fn text(&self, found: &mut Findings<'_>) -> Option<&'a str> {
        self.value.get_ref().as_str().or_else(|| self.mismatch("a string", found))
    }

    /// A string that is not empty.
    pub(crate) fn word(&self, found: &mut Findings<'_>) -> Option<&'a str> {
        let text = self.text(found)?;
        if text.trim().is_empty() {
            found.error(&self.span(), format!("{} is empty", self.label), "write a value, or leave the key out");
            return None;
        }
        Some(text)
    }

    /// A string that a check accepts.
    pub(crate) fn checked(
        &self,
        check: impl FnOnce(&str) -> Result<(), Fault>,
        found: &mut Findings<'_>,
    ) -> Option<&'a str> {
        let text = self.text(found)?;
        found.keep(&self.span(), check(text)).map(|()| text)
    }

    pub(crate) fn boolean(&self, found: &mut Findings<'_>) -> Option<bool> {
        self.value.get_ref().as_bool().or_else(|| self.mismatch("true or false", found))
    }

    pub(crate) fn number(&self, range: &RangeInclusive<u32>, found: &mut Findings<'_>) -> Option<u32> {
        let Some(integer) = self.value.get_ref().as_integer() else {
            return self.mismatch("a whole number", found);
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|n| range.contains(n));
        if number.is_some() {
            return number;
        }
        self.outside(integer.as_str(), &range.start().to_string(), &range.end().to_string(), found)
    }

    pub(crate) fn duration(&self, range: &RangeInclusive<Duration>, found: &mut Findings<'_>) -> Option<Duration> {
        let text = self.quantity("a duration", "30s", found)?;
        let duration = found.keep(&self.span(), unit::duration(text))?;
        if range.contains(&duration) {
            return Some(duration);
        }
        self.outside(text, &unit::duration_text(*range.start()), &unit::duration_text(*range.end()), found)
    }

    /// A number of bytes.
    pub(crate) fn size(&self, range: &RangeInclusive<u64>, found: &mut Findings<'_>) -> Option<u64> {
        let text = self.quantity("a size", "64MiB", found)?;
        let size = found.keep(&self.span(), unit::size(text))?;
        if range.contains(&size) {
            return Some(size);
        }
        self.outside(text, &unit::size_text(*range.start()), &unit::size_text(*range.end()), found)
    }

    /// The elements of a list.
    pub(crate) fn list(&self, found: &mut Findings<'_>) -> Vec<Self> {
        let Some(array) = self.value.get_ref().as_array() else {
            let kind = if self.is_table() { "a list of tables" } else { "a list" };
            self.mismatch::<()>(kind, found);
            return Vec::new();
        };
        let label = format!("an entry of `{}`", self.name);
        let element =
            |value: &'a Spanned<DeValue<'a>>| Self { name: self.name, label: label.clone(), key: value.span(), value };
        array.iter().map(element).collect()
    }

    /// The keys of a table.
    pub(crate) fn fields(&self, found: &mut Findings<'_>) -> Option<Fields<'a>> {
        let Some(table) = self.value.get_ref().as_table() else {
            return self.mismatch("a table", found);
        };
        Some(Fields::of(table, &self.label, self.key.clone()))
    }

    /// The keys of a table that all have strings.
    pub(crate) fn strings(&self, found: &mut Findings<'_>) -> BTreeMap<String, String> {
        let Some(fields) = self.fields(found) else {
            return BTreeMap::new();
        };
        fields.rest().filter_map(|entry| Some((entry.name.to_owned(), entry.text(found)?.to_owned()))).collect()
    }

    /// Stock manifests may say it, this host does not serve it yet.
    pub(crate) fn unsupported(&self, hint: &str, found: &mut Findings<'_>) {
        found.error(&self.key, format!("{} is not supported by wharf yet", self.label), hint);
    }

    /// Reports a value of the wrong type; always `None`, for the end of a chain.
    pub(crate) fn mismatch<T>(&self, wanted: &str, found: &mut Findings<'_>) -> Option<T> {
        let actual = self.value.get_ref().type_str();
        let hint = match (wanted, self.value.get_ref()) {
            ("a list", DeValue::String(text)) if text.len() < 64 => format!("write `{} = [{text:?}]`", self.name),
            ("a list of tables", _) => format!("write `{} = [{{ ... }}]`", self.name),
            ("true or false", DeValue::String(_)) => "leave out the quotes".to_owned(),
            ("a string", DeValue::Integer(_) | DeValue::Boolean(_) | DeValue::Float(_)) => {
                "put the value in quotes".to_owned()
            }
            _ => String::new(),
        };
        found.error(&self.span(), format!("{} must be {wanted}, found {}", self.label, article(actual)), hint);
        None
    }

    fn quantity(&self, kind: &str, example: &str, found: &mut Findings<'_>) -> Option<&'a str> {
        if let Some(text) = self.value.get_ref().as_str() {
            return Some(text);
        }
        let actual = self.value.get_ref().type_str();
        let message = format!("{} must be {kind}, found {}", self.label, article(actual));
        found.error(&self.span(), message, format!("write a number and a unit in quotes, for example \"{example}\""));
        None
    }

    fn outside<T>(&self, value: &str, low: &str, high: &str, found: &mut Findings<'_>) -> Option<T> {
        let message = format!("{} is {value}, which is out of range", self.label);
        found.error(&self.span(), message, format!("write {low} to {high}"));
        None
    }
}

fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {kind}")
}
