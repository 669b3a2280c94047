//! Who holds which role: for designers, and for those who give work to others.

use axum::response::IntoResponse;
use sdk::http::Json;
use sdk::{Principal, Problem};
use serde_json::{Value, json};

use super::caller::agent;
use super::view;
use crate::store::{self, Role};

/// `GET /roles`: the roles of `tts`, and the help desk's coordinators, with their active holders.
pub(super) async fn list(principal: Principal) -> Result<impl IntoResponse, Problem> {
    agent(&principal)?;
    let roles = store::roles().await?;
    Ok(Json(json!({ "items": roles.iter().map(role).collect::<Vec<_>>() })))
}

fn role(role: &Role) -> Value {
    let members: Vec<_> = role.members.iter().map(view::person).collect();
    json!({ "system": role.system, "name": role.name, "members": members })
}
