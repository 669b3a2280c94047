//! Reading and marking, and the live stream.

use axum::response::Response;
use sdk::http::{Json, Path, Query};
use sdk::page::{Answer, Page, given, word};
use sdk::problem::Invalid;
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, clock, live};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::Wanted;
use crate::store::{self, Notification};

/// The query as it comes: all text, so that every wrong field is named at once.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    read: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    ticket: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

impl Asked {
    fn check(self) -> Result<(Wanted, Page), Problem> {
        let mut wrong = Invalid::new();
        let read = given(self.read).map(|text| match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        });
        wrong.check(read != Some(None), "read", "must be true or false");
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let kind = word(self.kind, "type", &mut wrong);
        let ticket = word(self.ticket, "ticket", &mut wrong);
        wrong.finish()?;
        Ok((Wanted { read: read.flatten(), kind, ticket }, page))
    }
}

/// `GET /`: a page of the caller's entries, the newest first.
pub(super) async fn list(principal: Principal, Query(asked): Query<Asked>) -> Result<Json<Answer<Value>>, Problem> {
    let (wanted, page) = asked.check()?;
    let found = store::page(principal.id, &wanted, page).await?;
    Ok(Json(page.answer(found, |it| item(&it))))
}

fn item(it: &Notification) -> Value {
    json!({
        "id": it.id.to_string(),
        "type": it.kind,
        "subject": it.subject,
        "message": it.body,
        "ticket_number": it.ticket_number,
        "data": it.data,
        "is_read": it.read_at.is_some(),
        "created_at": it.created_at.rfc3339(),
        "read_at": it.read_at.map(clock::Timestamp::rfc3339),
    })
}

/// Somebody else's entry is one that does not exist.
fn unknown() -> Problem {
    Problem::not_found("You have no such notification.")
}

/// `GET /{id}`: one entry; that it was looked at does not make it read.
pub(super) async fn show(principal: Principal, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let entry = store::entry(principal.id, id).await?.ok_or_else(unknown)?;
    Ok(Json(item(&entry)))
}

/// `GET /unread-count`.
pub(super) async fn unread_count(principal: Principal) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "count": store::unread(principal.id).await? })))
}

/// `POST /{id}/read`: when it was read the first time.
pub(super) async fn mark(principal: Principal, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let marked = store::mark(principal.id, id, clock::now()).await?.ok_or_else(unknown)?;
    Ok(Json(json!({ "marked_at": marked.rfc3339() })))
}

/// `POST /read-all`: how many were not.
pub(super) async fn mark_all(principal: Principal) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "count": store::mark_all(principal.id, clock::now()).await? })))
}

/// `GET /stream`: opens the caller's own live channel; the host holds the stream from here on.
pub(super) async fn stream(principal: Principal) -> Response {
    live::stream(&[format!("user:{}", principal.id)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asked_is_the_first_page_of_everything() {
        let (wanted, page) = Asked::default().check().unwrap();
        assert_eq!((wanted, page.limit(), page.offset()), (Wanted::default(), 20, 0));
    }

    #[test]
    fn blank_parts_do_not_restrict() {
        let asked = Asked {
            read: Some("false".to_owned()),
            kind: Some(" ".to_owned()),
            ticket: Some("TX1".to_owned()),
            ..Asked::default()
        };
        let wanted = Wanted { read: Some(false), kind: None, ticket: Some("TX1".to_owned()) };
        assert_eq!(asked.check().unwrap().0, wanted);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let asked = Asked {
            read: Some("maybe".to_owned()),
            kind: Some("x".repeat(101)),
            ticket: Some("a\0".to_owned()),
            page: Some("-1".to_owned()),
            per_page: Some("101".to_owned()),
        };
        let problem = asked.check().unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["read", "page", "per_page", "type", "ticket"]);
    }
}
