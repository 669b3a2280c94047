//! What can be asked for.

use axum::response::IntoResponse;
use sdk::http::Json;
use sdk::{Principal, Problem};
use serde_json::{Value, json};

use super::upload;
use crate::domain::{Category, FILES_MAX, Priority, Status};
use crate::store;

/// `GET /catalogue`: departments, categories with sub-categories and forms, priorities, statuses, limits of files.
pub(super) async fn catalogue(_: Principal) -> Result<impl IntoResponse, Problem> {
    let catalogue = store::catalogue().await?;
    let departments = catalogue.departments.iter().map(|it| json!({ "code": it.code, "name": it.name }));
    Ok(Json(json!({
        "departments": departments.collect::<Vec<_>>(),
        "categories": catalogue.categories.iter().map(category).collect::<Vec<_>>(),
        "priorities": Priority::ALL.map(Priority::label),
        "statuses": Status::ALL.map(Status::label),
        "attachments": { "files_max": FILES_MAX, "bytes_max": upload::file_bytes_max().await },
    })))
}

fn category(category: &Category) -> Value {
    let sub_categories = category.sub_categories.iter().map(|it| json!({ "code": it.code, "name": it.name }));
    let fields = category.fields.iter().map(|field| {
        json!({
            "name": field.name,
            "label": field.label,
            "kind": field.kind.code(),
            "required": field.is_required,
            "max_length": field.max_length,
            "choices": field.choices,
        })
    });
    json!({
        "code": category.code,
        "name": category.name,
        "default_department": category.default_department,
        "sub_categories": sub_categories.collect::<Vec<_>>(),
        "fields": fields.collect::<Vec<_>>(),
    })
}
