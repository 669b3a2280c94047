//! `[variables]` of the application.

use std::collections::BTreeMap;

use crate::Variable;
use crate::fields::{Entry, Fields};
use crate::name;
use crate::parse::walk::Walk;

pub(super) fn read_all<'a>(fields: Option<Fields<'a>>, walk: &mut Walk<'a>) -> BTreeMap<String, Variable> {
    let mut variables = BTreeMap::new();
    for entry in fields.into_iter().flat_map(Fields::rest) {
        walk.variables.insert(entry.name);
        if let Some(variable) = read(&entry, walk) {
            variables.insert(entry.name.to_owned(), variable);
        }
    }
    variables
}

fn read<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> Option<Variable> {
    let found = &mut walk.found;
    found.keep(&entry.key, name::snake(entry.name));
    let mut fields = entry.fields(found)?;
    if let Some(entry) = fields.take("description") {
        entry.text(found);
    }
    let default = fields.take("default");
    let value = default.as_ref().and_then(|entry| entry.text(found));
    let required = fields.take("required").and_then(|entry| entry.boolean(found)).unwrap_or(false);
    let secret = fields.take("secret").and_then(|entry| entry.boolean(found)).unwrap_or(false);
    fields.finish(found);
    if required == default.is_some() {
        let message = if required { "is required and has a default" } else { "is not required and has no default" };
        let hint = "write either `required = true` or `default = \"...\"`";
        found.error(&entry.key, format!("variable `{}` {message}", entry.name), hint);
    }
    Some(Variable { default: value.map(str::to_owned), secret })
}
