//! `wharf:blob/blob` for wasmtime: translation between the interface and the plain API, nothing else.

mod download;
mod upload;

use futures::StreamExt;
use tokio::sync::oneshot;
use wasmtime::component::{Accessor, FutureReader, HasData, Linker, StreamReader};

use self::download::Download;
use self::upload::upload;
use crate::bindings::wharf::blob::blob as wit;
use crate::{BlobView, Error, HasBlob, Info, NewFile};

/// What `get` answers: the description, the bytes, and how they ended.
type Opened = (wit::Info, StreamReader<u8>, FutureReader<Result<(), wit::Error>>);

/// Marks where the interface finds its data in a store.
pub struct BlobData;

impl HasData for BlobData {
    type Data<'a> = BlobView<'a>;
}

/// Links `wharf:blob/blob`.
///
/// # Errors
/// Where the linker already defines it.
pub fn add_to_linker<T: HasBlob + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    wit::add_to_linker::<T, BlobData>(linker, T::blob)
}

impl wit::Host for BlobView<'_> {}

impl<T: Send> wit::HostWithStore<T> for BlobData {
    /// The whole upload happens inside this future: when the instance goes away half way, so does the future, and the
    /// end of its stream cannot be taken for the end of the content.
    async fn put(
        store: &Accessor<T, Self>,
        key: String,
        content_type: String,
        max_bytes: u64,
        data: StreamReader<u8>,
    ) -> wasmtime::Result<Result<wit::Info, wit::Error>> {
        let (consumer, pieces) = upload();
        let files = store.with(|mut access| {
            data.pipe(&mut access, consumer)?;
            wasmtime::error::Ok(access.get().ctx.store())
        })?;
        let put = async {
            let (files, deadline) = files?;
            let file = NewFile { key: &key, content_type: &content_type, max_bytes };
            files.put(file, pieces.map(Ok).boxed(), deadline).await
        };
        Ok(put.await.map(wit::Info::from).map_err(wit::Error::from))
    }

    async fn get(store: &Accessor<T, Self>, key: String) -> wasmtime::Result<Result<Opened, wit::Error>> {
        let files = store.with(|mut access| access.get().ctx.store());
        let opened = async {
            let (files, deadline) = files?;
            let (info, content) = files.get(&key, deadline).await?;
            Ok::<_, Error>((info, content, deadline))
        };
        let (info, content, deadline) = match opened.await {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error.into())),
        };
        let (ended, end) = oneshot::channel();
        let download = Download::new(content, deadline, ended);
        store.with(|mut access| {
            let bytes = StreamReader::new(&mut access, download)?;
            let end = FutureReader::new(&mut access, async {
                // The sender never goes away without an answer; should it, the reader did not get everything.
                let end = end.await.unwrap_or(Err(Error::Interrupted));
                wasmtime::error::Ok(end.map_err(wit::Error::from))
            })?;
            Ok(Ok((info.into(), bytes, end)))
        })
    }

    async fn head(store: &Accessor<T, Self>, key: String) -> wasmtime::Result<Result<wit::Info, wit::Error>> {
        let files = store.with(|mut access| access.get().ctx.store());
        let head = async {
            let (files, deadline) = files?;
            files.head(&key, deadline).await
        };
        Ok(head.await.map(wit::Info::from).map_err(wit::Error::from))
    }

    async fn delete(store: &Accessor<T, Self>, key: String) -> wasmtime::Result<Result<(), wit::Error>> {
        let files = store.with(|mut access| access.get().ctx.store());
        let deleted = async {
            let (files, deadline) = files?;
            files.delete(&key, deadline).await
        };
        Ok(deleted.await.map_err(wit::Error::from))
    }
}

impl From<Info> for wit::Info {
    fn from(info: Info) -> Self {
        let Info { key, size, sha256, content_type, created } = info;
        Self { key, size, sha256, content_type, created }
    }
}

impl From<Error> for wit::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied => Self::Denied,
            Error::NotFound => Self::NotFound,
            Error::Invalid { .. } => Self::Invalid(error.to_string()),
            Error::TooLarge { limit } => Self::TooLarge(limit),
            Error::Interrupted => Self::Interrupted,
            Error::TooMany => Self::Unavailable(error.to_string()),
            Error::Unavailable { ref source, .. } => {
                tracing::error!(error = %source, "{error}");
                Self::Unavailable(error.to_string())
            }
            Error::Damaged => {
                tracing::error!("{error}");
                Self::Other(error.to_string())
            }
            Error::Timeout => Self::Timeout,
        }
    }
}

#[cfg(test)]
mod tests;
