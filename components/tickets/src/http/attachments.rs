//! The files of a ticket: adding, listing, fetching.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sdk::http::{Json, Path};
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, blob, clock, sql};
use serde_json::json;

use super::caller::actor;
use super::upload::{self, Upload};
use super::{view, visible};
use crate::domain::{Actor, Entry, EntryKind, Person, Ticket};
use crate::store::{self, Attachment};

/// Files at one ticket: five full requests.
const FILES_PER_TICKET_MAX: usize = 50;

/// `GET /{number}/attachments`.
pub(super) async fn list(principal: Principal, Path(number): Path<String>) -> Result<impl IntoResponse, Problem> {
    let ticket = visible(&actor(&principal), &number).await?.ticket;
    let files = store::attachments(&ticket.id).await?;
    Ok(Json(json!({ "items": files.iter().map(|it| view::file(&number, it)).collect::<Vec<_>>() })))
}

/// `POST /{number}/attachments` by the requester or a coordinator: a form with `files[]`. 201 with the new files.
pub(super) async fn attach(
    principal: Principal,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let actor = actor(&principal);
    let ticket = visible(&actor, &number).await?.ticket;
    if !actor.may_attach(&ticket) {
        return Err(Problem::forbidden("Only the requester and coordinators add files."));
    }
    if ticket.status.next().is_empty() {
        return Err(Problem::conflict(format!("The ticket is {}; nothing is added to it.", ticket.status.label())));
    }
    let present = store::attachments(&ticket.id).await?.len();
    let Upload { files, .. } = upload::receive(request, &actor, clock::now()).await?;
    let saved = match files.len() {
        0 => Err(Problem::bad_request("The request has no files[].")),
        more if present + more > FILES_PER_TICKET_MAX => {
            Err(Problem::conflict(format!("A ticket has at most {FILES_PER_TICKET_MAX} files.")))
        }
        _ => save(&ticket, &files, &actor).await,
    };
    if let Err(problem) = saved {
        upload::discard(&files).await;
        return Err(problem);
    }
    let items: Vec<_> = files.iter().map(|it| view::file(&number, it)).collect();
    Ok((StatusCode::CREATED, Json(json!({ "items": items }))).into_response())
}

/// The files, a log line for each, and a new version of the ticket, so that its entity tag covers its files.
async fn save(ticket: &Ticket, files: &[Attachment], actor: &Actor) -> Result<(), Problem> {
    let now = clock::now().0;
    let after = Ticket { updated_at: now, row_version: ticket.row_version + 1, ..ticket.clone() };
    let who = Person { id: actor.id.clone(), email: String::new(), full_name: actor.full_name.clone() };
    sql::retry(|| async {
        let tx = sql::begin().await?;
        if !store::update(&tx, &after).await? {
            return Err(Problem::conflict("The ticket was changed by others meanwhile; send the files again."));
        }
        for file in files {
            if !store::adopt(&tx, &ticket.id, file).await? {
                return Err(Problem::unavailable("an upload was swept away before it was saved"));
            }
            let entry = Entry {
                kind: EntryKind::Attachment,
                at: now,
                actor: Some(who.clone()),
                from: None,
                to: None,
                note: Some(file.name.clone()),
                is_internal: false,
            };
            store::append(&tx, &ticket.id, &entry).await?;
        }
        Ok(tx.commit().await?)
    })
    .await
}

/// `GET /{number}/attachments/{id}`: the bytes, streamed, as something to save and never to run in our pages.
pub(super) async fn download(
    principal: Principal,
    Path((number, id)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let ticket = visible(&actor(&principal), &number).await?.ticket;
    let none = || Problem::not_found("The ticket has no such file.");
    let file = store::attachment(&ticket.id, &id.to_string()).await?.ok_or_else(none)?;
    let (info, body) = blob::get(&file.storage_key).await.map_err(|error| match error {
        // The row is there, so this is our loss and not the caller's mistake.
        blob::Error::NotFound => Problem::internal(format!("the blob {} is gone", file.storage_key)),
        error => error.into(),
    })?;
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let text = |value: &str| HeaderValue::from_str(value).map_err(Problem::internal);
    let media_type = if file.media_type.starts_with("text/") {
        format!("{}; charset=utf-8", file.media_type)
    } else {
        file.media_type
    };
    headers.insert(header::CONTENT_TYPE, text(&media_type)?);
    headers.insert(header::CONTENT_LENGTH, info.size.into());
    headers.insert(header::CONTENT_DISPOSITION, text(&disposition(&file.name))?);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::ETAG, text(&format!("\"{}\"", info.sha256))?);
    Ok(response)
}

/// `attachment` with the name in plain ASCII and, for those who read it, in UTF-8 (RFC 6266, RFC 8187).
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| {
            let is_plain = byte.is_ascii_alphanumeric() || b".-_~".contains(&byte);
            if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header_and_keeps_its_letters() {
        let value = disposition("rück\"; x=\r\n.pdf");
        assert_eq!(
            value,
            "attachment; filename=\"r_ck__ x___.pdf\"; filename*=UTF-8''r%C3%BCck%22%3B%20x%3D%0D%0A.pdf"
        );
        assert!(HeaderValue::from_str(&value).is_ok());
    }
}
