//! Roles and who holds them: `GET /api/v1/auth/roles`, `GET` and `POST assignments`, `PATCH` and `DELETE
//! assignments/{id}`.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use sdk::Problem;
use sdk::clock::{self, Timestamp};
use sdk::http::{Json, Path, Query};
use sdk::page::{Page, word};
use sdk::problem::Invalid;
use sdk::sql::{self, Error, Isolation, Transaction};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::caller;
use super::change::{By, announce, audit, denied, invalid_field};
use super::signed_in::{SignedIn, scope_of};
use super::view::{AssignmentView, RoleView};
use crate::domain::access::{ADMIN, Scope, may_assign};
use crate::domain::user::User;
use crate::store::assignments::{self, Assignment, Filter};
use crate::store::journal::Caller;
use crate::store::users;

/// The query of both lists as it comes.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    system: Option<String>,
    role: Option<String>,
    user_id: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

impl Wanted {
    fn check(self) -> Result<(Filter, Page), Problem> {
        let mut wrong = Invalid::new();
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let user_id = word(self.user_id, "user_id", &mut wrong).map(|text| Uuid::parse_str(&text).ok());
        wrong.check(user_id != Some(None), "user_id", "must be a UUID");
        let system = word(self.system, "system", &mut wrong);
        let role = word(self.role, "role", &mut wrong);
        let filter = Filter { system, role, user_id: user_id.flatten() };
        wrong.finish().map(|()| (filter, page))
    }
}

/// Passes if the system is one that there is and that the caller administers.
async fn check_system(tx: &Transaction, scope: &Scope, system: Option<&String>) -> Result<(), Problem> {
    let Some(system) = system else { return Ok(()) };
    if !assignments::is_system(tx, system).await? {
        return Err(invalid_field("system", "is not known"));
    }
    if scope.has(system) { Ok(()) } else { Err(elsewhere()) }
}

fn elsewhere() -> Problem {
    Problem::forbidden("You do not administer this system.")
}

/// `GET roles`: those of the systems that the caller administers.
pub(super) async fn roles(me: SignedIn, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let scope = me.scope()?;
    let (filter, page) = wanted.check()?;
    let tx = sql::begin_with(Isolation::RepeatableRead, true).await?;
    check_system(&tx, &scope, filter.system.as_ref()).await?;
    let found = assignments::roles(&tx, &scope, filter.system, page).await?;
    tx.rollback().await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(page.answer(found, RoleView::from))).into_response())
}

/// `GET assignments`: likewise, also those taken away for the time being.
pub(super) async fn list(me: SignedIn, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let scope = me.scope()?;
    let (filter, page) = wanted.check()?;
    let tx = sql::begin_with(Isolation::RepeatableRead, true).await?;
    check_system(&tx, &scope, filter.system.as_ref()).await?;
    let found = assignments::list(&tx, &scope, &filter, page).await?;
    tx.rollback().await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(page.answer(found, AssignmentView::from))).into_response())
}

#[derive(Debug, Deserialize)]
struct Grant {
    user_id: Uuid,
    role_id: Uuid,
}

#[derive(Debug, Deserialize)]
struct Change {
    is_active: bool,
}

fn answer(status: StatusCode, assignment: Assignment) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(AssignmentView::from(assignment))).into_response()
}

/// `POST assignments`: gives somebody a role, also somebody who has none in the system yet. 200 if they had it before.
pub(super) async fn assign(me: SignedIn, request: Request) -> Result<Response, Problem> {
    me.scope()?;
    let caller = caller(request.headers());
    let Json(input) = Json::<Grant>::from_request(request, &()).await?;
    let (is_new, assignment) = sql::retry(|| give(&me, &input, &caller)).await?;
    Ok(answer(if is_new { StatusCode::CREATED } else { StatusCode::OK }, assignment))
}

