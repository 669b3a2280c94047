//! Reading: the comments of a ticket, page by page, and one comment with all its answers.

use sdk::http::{Json, Path, Query};
use sdk::problem::Invalid;
use sdk::{Principal, Problem};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::actor;
use super::{Seen, admitted, seen, view};
use crate::store::{self, Page};

const PER_PAGE_DEFAULT: i64 = 20;
/// With their answers, 100 comments are what one answer of the database holds.
const PER_PAGE_MAX: i64 = 100;
/// Keeps the database from counting past what anybody reads.
const PAGE_MAX: i64 = 10_000;

/// The query as it comes: all text, so that every wrong field is named at once.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    ticket: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

struct Asked {
    number: String,
    page: i64,
    per_page: i64,
}

/// `GET /?ticket=`: what was said about a ticket, the newest first, and how much of it the caller has not read.
pub(super) async fn list(principal: Principal, Query(wanted): Query<Wanted>) -> Result<Json<Value>, Problem> {
    let actor = actor(&principal);
    let Asked { number, page, per_page } = wanted.check()?;
    let tx = store::snapshot().await?;
    let (standing, _) = admitted(&tx, &actor, &number).await?;
    let Page { items, total } = store::page(&tx, &number, standing, (per_page, (page - 1) * per_page)).await?;
    let threads = store::replies_of(&tx, &items).await?;
    let replies = threads.iter().flat_map(|thread| &thread.replies);
    let keys: Vec<_> = items.iter().chain(replies).map(|comment| comment.id).collect();
    let details = store::details(&tx, &keys, actor.id).await?;
    let unread = store::unread(&tx, &number, actor.id, standing).await?;
    tx.rollback().await?;
    let items = items.iter().zip(&threads).map(|(comment, thread)| view::comment(comment, thread, &details));
    Ok(Json(json!({
        "items": items.collect::<Vec<_>>(),
        "page": page,
        "per_page": per_page,
        "total": total,
        "pages": (total + per_page - 1) / per_page,
        "unread": unread,
    })))
}

/// `GET /{id}`: one comment with all its answers, or one answer.
pub(super) async fn show(principal: Principal, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let actor = actor(&principal);
    let tx = store::snapshot().await?;
    let Seen { comment, .. } = seen(&tx, &actor, id).await?;
    let shown = view::whole(&tx, &comment, &actor).await?;
    tx.rollback().await?;
    Ok(Json(shown))
}

impl Wanted {
    fn check(self) -> Result<Asked, Problem> {
        let mut wrong = Invalid::new();
        let given = |value: Option<String>| value.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let number = |value: Option<String>, field: &str, default: i64, max: i64, wrong: &mut Invalid| {
            let number = given(value).map_or(Ok(default), |text| text.parse()).unwrap_or(0);
            wrong.check((1..=max).contains(&number), field, &format!("must be a whole number from 1 to {max}"));
            number
        };
        let page = number(self.page, "page", 1, PAGE_MAX, &mut wrong);
        let per_page = number(self.per_page, "per_page", PER_PAGE_DEFAULT, PER_PAGE_MAX, &mut wrong);
        let ticket = given(self.ticket);
        wrong.check(ticket.is_some(), "ticket", "must be the number of a ticket");
        wrong.finish()?;
        Ok(Asked { number: ticket.unwrap_or_default(), page, per_page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_twenty_unless_asked_otherwise_and_every_wrong_field_is_named() {
        let wanted = Wanted { ticket: Some(" TX1 ".to_owned()), ..Wanted::default() };
        let asked = wanted.check().unwrap();
        assert_eq!((asked.number.as_str(), asked.page, asked.per_page), ("TX1", 1, 20));
        let wanted = Wanted { ticket: None, page: Some("0".to_owned()), per_page: Some("101".to_owned()) };
        let problem = wanted.check().err().unwrap();
        let fields: Vec<&str> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!((problem.status(), fields), (422, vec!["page", "per_page", "ticket"]));
    }
}
