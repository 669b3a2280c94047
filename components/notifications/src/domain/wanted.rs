//! A part of somebody's inbox, as it is asked for.

use super::Wrong;

/// Entries on a page.
const PER_PAGE: i64 = 20;
/// A page of 100 is some 60 KiB; more is what the filters are for.
const PER_PAGE_MAX: i64 = 100;
/// Keeps the database from counting past what anybody reads.
const PAGE_MAX: i64 = 10_000;
/// The longest ticket number and type that are looked for; nothing stored is longer.
const WORD_MAX: usize = 100;

/// A part of somebody's inbox; an absent part does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Only the read ones, or only the others.
    pub(crate) read: Option<bool>,
    /// Only those of this type.
    pub(crate) kind: Option<String>,
    /// Only those about this ticket.
    pub(crate) ticket: Option<String>,
    /// From 1.
    pub(crate) page: i64,
    /// Entries on a page.
    pub(crate) per_page: i64,
}

/// The query as it came: all text.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Query {
    read: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    ticket: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

impl Query {
    /// Reads it.
    ///
    /// # Errors
    /// Each wrong field with what it must be.
    pub(crate) fn read(self) -> Result<Wanted, Wrong> {
        let mut wrong = Wrong::new();
        let given = |value: Option<String>| value.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let read = given(self.read).and_then(|text| match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => {
                wrong.push(("read".to_owned(), "must be true or false".to_owned()));
                None
            }
        });
        let mut number = |field: &str, value: Option<String>, default: i64, max: i64| {
            let number = given(value).map_or(Ok(default), |text| text.parse()).unwrap_or(0);
            if !(1..=max).contains(&number) {
                wrong.push((field.to_owned(), format!("must be a whole number from 1 to {max}")));
            }
            number
        };
        let page = number("page", self.page, 1, PAGE_MAX);
        let per_page = number("per_page", self.per_page, PER_PAGE, PER_PAGE_MAX);
        let (kind, ticket) = (given(self.kind), given(self.ticket));
        for (field, word) in [("type", &kind), ("ticket", &ticket)] {
            if word.as_ref().is_some_and(|word| word.chars().count() > WORD_MAX || word.contains('\0')) {
                wrong.push((field.to_owned(), format!("must be text of at most {WORD_MAX} characters")));
            }
        }
        if wrong.is_empty() { Ok(Wanted { read, kind, ticket, page, per_page }) } else { Err(wrong) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asked_is_the_first_page_of_everything() {
        assert_eq!(Query::default().read(), Ok(Wanted { page: 1, per_page: 20, ..Wanted::default() }));
    }

    #[test]
    fn blank_parts_do_not_restrict() {
        let query = Query {
            read: Some("false".to_owned()),
            kind: Some(" ".to_owned()),
            ticket: Some("TX1".to_owned()),
            page: Some("2".to_owned()),
            per_page: Some("100".to_owned()),
        };
        let wanted = Wanted { read: Some(false), kind: None, ticket: Some("TX1".to_owned()), page: 2, per_page: 100 };
        assert_eq!(query.read(), Ok(wanted));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let long = "x".repeat(WORD_MAX + 1);
        let query = Query {
            read: Some("maybe".to_owned()),
            kind: Some(long),
            ticket: Some("a\0".to_owned()),
            page: Some("-1".to_owned()),
            per_page: Some("101".to_owned()),
        };
        let fields: Vec<_> = query.read().unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["read", "page", "per_page", "type", "ticket"]);
    }
}
