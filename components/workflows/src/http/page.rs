//! Which page of a list is wanted, and how a page is answered.

use sdk::problem::Invalid;
use serde_json::{Value, json};

use crate::store::{Found, Span};

const PER_PAGE_DEFAULT: i64 = 20;
/// A page of 100 tasks is some 100 KiB; more is what search is for.
const PER_PAGE_MAX: i64 = 100;
/// Keeps the database from counting past what anybody reads.
const PAGE_MAX: i64 = 10_000;

const SEARCH_MAX: usize = 100;

/// A page by its place, from 1, and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    number: i64,
    per_page: i64,
}

impl Page {
    /// Reads `page` and `per_page`; what is wrong with them is noted.
    pub(super) fn read(page: Option<String>, per_page: Option<String>, wrong: &mut Invalid) -> Self {
        let mut whole = |value: Option<String>, field: &str, default: i64, max: i64| {
            let number = given(value).map_or(Ok(default), |text| text.parse()).unwrap_or(0);
            wrong.check((1..=max).contains(&number), field, &format!("must be a whole number from 1 to {max}"));
            number
        };
        let number = whole(page, "page", 1, PAGE_MAX);
        Self { number, per_page: whole(per_page, "per_page", PER_PAGE_DEFAULT, PER_PAGE_MAX) }
    }

    /// Its lines.
    pub(super) fn span(self) -> Span {
        Span { limit: self.per_page, offset: (self.number - 1) * self.per_page }
    }

    /// The answer with what was found.
    pub(super) fn answer<T>(self, found: &Found<T>, line: impl FnMut(&T) -> Value) -> Value {
        json!({
            "items": found.items.iter().map(line).collect::<Vec<_>>(),
            "page": self.number,
            "per_page": self.per_page,
            "total": found.total,
            "pages": (found.total + self.per_page - 1) / self.per_page,
        })
    }
}

/// A field of a query without space around it; a blank one counts as absent.
pub(super) fn given(value: Option<String>) -> Option<String> {
    value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A text to look for; what is wrong with it is noted.
pub(super) fn search(value: Option<String>, field: &str, wrong: &mut Invalid) -> Option<String> {
    let text = given(value);
    let short = text.as_ref().is_none_or(|it| it.chars().count() <= SEARCH_MAX && !it.contains('\0'));
    wrong.check(short, field, &format!("must be text of at most {SEARCH_MAX} characters"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(page: &str, per_page: &str) -> (Page, Vec<String>) {
        let mut wrong = Invalid::new();
        let page = Page::read(Some(page.to_owned()), Some(per_page.to_owned()), &mut wrong);
        let problem = wrong.finish().err();
        (page, problem.map(|it| it.errors().iter().map(|it| it.field.clone()).collect()).unwrap_or_default())
    }

    #[test]
    fn a_page_is_the_first_of_twenty_unless_said_otherwise() {
        assert_eq!(read("", " "), (Page { number: 1, per_page: 20 }, Vec::new()));
        let (third, wrong) = read("3", "10");
        assert_eq!((third.span().limit, third.span().offset, wrong.len()), (10, 20, 0));
        let found = Found { items: vec![1], total: 21 };
        assert_eq!(
            third.answer(&found, |n| json!(n)),
            json!({
                "items": [1], "page": 3, "per_page": 10, "total": 21, "pages": 3,
            })
        );
        for bad in ["0", "-1", "x", "10001", "99999999999999999999"] {
            assert_eq!(read(bad, "101").1, ["page", "per_page"], "{bad}");
        }
    }

    #[test]
    fn a_search_is_bounded_and_blank_is_none() {
        let mut wrong = Invalid::new();
        assert_eq!(search(Some(" Desk ".to_owned()), "search", &mut wrong).as_deref(), Some("Desk"));
        assert_eq!(search(Some("  ".to_owned()), "search", &mut wrong), None);
        search(Some("x".repeat(SEARCH_MAX + 1)), "search", &mut wrong);
        assert_eq!(wrong.finish().unwrap_err().errors().len(), 1);
    }
}
