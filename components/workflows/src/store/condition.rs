//! The `where` clause of a list, put together from what is wanted; every value is bound.

use sdk::sql::Value;

use super::Span;

/// Terms that must all hold, and their values.
#[derive(Debug, Default)]
pub(super) struct Condition {
    terms: Vec<String>,
    params: Vec<Value>,
}

impl Condition {
    /// A term without a value.
    pub(super) fn term(&mut self, term: impl Into<String>) {
        self.terms.push(term.into());
    }

    /// A term that compares an expression with a value, if there is one.
    pub(super) fn compare(&mut self, expression: &str, operator: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let place = self.bind(value);
            self.terms.push(format!("{expression} {operator} {place}"));
        }
    }

    /// A term that compares a text with a value, if there is one, in any case. Both are folded by the engine, which
    /// may know fewer letters than we do.
    pub(super) fn same(&mut self, expression: &str, value: Option<&str>) {
        if let Some(value) = value {
            let place = self.bind(value);
            self.terms.push(format!("lower({expression}) = lower({place})"));
        }
    }

    /// A term that finds a text, in any case, in one of these columns.
    pub(super) fn search(&mut self, columns: &[&str], text: Option<&str>) {
        let Some(text) = text else { return };
        let place = self.bind(pattern(text));
        let found = columns.iter().map(|column| format!("lower({column}) like lower({place}) escape '!'"));
        self.terms.push(format!("({})", found.collect::<Vec<_>>().join(" or ")));
    }

    /// The place of a value that stands elsewhere in the statement.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// The clause, or nothing, with a space before it.
    pub(super) fn clause(&self) -> String {
        if self.terms.is_empty() { String::new() } else { format!(" where {}", self.terms.join(" and ")) }
    }

    /// The values.
    pub(super) fn params(&self) -> Vec<Value> {
        self.params.clone()
    }

    /// The limits of a page, with a space before them, and all values.
    pub(super) fn page(mut self, span: Span) -> (String, Vec<Value>) {
        let (limit, offset) = (self.bind(span.limit), self.bind(span.offset));
        (format!(" limit {limit} offset {offset}"), self.params)
    }
}

/// The text anywhere, its own wildcards taken literally.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_become_a_clause_whose_values_are_all_bound() {
        let mut condition = Condition::default();
        assert_eq!(condition.clause(), "");
        condition.compare("t.state", "=", Some("pending"));
        condition.compare("t.owner_id", "=", None::<&str>);
        condition.same("c", None);
        condition.search(&["a", "b"], Some("50%_Off!"));
        let clause =
            " where t.state = $1 and (lower(a) like lower($2) escape '!' or lower(b) like lower($2) escape '!')";
        assert_eq!(condition.clause(), clause);
        assert!(matches!(&condition.params[1], Value::Text(text) if text == "%50!%!_Off!!%"));
        let (page, params) = condition.page(Span { limit: 20, offset: 40 });
        assert_eq!((page.as_str(), params.len()), (" limit $3 offset $4", 4));
    }
}
