//! Files in real folders: what comes back, and what is on disk after limits, interruptions, races and crashes.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy knows tests only by their attribute")]

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use blob::{BlobProvider, BlobStore, CHUNK_BYTES, Content, Data, Error, Info, NewFile, TRANSFERS_MAX};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, TryStreamExt, future, stream};

const GRANT: u64 = 1 << 20;

fn open(dir: &Path) -> BlobProvider {
    BlobProvider::open(dir.to_owned(), Arc::new(|| 1_700_000_000_000_000)).unwrap()
}

fn files(dir: &Path) -> BlobStore {
    open(dir).store("tickets", GRANT)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn data(bytes: &[u8]) -> Data {
    let pieces: Vec<io::Result<Bytes>> = bytes.chunks(10_000).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
    stream::iter(pieces).boxed()
}

fn new(key: &str) -> NewFile<'_> {
    NewFile { key, content_type: "text/plain", max_bytes: u64::MAX }
}

async fn put(files: &BlobStore, key: &str, bytes: &[u8]) -> Result<Info, Error> {
    files.put(new(key), data(bytes), soon()).await
}

async fn read(content: Content) -> Vec<u8> {
    content.try_collect::<Vec<Bytes>>().await.unwrap().concat()
}

async fn get(files: &BlobStore, key: &str) -> Vec<u8> {
    read(files.get(key, soon()).await.unwrap().1).await
}

fn names(dir: PathBuf) -> Vec<String> {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn partial(dir: &Path) -> Vec<String> {
    names(dir.join("tickets/.partial"))
}

/// The stored file where there is exactly one.
fn stored(dir: &Path) -> PathBuf {
    let own = dir.join("tickets");
    let mut found: Vec<_> = names(own.clone()).into_iter().filter(|name| name != ".partial").collect();
    assert_eq!(found.len(), 1, "{found:?}");
    own.join(found.remove(0))
}

#[tokio::test]
async fn content_of_any_size_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    for size in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES + 3] {
        let bytes: Vec<u8> = (0..size).map(|i| u8::try_from(i % 253).unwrap()).collect();
        let info = put(&files, "a/b.txt", &bytes).await.unwrap();
        assert_eq!(files.head("a/b.txt", soon()).await.unwrap(), info);
        let (found, content) = files.get("a/b.txt", soon()).await.unwrap();
        assert_eq!((found.size, found), (u64::try_from(size).unwrap(), info));
        assert!(read(content).await == bytes, "{size} bytes differ");
    }
}

#[tokio::test]
async fn the_description_is_true() {
    let dir = tempfile::tempdir().unwrap();
    let info = put(&files(dir.path()), "k", b"abc").await.unwrap();
    let expected = Info {
        key: "k".into(),
        size: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into(),
        content_type: "text/plain".into(),
        created: 1_700_000_000_000_000,
    };
    assert_eq!(info, expected);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&stored(dir.path())), mode(&dir.path().join("tickets"))), (0o600, 0o700));
    assert_eq!(files(dir.path()).head("k", soon()).await.unwrap(), expected, "after opening again");
}

#[tokio::test]
async fn the_smaller_limit_holds_and_the_old_content_stays() {
    let dir = tempfile::tempdir().unwrap();
    let provider = open(dir.path());
    let files = provider.store("tickets", 20_000);
    put(&files, "k", &vec![1; 20_000]).await.unwrap();
    let over_grant = put(&files, "k", &vec![2; 20_001]).await;
    assert!(matches!(over_grant, Err(Error::TooLarge { limit: 20_000 })), "{over_grant:?}");
    let over_call = files.put(NewFile { max_bytes: 9, ..new("k") }, data(&[2; 10]), soon()).await;
    assert!(matches!(over_call, Err(Error::TooLarge { limit: 9 })), "{over_call:?}");
    assert!(get(&files, "k").await == vec![1; 20_000]);
    assert!(partial(dir.path()).is_empty());
}

#[tokio::test]
async fn an_interrupted_writer_keeps_nothing_of_its_own_and_all_of_the_old() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    put(&files, "k", b"old").await.unwrap();
    let broken = data(&vec![2; 200_000]).chain(stream::iter([Err(io::ErrorKind::BrokenPipe.into())])).boxed();
    let interrupted = files.put(new("k"), broken, soon()).await;
    assert!(matches!(interrupted, Err(Error::Interrupted)), "{interrupted:?}");
    assert_eq!(get(&files, "k").await, b"old");
    assert!(partial(dir.path()).is_empty());
}

/// Method: the data says when it is asked for more, which is after the first chunk is on disk; then the caller goes away.
#[tokio::test]
async fn a_caller_who_goes_away_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let (asked, more) = tokio::sync::oneshot::channel();
    let stalls = stream::once(async move {
        asked.send(()).unwrap();
        future::pending().await
    });
    let data = data(&vec![2; CHUNK_BYTES]).chain(stalls).boxed();
    let mut put = files.put(new("k"), data, soon()).boxed();
    tokio::select! {
        _ = &mut put => panic!("the data never ends"),
        asked = more => asked.unwrap(),
    }
    assert_eq!(partial(dir.path()).len(), 1);
    drop(put);
    assert!(partial(dir.path()).is_empty());
    assert!(matches!(files.head("k", soon()).await, Err(Error::NotFound)));
}

