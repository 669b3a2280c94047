//! People as administrators see and change them: `GET /api/v1/auth/users`, `GET` and `PATCH users/{id}`.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use sdk::http::{Json, Path, Query};
use sdk::page::{Page, word};
use sdk::problem::Invalid;
use sdk::sql::{self, Isolation};
use sdk::{Problem, clock};
use serde::Deserialize;
use uuid::Uuid;

use super::caller;
use super::change::{By, announce, audit, denied, invalid, invalid_field, person};
use super::signed_in::{SignedIn, scope_of};
use super::view::PersonView;
use crate::domain::access::may_change;
use crate::domain::profile::{Edit, Setting, difference};
use crate::domain::user::{Approval, User};
use crate::store::journal::Caller;
use crate::store::people::{self, Filter, Listed, Standing};
use crate::store::{accounts, assignments};

/// The query as it comes: all text, so that every wrong field is named at once.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    system: Option<String>,
    role: Option<String>,
    status: Option<String>,
    search: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

impl Wanted {
    fn check(self) -> Result<(Filter, Page), Problem> {
        let mut wrong = Invalid::new();
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let standing = word(self.status, "status", &mut wrong).map(|text| match text.as_str() {
            "inactive" => Some(Standing::Inactive),
            text => Approval::parse(text).map(Standing::Approval),
        });
        wrong.check(standing != Some(None), "status", "must be pending, approved, rejected or inactive");
        let filter = Filter {
            system: word(self.system, "system", &mut wrong),
            role: word(self.role, "role", &mut wrong),
            standing: standing.flatten(),
            search: word(self.search, "search", &mut wrong),
        };
        wrong.finish().map(|()| (filter, page))
    }
}

/// The people of the systems that the caller administers; all of them for superusers.
pub(super) async fn list(me: SignedIn, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let scope = me.scope()?;
    let (filter, page) = wanted.check()?;
    let now = clock::now();
    let tx = sql::begin_with(Isolation::RepeatableRead, true).await?;
    if let Some(system) = &filter.system
        && !assignments::is_system(&tx, system).await?
    {
        return Err(invalid_field("system", "is not known"));
    }
    let found = people::list(&tx, &scope, &filter, page).await?;
    tx.rollback().await?;
    let body = page.answer(found, |listed| PersonView::new(listed, now));
    Ok(([(CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// The answer to whatever shows or changes one person.
pub(super) fn shown(listed: Listed) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(PersonView::new(listed, clock::now()))).into_response()
}

/// One of them.
pub(super) async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    let scope = me.scope()?;
    let tx = sql::begin_with(Isolation::RepeatableRead, true).await?;
    let found = person(&tx, &scope, id).await?;
    tx.rollback().await?;
    Ok(shown(found))
}

/// What administrators change. An absent field stays, null empties it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    is_active: Option<bool>,
    first_name: Option<String>,
    #[serde(default)]
    middle_name: Setting,
    last_name: Option<String>,
    #[serde(default)]
    suffix: Setting,
    /// Code or name.
    #[serde(default)]
    department: Setting,
}

impl Change {
    fn edit(self) -> Result<Edit, Problem> {
        let Self { is_active, first_name, middle_name, last_name, suffix, department } = self;
        let edit = Edit { first_name, middle_name, last_name, suffix, department, is_active, ..Edit::default() };
        edit.checked().map_err(invalid)
    }
}

/// Changes somebody's names, department, or whether they are active. Whoever is switched off is out at once.
pub(super) async fn change(me: SignedIn, Path(id): Path<Uuid>, request: Request) -> Result<Response, Problem> {
    me.scope()?;
    let caller = caller(request.headers());
    let Json(input) = Json::<Change>::from_request(request, &()).await?;
    let edit = input.edit()?;
    Ok(shown(sql::retry(|| save(&me, id, &edit, &caller)).await?))
}

async fn save(me: &SignedIn, id: Uuid, edit: &Edit, caller: &Caller) -> Result<Listed, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let actor = me.again(&tx).await?;
    let found = person(&tx, &scope_of(&actor)?, id).await?;
    let mut edit = edit.clone();
    if let Some(text) = edit.department.text() {
        let known = accounts::department(&tx, text).await?;
        edit.department = Setting::To(Some(known.ok_or_else(|| invalid_field("department", "is not known"))?));
    }
    let after = edit.apply(&found.user);
    let switches_off = found.user.is_active && !after.is_active;
    may_change(&actor, &found.user, switches_off).map_err(denied)?;
    if after == found.user {
        return Ok(found);
    }
    accounts::update(&tx, &after).await?;
    if switches_off {
        accounts::end_sessions(&tx, id, now).await?;
    }
    let user = announce(&tx, id, now).await?;
    let action = action(&found.user, &user);
    audit(&tx, By { actor: Some(&actor), caller }, (action, id), difference(&found.user, &user), now).await?;
    tx.commit().await?;
    Ok(Listed { user, ..found })
}

fn action(before: &User, after: &User) -> &'static str {
    match (before.is_active, after.is_active) {
        (true, false) => "account.deactivated",
        (false, true) => "account.activated",
        _ => "account.changed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::user::example;

    #[test]
    fn every_wrong_field_of_a_query_is_named() {
        let wanted = Wanted {
            system: Some("x".repeat(101)),
            status: Some("Done".to_owned()),
            search: Some("a\0b".to_owned()),
            page: Some("0".to_owned()),
            ..Wanted::default()
        };
        let problem = wanted.check().unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["page", "status", "system", "search"]);
        let fine = Wanted { status: Some("inactive".to_owned()), ..Wanted::default() };
        assert_eq!(fine.check().unwrap().0.standing, Some(Standing::Inactive));
    }

    #[test]
    fn null_empties_a_field_and_absence_leaves_it() {
        let change: Change = sdk::http::parse_json(br#"{"suffix":null,"is_active":false}"#).unwrap();
        let edit = change.edit().unwrap();
        assert_eq!(edit, Edit { suffix: Setting::To(None), is_active: Some(false), ..Edit::default() });
        for field in ["email", "is_superuser", "status", "password"] {
            let text = format!("{{\"{field}\":true}}");
            let problem = sdk::http::parse_json::<Change>(text.as_bytes()).unwrap_err();
            assert_eq!(problem.errors()[0].field, field);
        }
    }

    #[test]
    fn the_log_tells_switching_from_other_changes() {
        let off = User { is_active: false, ..example() };
        assert_eq!(action(&example(), &off), "account.deactivated");
        assert_eq!(action(&off, &example()), "account.activated");
        assert_eq!(action(&off, &off), "account.changed");
    }
}
