//! The interface's own types and streams, in a real store, with host streams standing in for the guest's.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use tokio::sync::oneshot;
use wasmtime::component::{
    Accessor, Destination, FutureConsumer, FutureReader, ResourceTable, Source, StreamProducer, StreamReader,
    StreamResult, VecBuffer,
};
use wasmtime::{Config, Engine, Store, StoreContextMut};

use super::upload::upload;
use super::{BlobData, wit};
use crate::{BlobCtx, BlobProvider, BlobView, CHUNK_BYTES, HasBlob};

struct State {
    blob: BlobCtx,
    table: ResourceTable,
}

impl HasBlob for State {
    fn blob(&mut self) -> BlobView<'_> {
        BlobView { ctx: &mut self.blob, table: &mut self.table }
    }
}

type Guest = Accessor<State, BlobData>;

/// A granted instance on a folder of its own; files up to 1 MiB.
fn instance(dir: &tempfile::TempDir) -> Store<State> {
    let provider = BlobProvider::open(dir.path().to_owned(), Arc::new(|| 7)).unwrap();
    let blob = BlobCtx::new("tickets", Some(provider.store("tickets", 1 << 20)));
    store(blob)
}

fn store(blob: BlobCtx) -> Store<State> {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    Store::new(&Engine::new(&config).unwrap(), State { blob, table: ResourceTable::new() })
}

async fn within<R: Send + 'static>(store: &mut Store<State>, calls: impl AsyncFnOnce(&Guest) -> R) -> R {
    store.run_concurrent(async |accessor| calls(&accessor.with_getter::<BlobData>(State::blob)).await).await.unwrap()
}

async fn put(guest: &Guest, key: &str, bytes: Vec<u8>) -> Result<wit::Info, wit::Error> {
    let data = guest.with(|mut access| StreamReader::new(&mut access, bytes)).unwrap();
    put_stream(guest, key, data).await
}

async fn put_stream(guest: &Guest, key: &str, data: StreamReader<u8>) -> Result<wit::Info, wit::Error> {
    let key = key.to_owned();
    <BlobData as wit::HostWithStore<State>>::put(guest, key, "text/plain".into(), u64::MAX, data).await.unwrap()
}

async fn get(guest: &Guest, key: &str) -> Result<super::Opened, wit::Error> {
    <BlobData as wit::HostWithStore<State>>::get(guest, key.to_owned()).await.unwrap()
}

async fn read(guest: &Guest, bytes: StreamReader<u8>) -> Vec<u8> {
    let (consumer, pieces) = upload();
    guest.with(|mut access| bytes.pipe(&mut access, consumer)).unwrap();
    pieces.collect::<Vec<Bytes>>().await.concat()
}

struct End(Option<oneshot::Sender<Result<(), wit::Error>>>);

impl FutureConsumer<State> for End {
    type Item = Result<(), wit::Error>;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<'_, State>,
        mut source: Source<'_, Self::Item>,
        _: bool,
    ) -> Poll<wasmtime::Result<()>> {
        let mut value = None;
        source.read(store, &mut value)?;
        self.0.take().unwrap().send(value.unwrap()).unwrap();
        Poll::Ready(Ok(()))
    }
}

async fn end_of(guest: &Guest, end: FutureReader<Result<(), wit::Error>>) -> Result<(), wit::Error> {
    let (sender, ended) = oneshot::channel();
    guest.with(|mut access| end.pipe(&mut access, End(Some(sender)))).unwrap();
    ended.await.unwrap()
}

/// A guest that writes one chunk and then neither goes on nor ends.
struct Stalls(Option<Vec<u8>>);

