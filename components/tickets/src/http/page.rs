//! Which page of a list is wanted, and how a page is answered.

use sdk::problem::Invalid;
use serde_json::{Value, json};

const PER_PAGE_DEFAULT: i64 = 20;
/// A page of 100 is some 60 KiB; more is what search is for.
const PER_PAGE_MAX: i64 = 100;
/// Keeps the database from counting past what anybody reads.
const PAGE_MAX: i64 = 10_000;

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
            let given = value.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
            let number = given.map_or(Ok(default), |text| text.parse()).unwrap_or(0);
            wrong.check((1..=max).contains(&number), field, &format!("must be a whole number from 1 to {max}"));
            number
        };
        let number = whole(page, "page", 1, PAGE_MAX);
        Self { number, per_page: whole(per_page, "per_page", PER_PAGE_DEFAULT, PER_PAGE_MAX) }
    }

    /// Lines that it has at most.
    pub(super) fn limit(self) -> i64 {
        self.per_page
    }

    /// Lines before it.
    pub(super) fn offset(self) -> i64 {
        (self.number - 1) * self.per_page
    }

    /// The answer with its lines, of `total` on all pages.
    pub(super) fn answer(self, items: Vec<Value>, total: i64) -> Value {
        json!({
            "items": Value::Array(items),
            "page": self.number,
            "per_page": self.per_page,
            "total": total,
            "pages": (total + self.per_page - 1) / self.per_page,
        })
    }
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
        assert_eq!((third.limit(), third.offset(), wrong.len()), (10, 20, 0));
        assert_eq!(third.answer(Vec::new(), 21)["pages"], 3);
        for bad in ["0", "-1", "x", "10001", "99999999999999999999"] {
            assert_eq!(read(bad, "101").1, ["page", "per_page"], "{bad}");
        }
    }
}
