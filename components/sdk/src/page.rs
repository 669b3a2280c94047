//! Pages of lists: which one a query asks for, what was found, and how it is answered; and the texts of a query.
//!
//! A query comes as text, all fields optional, so that every wrong one is named at once.

use serde::Serialize;

use crate::problem::Invalid;

const PER_PAGE_DEFAULT: i64 = 20;
/// A page of 100 is some 100 KiB; more is what search is for.
const PER_PAGE_MAX: i64 = 100;
/// Keeps the database from counting past what anybody reads.
const PAGE_MAX: i64 = 10_000;
/// No text that can be looked for is longer.
const WORD_CHARS_MAX: usize = 100;

/// A page by its place, from 1, and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    number: i64,
    per_page: i64,
}

/// Lines of a page, and how many there are on all pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// Those of this page.
    pub items: Vec<T>,
    /// Those of every page.
    pub total: i64,
}

impl<T> Found<T> {
    /// The same by reference, for answers that borrow from it.
    pub fn as_ref(&self) -> Found<&T> {
        Found { items: self.items.iter().collect(), total: self.total }
    }
}

/// A page in the frame that every list has. JSON form: an object of these fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer<V> {
    items: Vec<V>,
    page: i64,
    per_page: i64,
    total: i64,
    pages: i64,
}

impl Page {
    /// Reads the fields `page` and `per_page` of a query: the first 20 unless said otherwise. What is wrong with them
    /// is noted.
    pub fn read(page: Option<String>, per_page: Option<String>, wrong: &mut Invalid) -> Self {
        let number = whole(page, "page", (1, PAGE_MAX), wrong);
        Self { number, per_page: whole(per_page, "per_page", (PER_PAGE_DEFAULT, PER_PAGE_MAX), wrong) }
    }

    /// Lines that it has at most.
    pub fn limit(self) -> i64 {
        self.per_page
    }

    /// Lines before it.
    pub fn offset(self) -> i64 {
        (self.number - 1) * self.per_page
    }

    /// The answer: `items`, as `view` shows each, in the frame that every list has.
    pub fn answer<T, V>(self, found: Found<T>, view: impl FnMut(T) -> V) -> Answer<V> {
        Answer {
            items: found.items.into_iter().map(view).collect(),
            page: self.number,
            per_page: self.per_page,
            total: found.total,
            pages: (found.total + self.per_page - 1) / self.per_page,
        }
    }
}

fn whole(text: Option<String>, field: &str, (default, max): (i64, i64), wrong: &mut Invalid) -> i64 {
    let number = given(text).map_or(Ok(default), |text| text.parse()).unwrap_or(0);
    wrong.check((1..=max).contains(&number), field, &format!("must be a whole number from 1 to {max}"));
    number
}

/// A field of a query without space around it; a blank one counts as absent.
pub fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The same for a text that is looked for: at most 100 characters, and none that no database takes. What is wrong with
/// it is noted.
pub fn word(text: Option<String>, field: &str, wrong: &mut Invalid) -> Option<String> {
    let text = given(text);
    let fine = text.as_ref().is_none_or(|text| text.chars().count() <= WORD_CHARS_MAX && !text.contains('\0'));
    wrong.check(fine, field, &format!("must be text of at most {WORD_CHARS_MAX} characters"));
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(page: &str, per_page: &str) -> (Page, Vec<String>) {
        let mut wrong = Invalid::new();
        let page = Page::read(Some(page.to_owned()), Some(per_page.to_owned()), &mut wrong);
        (page, fields(wrong))
    }

    fn fields(wrong: Invalid) -> Vec<String> {
        wrong.finish().err().into_iter().flat_map(|it| it.errors().to_vec()).map(|error| error.field).collect()
    }

    #[test]
    fn a_page_is_the_first_of_twenty_unless_said_otherwise() {
        assert_eq!(read("", " "), (Page { number: 1, per_page: 20 }, Vec::new()));
        let (third, wrong) = read(" 3 ", "10");
        assert_eq!((third.limit(), third.offset(), wrong.len()), (10, 20, 0));
    }

    #[test]
    fn a_page_that_cannot_be_names_its_fields() {
        for bad in ["0", "-1", "x", "1.5", "10001", "99999999999999999999"] {
            assert_eq!(read(bad, "101").1, ["page", "per_page"], "{bad}");
        }
        assert_eq!(read("10000", "100").1.len(), 0);
    }

    #[test]
    fn an_answer_has_its_frame() {
        let found = |total| Found { items: vec![1, 2], total };
        let (third, _) = read("3", "");
        let frame = json!({ "items": [2, 4], "page": 3, "per_page": 20, "total": 42, "pages": 3 });
        assert_eq!(json!(third.answer(found(42), |n| n * 2)), frame);
        assert_eq!(third.answer(found(42).as_ref(), |n| n * 2), third.answer(found(42), |n| n * 2));
        for (total, pages) in [(0, 0), (1, 1), (20, 1), (21, 2)] {
            assert_eq!(third.answer(found(total), |n| n).pages, pages, "{total}");
        }
    }

    #[test]
    fn a_word_is_bounded_and_blank_is_none() {
        let mut wrong = Invalid::new();
        assert_eq!(word(Some(" Desk ".to_owned()), "a", &mut wrong).as_deref(), Some("Desk"));
        assert_eq!(word(Some("  ".to_owned()), "b", &mut wrong), None);
        word(Some("ä".repeat(WORD_CHARS_MAX)), "c", &mut wrong);
        word(Some("x".repeat(WORD_CHARS_MAX + 1)), "d", &mut wrong);
        word(Some("a\0".to_owned()), "e", &mut wrong);
        assert_eq!(fields(wrong), ["d", "e"]);
    }
}
