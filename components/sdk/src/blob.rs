//! Files of the component (`wharf:blob`), streamed in and out, never held whole.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use axum::body::{Body, Bytes};
use futures::StreamExt;
use wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter};

use crate::bindings::wharf::blob::blob;
use crate::bindings::wit_stream;

pub use blob::{Error, Info};

/// How much of a file is read at once; the host reads ahead by itself.
const CHUNK_BYTES: usize = 64 * 1024;

/// Stores a body under a key, replacing what was there, once it ended well. Keys are 1 to 512 bytes of
/// `a-z A-Z 0-9 . _ - /` without empty, `.` or `..` segments.
///
/// Dropping the future, or a body that breaks off, keeps nothing.
///
/// # Errors
/// [`Error::TooLarge`] past `max_bytes` or the component's grant, [`Error::Interrupted`] if the body broke off.
pub async fn put(key: &str, content_type: &str, max_bytes: u64, body: Body) -> Result<Info, Error> {
    let (writer, reader) = wit_stream::new();
    let call = Box::pin(blob::put(key.to_owned(), content_type.to_owned(), max_bytes, reader));
    let mut pump = pin!(pump(body, writer));
    let mut call = Some(call);
    let mut pumping = true;
    std::future::poll_fn(|context| {
        if pumping && let Poll::Ready(end) = pump.as_mut().poll(context) {
            pumping = false;
            if let Err(writer) = end {
                // The call is cancelled before its stream is closed, since a closed stream means a whole file.
                call = None;
                drop(writer);
            }
        }
        match &mut call {
            Some(call) => call.as_mut().poll(context),
            None => Poll::Ready(Err(Error::Interrupted)),
        }
    })
    .await
}

/// Copies the body. The writer comes back if the body broke off; if the reader went away, its call says why.
async fn pump(body: Body, mut writer: StreamWriter<u8>) -> Result<(), StreamWriter<u8>> {
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else { return Err(writer) };
        if !writer.write_all(chunk.into()).await.is_empty() {
            break;
        }
    }
    Ok(())
}

/// A file and its content as a body that streams. A fault on the way breaks the body off.
///
/// # Errors
/// [`Error::NotFound`], or that the store cannot be reached.
pub async fn get(key: &str) -> Result<(Info, Body), Error> {
    let (info, reader, end) = blob::get(key.to_owned()).await?;
    let chunks = futures::stream::unfold(Some((reader, end)), |state| async move {
        let (reader, end) = state?;
        next_chunk(reader, end).await
    });
    Ok((info, Body::from_stream(chunks)))
}

type Source = (StreamReader<u8>, FutureReader<Result<(), Error>>);

async fn next_chunk(
    mut reader: StreamReader<u8>,
    end: FutureReader<Result<(), Error>>,
) -> Option<(Result<Bytes, Error>, Option<Source>)> {
    let (result, chunk) = reader.read(Vec::with_capacity(CHUNK_BYTES)).await;
    if !chunk.is_empty() {
        return Some((Ok(chunk.into()), Some((reader, end))));
    }
    match result {
        StreamResult::Complete(_) => Some((Ok(Bytes::new()), Some((reader, end)))),
        StreamResult::Dropped | StreamResult::Cancelled => end.await.err().map(|error| (Err(error), None)),
    }
}

/// What is known of a file.
///
/// # Errors
/// [`Error::NotFound`], or that the store cannot be reached.
pub async fn head(key: &str) -> Result<Info, Error> {
    blob::head(key.to_owned()).await
}

/// Removes a file; an absent one is no error.
///
/// # Errors
/// That the store cannot be reached.
pub async fn delete(key: &str) -> Result<(), Error> {
    blob::delete(key.to_owned()).await
}
