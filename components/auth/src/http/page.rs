//! Pages of lists: which one is wanted, and the frame of the answer.

use sdk::problem::Invalid;
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::profile::given;
use crate::store::{Page, Slice};

const PER_PAGE_DEFAULT: i64 = 20;
const PER_PAGE_MAX: i64 = 100;
/// Keeps the database from counting past what anybody reads.
const PAGE_MAX: i64 = 10_000;
const SEARCH_CHARS_MAX: usize = 100;

/// A page that can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    page: i64,
    per_page: i64,
}

impl Paging {
    /// Reads the two fields of a query as they come.
    pub(super) fn read(page: Option<String>, per_page: Option<String>, wrong: &mut Invalid) -> Self {
        let mut number = |text: Option<String>, field: &str, default: i64, max: i64| {
            let number = given(text).map_or(Ok(default), |text| text.parse()).unwrap_or(0);
            wrong.check((1..=max).contains(&number), field, &format!("must be a whole number from 1 to {max}"));
            number
        };
        let page = number(page, "page", 1, PAGE_MAX);
        Self { page, per_page: number(per_page, "per_page", PER_PAGE_DEFAULT, PER_PAGE_MAX) }
    }

    /// The part of the list that it is.
    pub(super) fn slice(self) -> Slice {
        Slice { limit: self.per_page, offset: (self.page - 1) * self.per_page }
    }

    /// The answer.
    pub(super) fn answer<T, V: Serialize>(self, found: Page<T>, view: impl Fn(T) -> V) -> Value {
        json!({
            "items": found.items.into_iter().map(view).collect::<Vec<_>>(),
            "page": self.page,
            "per_page": self.per_page,
            "total": found.total,
            "pages": (found.total + self.per_page - 1) / self.per_page,
        })
    }
}

/// A short text of a query that is looked for as it is.
pub(super) fn word(text: Option<String>, field: &str, wrong: &mut Invalid) -> Option<String> {
    let text = given(text);
    let fine = text.as_ref().is_none_or(|text| text.chars().count() <= SEARCH_CHARS_MAX && !text.contains('\0'));
    wrong.check(fine, field, &format!("must be text of at most {SEARCH_CHARS_MAX} characters"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_cannot_be_names_its_fields() {
        let mut wrong = Invalid::new();
        Paging::read(Some("0".to_owned()), Some("101".to_owned()), &mut wrong);
        word(Some("x".repeat(101)), "search", &mut wrong);
        let problem = wrong.finish().unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["page", "per_page", "search"]);
    }

    #[test]
    fn a_page_has_its_frame() {
        let mut wrong = Invalid::new();
        let paging = Paging::read(Some(" 3 ".to_owned()), Some(String::new()), &mut wrong);
        assert_eq!((paging.slice().limit, paging.slice().offset), (20, 40));
        let answer = paging.answer(Page { items: vec![1, 2], total: 42 }, |n| n * 2);
        assert_eq!(answer, json!({ "items": [2, 4], "page": 3, "per_page": 20, "total": 42, "pages": 3 }));
    }
}
