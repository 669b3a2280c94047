//! `GET` and `PATCH /api/v1/auth/me`: the signed-in person, as they are now.

use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::CACHE_CONTROL;
use sdk::http::Json;
use sdk::problem::Invalid;
use sdk::sql;
use sdk::{Problem, clock};
use serde_json::{Map, Value, json};

use super::caller;
use super::change::{By, announce, audit, invalid, taken};
use super::signed_in::SignedIn;
use super::view::Profile;
use crate::domain::profile::{Edit, Setting, difference};
use crate::domain::user::{User, UserType};
use crate::store::accounts;
use crate::store::journal::Caller;

fn answer(user: User) -> Response {
    let kind = if user.kind == UserType::Staff { "user" } else { "employee" };
    let body = Json(json!({ "type": kind, "data": Profile::from(user) }));
    ([(CACHE_CONTROL, "no-store")], body).into_response()
}

/// The profile with its roles.
pub(super) async fn me(SignedIn(user): SignedIn) -> Response {
    answer(user)
}

/// Changes what people change themselves: username and phone. The rest is an administrator's.
pub(super) async fn change(
    me: SignedIn,
    headers: HeaderMap,
    Json(fields): Json<Map<String, Value>>,
) -> Result<Response, Problem> {
    let edit = own(fields)?.checked().map_err(invalid)?;
    let caller = caller(&headers);
    Ok(answer(sql::retry(|| save(&me, &edit, &caller)).await?))
}

/// The edit that somebody may make of themselves; 403 that names every other field.
fn own(fields: Map<String, Value>) -> Result<Edit, Problem> {
    let (mut edit, mut wrong, mut others) = (Edit::default(), Invalid::new(), Vec::new());
    for (field, value) in fields {
        match (field.as_str(), value) {
            ("username", Value::String(text)) => edit.username = Some(text),
            ("phone" | "phone_number", Value::String(text)) => edit.phone = Setting::To(Some(text)),
            ("phone" | "phone_number", Value::Null) => edit.phone = Setting::To(None),
            ("username" | "phone" | "phone_number", _) => drop(wrong.add(field, "is not of the expected type")),
            _ => others.push(json!({ "field": field, "message": "is changed by administrators only" })),
        }
    }
    if others.is_empty() {
        wrong.finish().map(|()| edit)
    } else {
        Err(Problem::forbidden("Some fields are changed by administrators only.").member("errors", others))
    }
}

async fn save(me: &SignedIn, edit: &Edit, caller: &Caller) -> Result<User, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let before = me.again(&tx).await?;
    let after = edit.apply(&before);
    if after == before {
        return Ok(before);
    }
    if let Some(field) = accounts::taken(&tx, &after).await? {
        return Err(taken(field));
    }
    accounts::update(&tx, &after).await?;
    let user = announce(&tx, after.id, now).await?;
    let changes = difference(&before, &user);
    audit(&tx, By { actor: Some(&user), caller }, ("profile.changed", user.id), changes, now).await?;
    tx.commit().await?;
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(document: &Value) -> Map<String, Value> {
        document.as_object().unwrap().clone()
    }

    #[test]
    fn people_change_their_username_and_phone() {
        let edit = own(fields(&json!({ "username": "ada2", "phone": null }))).unwrap();
        assert_eq!(edit, Edit { username: Some("ada2".to_owned()), phone: Setting::To(None), ..Edit::default() });
        let wrong = own(fields(&json!({ "username": 5, "phone_number": [] }))).unwrap_err();
        assert_eq!((wrong.status(), wrong.errors().len()), (422, 2));
    }

    #[test]
    fn every_other_field_is_refused_by_name() {
        for field in ["email", "department", "is_active", "is_superuser", "status", "first_name", "made_up"] {
            let problem = own(fields(&json!({ "username": "ada2", field: true }))).unwrap_err();
            assert_eq!((problem.status(), &problem.document(None)["errors"][0]["field"]), (403, &json!(field)));
        }
    }
}
