//! The types of notifications, and by which ways the caller is told of each.

use sdk::http::Json;
use sdk::problem::Invalid;
use sdk::{Principal, Problem, sql};
use serde_json::{Value, json};

use crate::domain::{self, Choice, Kind, PreferencesWish};
use crate::store;

/// `GET /types`: all there are, the same for everybody.
pub(super) async fn types(_: Principal) -> Result<Json<Value>, Problem> {
    let kinds = store::kinds().await?;
    let item = |kind: &Kind| {
        json!({
            "code": kind.code,
            "title": kind.title,
            "severity": kind.severity,
            "default_in_app": kind.default_in_app,
            "default_email": kind.default_email,
        })
    };
    Ok(Json(json!({ "items": kinds.iter().map(item).collect::<Vec<_>>() })))
}

/// `GET /preferences`: what is in force for each type.
pub(super) async fn show(principal: Principal) -> Result<Json<Value>, Problem> {
    let kinds = store::kinds().await?;
    Ok(Json(view(&kinds, &store::chosen(principal.id).await?)))
}

/// `PUT /preferences`: the types named are as said from now on; answers as [`show`].
pub(super) async fn change(principal: Principal, Json(wish): Json<PreferencesWish>) -> Result<Json<Value>, Problem> {
    let kinds = store::kinds().await?;
    let choices = wish.read(&kinds).map_err(Invalid::from_iter)?;
    sql::retry(|| async {
        let tx = sql::begin().await?;
        for choice in &choices {
            store::choose(&tx, principal.id, choice).await?;
        }
        tx.commit().await
    })
    .await?;
    Ok(Json(view(&kinds, &store::chosen(principal.id).await?)))
}

fn view(kinds: &[Kind], chosen: &[Choice]) -> Value {
    let in_force = domain::choices(kinds, chosen);
    let items: Vec<_> = kinds.iter().zip(&in_force).map(|(kind, choice)| item(kind, choice)).collect();
    json!({ "items": items })
}

fn item(kind: &Kind, choice: &Choice) -> Value {
    json!({ "type": choice.kind, "title": kind.title, "in_app": choice.in_app, "email": choice.email })
}
