//! Fetching the files of comments.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sdk::http::Path;
use sdk::{Principal, Problem, blob};
use uuid::Uuid;

use super::caller::actor;
use super::find;
use crate::domain::Actor;
use crate::store::{self, File};

/// `GET /documents/{id}`: the bytes, streamed, for those who may see the comment. Images are shown, all else is
/// something to save; nothing of it runs in our pages. 304 if the caller has these bytes.
pub(super) async fn download(
    principal: Principal,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = allowed(&actor(&principal), id).await?;
    let tag = text(&format!("\"{}\"", file.sha256))?;
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let (info, body) = blob::get(&file.storage_key).await.map_err(|error| match error {
        // The row is there, so this is our loss and not the caller's mistake.
        blob::Error::NotFound => Problem::internal(format!("the blob {} is gone", file.storage_key)),
        error => error.into(),
    })?;
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, text(&content_type(&file.media_type))?);
    headers.insert(header::CONTENT_LENGTH, info.size.into());
    headers.insert(header::CONTENT_DISPOSITION, text(&disposition(&file.media_type, &file.name))?);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::ETAG, tag);
    Ok(response)
}

/// The file, if its comment exists for the caller and is not deleted.
async fn allowed(actor: &Actor, id: Uuid) -> Result<File, Problem> {
    let none = || Problem::not_found("There is no such file.");
    let tx = store::snapshot().await?;
    let file = store::file(&tx, id).await?.ok_or_else(none)?;
    let comment = find(&tx, actor, file.comment_id).await?.map(|seen| seen.comment);
    tx.rollback().await?;
    if comment.is_some_and(|comment| comment.deleted_at.is_none()) { Ok(file) } else { Err(none()) }
}

fn text(value: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(value).map_err(Problem::internal)
}

fn content_type(media_type: &str) -> String {
    if media_type.starts_with("text/") { format!("{media_type}; charset=utf-8") } else { media_type.to_owned() }
}

/// The name in plain ASCII and, for those who read it, in UTF-8 (RFC 6266, RFC 8187).
fn disposition(media_type: &str, name: &str) -> String {
    let kind = if media_type.starts_with("image/") { "inline" } else { "attachment" };
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| {
            let is_plain = byte.is_ascii_alphanumeric() || b".-_~".contains(&byte);
            if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect();
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header_and_keeps_its_letters() {
        let value = disposition("application/pdf", "rück\"; x=\r\n.pdf");
        let expected = "attachment; filename=\"r_ck__ x___.pdf\"; filename*=UTF-8''r%C3%BCck%22%3B%20x%3D%0D%0A.pdf";
        assert_eq!(value, expected);
        assert!(HeaderValue::from_str(&value).is_ok());
    }

    #[test]
    fn only_images_are_shown_in_place_and_texts_name_their_letters() {
        assert!(disposition("image/png", "a.png").starts_with("inline;"));
        assert!(disposition("text/plain", "a.txt").starts_with("attachment;"));
        assert_eq!(content_type("text/csv"), "text/csv; charset=utf-8");
        assert_eq!(content_type("image/png"), "image/png");
    }
}