#[tokio::test(start_paused = true)]
async fn a_writer_past_its_deadline_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let data = data(&vec![2; CHUNK_BYTES]).chain(stream::pending()).boxed();
    let late = files.put(new("k"), data, soon()).await;
    assert!(matches!(late, Err(Error::Timeout)), "{late:?}");
    assert!(partial(dir.path()).is_empty());
}

#[tokio::test]
async fn who_reads_finishes_with_what_he_began() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let old = vec![1; 3 * CHUNK_BYTES];
    put(&files, "k", &old).await.unwrap();
    let (_, mut first) = files.get("k", soon()).await.unwrap();
    let (_, second) = files.get("k", soon()).await.unwrap();
    let begun = first.next().await.unwrap().unwrap();
    put(&files, "k", b"new").await.unwrap();
    assert_eq!(get(&files, "k").await, b"new");
    files.delete("k", soon()).await.unwrap();
    assert!([begun.to_vec(), read(first).await].concat() == old);
    assert!(read(second).await == old);
}

#[tokio::test]
async fn deleting_twice_or_what_never_was_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    files.delete("never", soon()).await.unwrap();
    put(&files, "k", b"x").await.unwrap();
    files.delete("k", soon()).await.unwrap();
    files.delete("k", soon()).await.unwrap();
    assert!(matches!(files.get("k", soon()).await.err(), Some(Error::NotFound)));
    assert!(matches!(files.head("k", soon()).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn components_do_not_meet_and_a_key_is_no_folder_of_another() {
    let dir = tempfile::tempdir().unwrap();
    let provider = open(dir.path());
    let (tickets, auth) = (provider.store("tickets", GRANT), provider.store("auth", GRANT));
    put(&tickets, "a", b"1").await.unwrap();
    put(&tickets, "a/b", b"2").await.unwrap();
    put(&auth, "a", b"3").await.unwrap();
    assert_eq!((get(&tickets, "a").await, get(&tickets, "a/b").await), (b"1".to_vec(), b"2".to_vec()));
    assert_eq!(get(&auth, "a").await, b"3");
}

#[tokio::test]
async fn what_breaks_the_rules_is_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let provider = open(dir.path());
    let files = provider.store("tickets", GRANT);
    for (key, content_type) in [("../k", ""), ("", ""), ("k", "text/plain\r\nx: y"), ("k", "ä")] {
        let refused = files.put(NewFile { content_type, ..new(key) }, data(b"x"), soon()).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    }
    for component in ["", ".", "..", "../x", "a/b"] {
        let refused = put(&provider.store(component, GRANT), "k", b"x").await;
        assert!(matches!(refused, Err(Error::Invalid { field: "component", .. })), "{refused:?}");
    }
    assert!(names(dir.path().to_owned()).is_empty());
}

/// Method: a partial file lies there at the start, as a power cut leaves it.
#[tokio::test]
async fn opening_sweeps_what_a_crash_left_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    put(&files(dir.path()), "k", b"kept").await.unwrap();
    std::fs::write(dir.path().join("tickets/.partial/0123"), b"half").unwrap();
    let files = files(dir.path());
    assert!(partial(dir.path()).is_empty());
    assert_eq!(get(&files, "k").await, b"kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_writers_of_one_key_leave_one_whole_content() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let mut racers = tokio::task::JoinSet::new();
    for writer in 0..8_u8 {
        let files = files.clone();
        racers.spawn(async move { put(&files, "k", &vec![writer; 3 * CHUNK_BYTES]).await.unwrap() });
    }
    let infos = racers.join_all().await;
    let (info, content) = files.get("k", soon()).await.unwrap();
    assert!(infos.contains(&info));
    let bytes = read(content).await;
    assert!(bytes.len() == 3 * CHUNK_BYTES && bytes.iter().all(|b| *b == bytes[0]));
    assert!(partial(dir.path()).is_empty());
    stored(dir.path());
}

#[tokio::test]
async fn a_damaged_file_is_told_from_a_short_one() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    put(&files, "k", &vec![1; 3 * CHUNK_BYTES]).await.unwrap();
    let (_, content) = files.get("k", soon()).await.unwrap();
    let file = std::fs::File::options().write(true).open(stored(dir.path())).unwrap();
    file.set_len(4096 + 5).unwrap();
    let ended = content.try_collect::<Vec<Bytes>>().await;
    assert!(matches!(ended, Err(Error::Damaged)), "{ended:?}");
    for len in [4096 + 5, 4096, 100, 0] {
        file.set_len(len).unwrap();
        let opened = files.head("k", soon()).await;
        assert!(matches!(opened, Err(Error::Damaged)), "{len}: {opened:?}");
    }
    put(&files, "k", b"mended").await.unwrap();
    assert_eq!(get(&files, "k").await, b"mended");
}

#[tokio::test]
async fn open_transfers_are_counted_until_they_end() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    put(&files, "k", b"x").await.unwrap();
    let mut open = Vec::new();
    for _ in 0..TRANSFERS_MAX {
        open.push(files.get("k", soon()).await.unwrap().1);
    }
    assert!(matches!(files.get("k", soon()).await.err(), Some(Error::TooMany)));
    assert!(matches!(put(&files, "k", b"y").await, Err(Error::TooMany)));
    let mut read_to_the_end = open.pop().unwrap();
    while read_to_the_end.next().await.is_some() {}
    put(&files, "k", b"y").await.unwrap();
    drop(open.pop());
    put(&files, "k", b"z").await.unwrap();
}
