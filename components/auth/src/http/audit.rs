//! `GET /api/v1/auth/audit`: what was done to accounts, for superusers.

use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use sdk::Problem;
use sdk::http::{Json, Query};
use sdk::page::{Page, word};
use sdk::problem::Invalid;
use sdk::sql::{self, Isolation};
use serde::Deserialize;
use uuid::Uuid;

use super::signed_in::SignedIn;
use super::view::EntryView;
use crate::store::journal::{self, Filter};

/// The query as it comes. `target` is a type and a key, `user:<id>`, or only the type.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    target: Option<String>,
    action: Option<String>,
    actor: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

impl Wanted {
    fn check(self) -> Result<(Filter, Page), Problem> {
        let mut wrong = Invalid::new();
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let actor = word(self.actor, "actor", &mut wrong).map(|text| Uuid::parse_str(&text).ok());
        wrong.check(actor != Some(None), "actor", "must be a UUID");
        let target = word(self.target, "target", &mut wrong).map(|text| match text.split_once(':') {
            Some((kind, id)) => (kind.to_lowercase(), Some(id.to_owned())),
            None => (text.to_lowercase(), None),
        });
        let filter = Filter { actor_id: actor.flatten(), action: word(self.action, "action", &mut wrong), target };
        wrong.finish().map(|()| (filter, page))
    }
}

/// A page of the log, the latest first.
pub(super) async fn list(me: SignedIn, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    me.require_superuser()?;
    let (filter, page) = wanted.check()?;
    let tx = sql::begin_with(Isolation::RepeatableRead, true).await?;
    let found = journal::entries(&tx, &filter, page).await?;
    tx.rollback().await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(page.answer(found, EntryView::from))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_type_with_or_without_a_key() {
        let target =
            |text: &str| Wanted { target: Some(text.to_owned()), ..Wanted::default() }.check().unwrap().0.target;
        assert_eq!(target("User:7"), Some(("user".to_owned(), Some("7".to_owned()))));
        assert_eq!(target("user"), Some(("user".to_owned(), None)));
        let wrong = Wanted { actor: Some("7".to_owned()), ..Wanted::default() };
        assert_eq!(wrong.check().unwrap_err().errors()[0].field, "actor");
    }
}
