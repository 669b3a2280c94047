//! The `where` clause of a list, put together from what is wanted; every value is bound.

use super::Value;
use crate::page::Page;

/// Terms that must all hold, and their values.
///
/// Letters are folded by the engine, on both sides of a comparison: it may know fewer of them than Rust does, and a
/// text folded by one would not be found by the other.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    terms: Vec<String>,
    params: Vec<Value>,
}

impl Condition {
    /// Adds a term; its values are those of [`Condition::bind`].
    pub fn term(&mut self, term: impl Into<String>) {
        self.terms.push(term.into());
    }

    /// Adds that an expression is equal to a value, if there is one.
    pub fn equal(&mut self, expression: &str, value: Option<impl Into<Value>>) {
        self.compare(expression, "=", value);
    }

    /// Adds how an expression compares with a value, if there is one.
    pub fn compare(&mut self, expression: &str, operator: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let place = self.bind(value);
            self.term(format!("{expression} {operator} {place}"));
        }
    }

    /// Adds that an expression is a text in any case, if there is one.
    pub fn same(&mut self, expression: &str, text: Option<&str>) {
        if let Some(text) = text {
            let place = self.bind(text);
            self.term(format!("lower({expression}) = lower({place})"));
        }
    }

    /// Adds that one of these expressions contains a text in any case, if there is one.
    pub fn search(&mut self, expressions: &[&str], text: Option<&str>) {
        let Some(text) = text else { return };
        let place = self.bind(anywhere(text));
        let found = expressions.iter().map(|expression| format!("lower({expression}) like lower({place}) escape '!'"));
        let found = found.collect::<Vec<_>>().join(" or ");
        self.term(format!("({found})"));
    }

    /// Binds a value and returns its place, for example `$3`, for a term or elsewhere in the statement.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// Binds each value; the places, separated by commas.
    pub fn bind_all<T: Into<Value>>(&mut self, values: impl IntoIterator<Item = T>) -> String {
        let places: Vec<_> = values.into_iter().map(|value| self.bind(value)).collect();
        places.join(", ")
    }

    /// The clause with a space before it; empty if nothing has to hold.
    pub fn clause(&self) -> String {
        if self.terms.is_empty() { String::new() } else { format!(" where {}", self.terms.join(" and ")) }
    }

    /// The values.
    pub fn params(&self) -> Vec<Value> {
        self.params.clone()
    }

    /// The limits of a page with a space before them, for the end of the statement, and all values.
    pub fn page(mut self, page: Page) -> (String, Vec<Value>) {
        let (limit, offset) = (self.bind(page.limit()), self.bind(page.offset()));
        (format!(" limit {limit} offset {offset}"), self.params)
    }
}

/// A pattern that finds the text anywhere, its own wildcards taken literally (`escape '!'`).
fn anywhere(text: &str) -> String {
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
    use crate::problem::Invalid;

    #[test]
    fn what_is_not_wanted_does_not_restrict() {
        let mut condition = Condition::default();
        condition.equal("a", None::<i64>);
        condition.same("b", None);
        condition.search(&["c"], None);
        assert_eq!((condition.clause().as_str(), condition.params().len()), ("", 0));
    }

    #[test]
    fn terms_become_a_clause_whose_values_are_bound_in_order() {
        let mut condition = Condition::default();
        let places = condition.bind_all(["x", "y"]);
        condition.term(format!("a in ({places})"));
        condition.compare("b", ">=", Some(7));
        condition.same("c", Some("Z"));
        assert_eq!(condition.clause(), " where a in ($1, $2) and b >= $3 and lower(c) = lower($4)");
        let page = Page::read(Some("3".to_owned()), None, &mut Invalid::new());
        let (limits, params) = condition.page(page);
        assert_eq!(limits, " limit $5 offset $6");
        assert!(matches!(
            params[..],
            [Value::Text(_), Value::Text(_), Value::Int64(7), Value::Text(_), Value::Int64(20), Value::Int64(40)]
        ));
    }

    #[test]
    fn a_search_takes_wildcards_literally() {
        let mut condition = Condition::default();
        condition.search(&["a", "b"], Some("50%_Off!"));
        let clause = " where (lower(a) like lower($1) escape '!' or lower(b) like lower($1) escape '!')";
        assert_eq!(condition.clause(), clause);
        assert!(matches!(&condition.params()[..], [Value::Text(text)] if text == "%50!%!_Off!!%"));
    }
}
