//! Reading: the comments of a ticket, page by page, and one comment with all its answers.

use sdk::http::{Json, Path, Query};
use sdk::page::{Answer, Found, Page, given};
use sdk::problem::Invalid;
use sdk::{Principal, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::caller::actor;
use super::{Seen, admitted, seen, view};
use crate::store;

/// The query as it comes: all text, so that every wrong field is named at once.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    ticket: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

struct Asked {
    number: String,
    page: Page,
}

/// `GET /?ticket=`: what was said about a ticket, the newest first, and how much of it the caller has not read.
pub(super) async fn list(principal: Principal, Query(wanted): Query<Wanted>) -> Result<Json<Comments>, Problem> {
    let actor = actor(&principal);
    let Asked { number, page } = wanted.check()?;
    let tx = store::snapshot().await?;
    let (standing, _) = admitted(&tx, &actor, &number).await?;
    let Found { items, total } = store::page(&tx, &number, standing, page).await?;
    let threads = store::replies_of(&tx, &items).await?;
    let replies = threads.iter().flat_map(|thread| &thread.replies);
    let keys: Vec<_> = items.iter().chain(replies).map(|comment| comment.id).collect();
    let details = store::details(&tx, &keys, actor.id).await?;
    let unread = store::unread(&tx, &number, actor.id, standing).await?;
    tx.rollback().await?;
    let found = Found { items: items.iter().zip(&threads).collect(), total };
    let page = page.answer(found, |(comment, thread)| view::comment(comment, thread, &details));
    Ok(Json(Comments { page, unread }))
}

/// A page of comments, and how many on all pages the caller has not read.
#[derive(Serialize)]
pub(super) struct Comments {
    #[serde(flatten)]
    page: Answer<Value>,
    unread: i64,
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
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let ticket = given(self.ticket);
        wrong.check(ticket.is_some(), "ticket", "must be the number of a ticket");
        wrong.finish()?;
        Ok(Asked { number: ticket.unwrap_or_default(), page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_twenty_unless_asked_otherwise_and_every_wrong_field_is_named() {
        let wanted = Wanted { ticket: Some(" TX1 ".to_owned()), ..Wanted::default() };
        let asked = wanted.check().unwrap();
        assert_eq!((asked.number.as_str(), asked.page.limit(), asked.page.offset()), ("TX1", 20, 0));
        let wanted = Wanted { ticket: None, page: Some("0".to_owned()), per_page: Some("101".to_owned()) };
        let problem = wanted.check().err().unwrap();
        let fields: Vec<&str> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!((problem.status(), fields), (422, vec!["page", "per_page", "ticket"]));
    }
}