async fn give(me: &SignedIn, input: &Grant, caller: &Caller) -> Result<(bool, Assignment), Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let actor = me.again(&tx).await?;
    let scope = scope_of(&actor)?;
    let role = assignments::role(&tx, input.role_id).await?;
    let role = role.ok_or_else(|| invalid_field("role_id", "is not known"))?;
    if !scope.has(&role.system) {
        return Err(elsewhere());
    }
    may_assign(&actor, &role.name).map_err(denied)?;
    if users::by_id(&tx, input.user_id).await?.is_none() {
        return Err(invalid_field("user_id", "is not known"));
    }
    let before = assignments::of(&tx, input.user_id, role.id).await?;
    let is_new = before.is_none();
    let id = match before {
        Some(before) if before.is_active => return Ok((false, before)),
        Some(before) => {
            assignments::restore(&tx, before.id, actor.id, now).await?;
            before.id
        }
        None => assignments::add(&tx, (input.user_id, role.id), actor.id, now).await?,
    };
    let assignment = told(&tx, (&actor, caller), ("role.assigned", id), now).await?;
    tx.commit().await?;
    Ok((is_new, assignment))
}

/// Tells the others of an assignment that was given, and writes it down.
async fn told(
    tx: &Transaction,
    (actor, caller): (&User, &Caller),
    (action, id): (&str, Uuid),
    now: Timestamp,
) -> Result<Assignment, Problem> {
    let assignment = assignments::by_id(tx, id).await?.ok_or(Error::NoRow)?;
    record(tx, (actor, caller), (action, &assignment), now).await?;
    Ok(assignment)
}

async fn record(
    tx: &Transaction,
    (actor, caller): (&User, &Caller),
    (action, assignment): (&str, &Assignment),
    now: Timestamp,
) -> Result<(), Problem> {
    announce(tx, assignment.user_id, now).await?;
    let changes = json!({ "system": assignment.system, "role": assignment.role });
    audit(tx, By { actor: Some(actor), caller }, (action, assignment.user_id), changes, now).await
}

/// The assignment, if the caller may change it.
async fn changeable(tx: &Transaction, actor: &User, id: Uuid) -> Result<Assignment, Problem> {
    let scope = scope_of(actor)?;
    let found = assignments::by_id(tx, id).await?.filter(|found| scope.has(&found.system));
    let found = found.ok_or_else(|| Problem::not_found("There is no such assignment."))?;
    may_assign(actor, &found.role).map_err(denied)?;
    Ok(found)
}

/// Passes unless it takes from a superuser what they are known by in other rooms.
async fn check_loss(tx: &Transaction, assignment: &Assignment) -> Result<(), Problem> {
    let user = users::by_id(tx, assignment.user_id).await?;
    if assignment.role == ADMIN && user.is_some_and(|user| user.is_superuser) {
        return Err(Problem::conflict("A superuser is an administrator of every system."));
    }
    Ok(())
}

/// `PATCH assignments/{id}`: takes a role away for the time being, or gives it back.
pub(super) async fn change(me: SignedIn, Path(id): Path<Uuid>, request: Request) -> Result<Response, Problem> {
    me.scope()?;
    let caller = caller(request.headers());
    let Json(input) = Json::<Change>::from_request(request, &()).await?;
    Ok(answer(StatusCode::OK, sql::retry(|| switch(&me, id, input.is_active, &caller)).await?))
}

async fn switch(me: &SignedIn, id: Uuid, is_active: bool, caller: &Caller) -> Result<Assignment, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let actor = me.again(&tx).await?;
    let found = changeable(&tx, &actor, id).await?;
    if found.is_active == is_active {
        return Ok(found);
    }
    let action = if is_active {
        assignments::restore(&tx, id, actor.id, now).await?;
        "role.assigned"
    } else {
        check_loss(&tx, &found).await?;
        assignments::revoke(&tx, id, now).await?;
        "role.revoked"
    };
    let assignment = told(&tx, (&actor, caller), (action, id), now).await?;
    tx.commit().await?;
    Ok(assignment)
}

/// `DELETE assignments/{id}`: takes a role away for good.
pub(super) async fn remove(me: SignedIn, Path(id): Path<Uuid>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    me.scope()?;
    let caller = caller(&headers);
    sql::retry(|| async {
        let tx = sql::begin().await?;
        let now = clock::now();
        let actor = me.again(&tx).await?;
        let found = changeable(&tx, &actor, id).await?;
        check_loss(&tx, &found).await?;
        assignments::remove(&tx, id).await?;
        record(&tx, (&actor, &caller), ("role.removed", &found), now).await?;
        Ok::<_, Problem>(tx.commit().await?)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
