//! Reading what somebody sends: a JSON document, or a form whose files stream into the blob store part by part.
//! No file is ever held whole.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header;
use futures::StreamExt;
use multer::{Field, Multipart};
use sdk::http::{parse_json, read_body};
use sdk::problem::Slug;
use sdk::{Problem, blob, id, log};
use serde_json::{Map, Value, json};

use crate::domain::{FILE_BYTES_MAX, FILES_MAX, FileRefusal, SNIFF_BYTES, check_content, check_name};
use crate::store::{self, Received};

/// A JSON document, and the fields of a form together: 5,000 characters of comment in any script, and the rest.
const FIELDS_BYTES_MAX: usize = 64 * 1024;
/// Fields of a form besides its files.
const FIELDS_MAX: usize = 16;

/// What came: fields, and files that are stored but belong to no comment yet.
pub(super) struct Upload {
    pub(super) fields: Map<String, Value>,
    pub(super) files: Vec<Received>,
}

/// Reads the request, storing its files.
///
/// # Errors
/// 415 for another media type or a file of a kind that is not taken, 413 for a file or fields too large, 422 for too
/// many files, 400 for a body that breaks off. Nothing that was stored remains.
pub(super) async fn receive(request: Request, now: i64) -> Result<Upload, Problem> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_owned();
    if let Ok(boundary) = multer::parse_boundary(&media_type) {
        return receive_form(request.into_body(), boundary, now).await;
    }
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::unsupported_media_type("Send application/json or multipart/form-data."));
    }
    let body = read_body(request.into_body(), FIELDS_BYTES_MAX).await?;
    Ok(Upload { fields: parse_json(&body)?, files: Vec::new() })
}

/// Takes stored files away again. What cannot be taken away now, the sweep finds later.
pub(super) async fn discard(files: &[Received]) {
    for file in files {
        let gone = match blob::delete(&file.storage_key).await {
            Ok(()) => store::forget(&file.storage_key).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(reason) = gone {
            log::warn("an upload is left to the sweep", &json!({ "blob.key": file.storage_key, "reason": reason }));
        }
    }
}

async fn receive_form(body: Body, boundary: String, now: i64) -> Result<Upload, Problem> {
    let mut form = Multipart::new(body.into_data_stream(), boundary);
    let mut upload = Upload { fields: Map::new(), files: Vec::new() };
    match receive_parts(&mut form, &mut upload, now).await {
        Ok(()) => Ok(upload),
        Err(problem) => {
            discard(&upload.files).await;
            Err(problem)
        }
    }
}

async fn receive_parts(form: &mut Multipart<'static>, upload: &mut Upload, now: i64) -> Result<(), Problem> {
    let mut fields_left = FIELDS_BYTES_MAX;
    while let Some(part) = form.next_field().await.map_err(|error| broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name() == Some("") {
            // A browser's file input that was left empty.
            continue;
        }
        if part.file_name().is_none() {
            let text = read_text(part, &mut fields_left).await?;
            upload.fields.insert(name, Value::String(text));
            if upload.fields.len() > FIELDS_MAX {
                return Err(Problem::invalid("files", format!("the form has more than {FIELDS_MAX} fields")));
            }
        } else if !matches!(name.as_str(), "files" | "files[]" | "file") {
            return Err(Problem::invalid(name, "is not a field for files; use files[]"));
        } else if upload.files.len() == FILES_MAX {
            return Err(Problem::invalid("files", format!("at most {FILES_MAX} files are taken")));
        } else {
            let file = receive_file(part, now).await?;
            upload.files.push(file);
        }
    }
    Ok(())
}

async fn read_text(mut part: Field<'static>, left: &mut usize) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        *left = left.checked_sub(chunk.len()).ok_or_else(|| {
            Problem::new(Slug::BodyTooLarge).detail(format!("The fields have at most {FIELDS_BYTES_MAX} bytes."))
        })?;
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad_request("The fields must be UTF-8."))
}

/// Looks at the beginning of a file, then lets it flow into the blob store.
async fn receive_file(mut part: Field<'static>, now: i64) -> Result<Received, Problem> {
    let given = part.file_name().unwrap_or_default().to_owned();
    let name = check_name(&given).map_err(|refusal| refuse_file(&given, &refusal))?;
    let declared = part.content_type().map(ToString::to_string);
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    while head.len() < SNIFF_BYTES
        && let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))?
    {
        head.extend_from_slice(&chunk);
    }
    let beginning = head.get(..SNIFF_BYTES).unwrap_or(&head);
    let media_type =
        check_content(&name, declared.as_deref(), beginning).map_err(|refusal| refuse_file(&given, &refusal))?;
    let storage_key = format!("files/{}", id::new());
    store::intend(&storage_key, now).await?;
    let rest = futures::stream::once(async move { Ok(Bytes::from(head)) }).chain(part);
    let stored = blob::put(&storage_key, media_type, FILE_BYTES_MAX, Body::from_stream(rest)).await;
    let info = match stored {
        Ok(info) => info,
        Err(error) => {
            // Nothing was kept, so only the note of it has to go; the sweep would do it as well.
            drop(store::forget(&storage_key).await);
            return Err(refuse_blob(&name, error));
        }
    };
    let size = i64::try_from(info.size).unwrap_or(i64::MAX);
    Ok(Received { storage_key, name, media_type, size, sha256: info.sha256 })
}

fn refuse_blob(name: &str, error: blob::Error) -> Problem {
    match error {
        blob::Error::TooLarge(limit) => {
            Problem::new(Slug::BodyTooLarge).detail(format!("{name}: a file has at most {limit} bytes."))
        }
        error => error.into(),
    }
}

fn refuse_file(name: &str, refusal: &FileRefusal) -> Problem {
    let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    match refusal {
        FileRefusal::Kind | FileRefusal::Content => {
            Problem::unsupported_media_type(format!("{name}: {}.", refusal.message()))
        }
        FileRefusal::Name | FileRefusal::Empty => Problem::invalid("files", format!("{name}: {}", refusal.message())),
    }
}

fn broken(error: &multer::Error) -> Problem {
    Problem::bad_request("The form is not well made, or it ended too early.").cause(error)
}

#[cfg(test)]
mod tests;