impl StreamProducer<State> for Stalls {
    type Item = u8;
    type Buffer = VecBuffer<u8>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: StoreContextMut<'a, State>,
        mut destination: Destination<'a, u8, VecBuffer<u8>>,
        _: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let Some(chunk) = self.0.take() else { return Poll::Pending };
        destination.set_buffer(chunk.into());
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

fn partial_files(dir: &tempfile::TempDir) -> usize {
    std::fs::read_dir(dir.path().join("tickets/.partial")).unwrap().count()
}

#[tokio::test]
async fn what_a_guest_writes_another_reads_and_can_pipe_on() {
    let dir = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..3 * CHUNK_BYTES + 17).map(|i| u8::try_from(i % 251).unwrap()).collect();
    within(&mut instance(&dir), async move |guest| {
        let stored = put(guest, "a/b", bytes.clone()).await.unwrap();
        assert_eq!((stored.size, stored.created), (u64::try_from(bytes.len()).unwrap(), 7));
        let (info, stream, end) = get(guest, "a/b").await.unwrap();
        assert_eq!((info.sha256.as_str(), info.content_type.as_str()), (stored.sha256.as_str(), "text/plain"));
        assert_eq!(read(guest, stream).await, bytes);
        assert!(end_of(guest, end).await.is_ok());
        let (_, stream, end) = get(guest, "a/b").await.unwrap();
        assert_eq!(put_stream(guest, "copy", stream).await.unwrap().sha256, stored.sha256);
        assert!(end_of(guest, end).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_upload_past_the_grant_is_cut_off_and_nothing_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    within(&mut instance(&dir), async |guest| {
        let refused = put(guest, "k", vec![0; (1 << 20) + 1]).await;
        assert!(matches!(refused, Err(wit::Error::TooLarge(limit)) if limit == 1 << 20), "{refused:?}");
        assert!(matches!(get(guest, "k").await, Err(wit::Error::NotFound)));
    })
    .await;
    assert_eq!(partial_files(&dir), 0);
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_stalls_ends_with_the_deadline_and_nothing_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    within(&mut instance(&dir), async |guest| {
        let chunk = vec![1; CHUNK_BYTES];
        let data = guest.with(|mut access| StreamReader::new(&mut access, Stalls(Some(chunk)))).unwrap();
        let stalled = put_stream(guest, "k", data).await;
        assert!(matches!(stalled, Err(wit::Error::Timeout)), "{stalled:?}");
    })
    .await;
    assert_eq!(partial_files(&dir), 0);
}

/// Method: the call is polled until it waits for a guest that stalls; then the call and the whole store go away, as they
/// do when an instance is stopped half way.
#[tokio::test]
async fn an_instance_that_goes_away_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = instance(&dir);
    let uploading = within(&mut store, async |guest| {
        let chunk = vec![1; CHUNK_BYTES];
        let data = guest.with(|mut access| StreamReader::new(&mut access, Stalls(Some(chunk)))).unwrap();
        drop(put_stream(guest, "k", data).await);
    });
    let mut uploading = Box::pin(uploading);
    while !dir.path().join("tickets/.partial").is_dir() || partial_files(&dir) == 0 {
        assert!(uploading.as_mut().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    drop(uploading);
    drop(store);
    // A step on the blocking pool may hold the file a moment longer.
    let dropped = Instant::now();
    while partial_files(&dir) > 0 {
        assert!(dropped.elapsed() < Duration::from_secs(20), "the partial file stays");
        tokio::task::yield_now().await;
    }
    let mut fresh = instance(&dir);
    within(&mut fresh, async |guest| assert!(matches!(get(guest, "k").await, Err(wit::Error::NotFound)))).await;
}

#[tokio::test]
async fn letting_go_of_a_download_early_is_told_as_interrupted() {
    let dir = tempfile::tempdir().unwrap();
    within(&mut instance(&dir), async |guest| {
        put(guest, "k", vec![0; 4 * CHUNK_BYTES]).await.unwrap();
        let (_, mut stream, end) = get(guest, "k").await.unwrap();
        stream.close_with(guest).unwrap();
        assert!(matches!(end_of(guest, end).await, Err(wit::Error::Interrupted)));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_download_ends_with_the_deadline_of_its_request() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = instance(&dir);
    store.data_mut().blob.begin_request(Instant::now() + Duration::from_mins(1));
    within(&mut store, async |guest| {
        put(guest, "k", vec![0; 4 * CHUNK_BYTES]).await.unwrap();
        let (_, stream, end) = get(guest, "k").await.unwrap();
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(read(guest, stream).await.is_empty());
        assert!(matches!(end_of(guest, end).await, Err(wit::Error::Timeout)));
    })
    .await;
}

#[tokio::test]
async fn without_the_grant_every_call_is_denied() {
    within(&mut store(BlobCtx::new("tickets", None)), async |guest| {
        assert!(matches!(put(guest, "k", vec![1]).await, Err(wit::Error::Denied)));
        assert!(matches!(get(guest, "k").await, Err(wit::Error::Denied)));
        let head = <BlobData as wit::HostWithStore<State>>::head(guest, "k".into()).await.unwrap();
        assert!(matches!(head, Err(wit::Error::Denied)));
        let deleted = <BlobData as wit::HostWithStore<State>>::delete(guest, "k".into()).await.unwrap();
        assert!(matches!(deleted, Err(wit::Error::Denied)));
    })
    .await;
}
