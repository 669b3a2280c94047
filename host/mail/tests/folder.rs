//! Mail into real folders: what is on disk after sending, repeating, racing, crashing and being refused.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy knows tests only by their attribute")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mail::{Clock, Delivery, Error, MailProvider, Mailer, Message, Outgoing, Transport};
use mail_parser::MessageParser;

const NOON: i64 = 1_700_000_000_000_000;

fn clock() -> Clock {
    Arc::new(|| NOON)
}

fn open(dir: &Path) -> MailProvider {
    MailProvider::open(dir.to_owned(), "Wharf <no-reply@example.org>", clock()).unwrap()
}

fn message(key: Option<&str>) -> Message {
    Message {
        to: "Ada <ada@example.org>".into(),
        subject: "Hello".into(),
        text: "Hi Ada".into(),
        html: Some("<p>Hi Ada</p>".into()),
        idempotency_key: key.map(str::to_owned),
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// Names of the accepted messages, sorted.
fn accepted(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

fn entries(dir: &Path) -> usize {
    std::fs::read_dir(dir).unwrap().count()
}

async fn send(mailer: &Mailer, key: Option<&str>) -> String {
    mailer.send(message(key), soon()).await.unwrap()
}

#[tokio::test]
async fn a_message_becomes_one_private_file_named_by_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let id = send(&open(dir.path()).mailer("tickets"), None).await;
    let names = accepted(dir.path());
    assert_eq!(names.len(), 1);
    let bare = id.strip_prefix('<').unwrap().strip_suffix('>').unwrap();
    let left = bare.strip_suffix("@example.org").unwrap();
    assert_eq!(names[0], format!("20231114T221320.000000Z-{left}.eml"));
    let path = dir.path().join(&names[0]);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = std::fs::read(path).unwrap();
    let read = MessageParser::new().parse(&bytes).unwrap();
    assert_eq!(read.message_id(), Some(bare));
    assert_eq!(read.from().unwrap().first().unwrap().name(), Some("Wharf"));
    assert_eq!(entries(&dir.path().join(".partial")), 0);
    assert_eq!(entries(&dir.path().join(".keys")), 0);
}

#[tokio::test]
async fn without_a_key_two_equal_messages_are_two_mails() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = open(dir.path()).mailer("tickets");
    assert_ne!(send(&mailer, None).await, send(&mailer, None).await);
    assert_eq!(accepted(dir.path()).len(), 2);
}

#[tokio::test]
async fn a_key_sends_once_also_across_a_restart_and_after_the_file_was_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    let first = send(&open(dir.path()).mailer("tickets"), Some("k")).await;
    let second = send(&open(dir.path()).mailer("tickets"), Some("k")).await;
    assert_eq!(first, second);
    let names = accepted(dir.path());
    assert_eq!(names.len(), 1);
    std::fs::remove_file(dir.path().join(&names[0])).unwrap();
    assert_eq!(send(&open(dir.path()).mailer("tickets"), Some("k")).await, first);
    assert!(accepted(dir.path()).is_empty());
}

#[tokio::test]
async fn keys_of_two_components_do_not_meet() {
    let dir = tempfile::tempdir().unwrap();
    let provider = open(dir.path());
    let tickets = send(&provider.mailer("tickets"), Some("k")).await;
    let auth = send(&provider.mailer("auth"), Some("k")).await;
    assert_ne!(tickets, auth);
    assert_eq!(accepted(dir.path()).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_senders_of_one_key_leave_one_mail() {
    let dir = tempfile::tempdir().unwrap();
    let provider = open(dir.path());
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let mailer = provider.mailer("tickets");
        racers.spawn(async move { send(&mailer, Some("same")).await });
    }
    let mut ids = racers.join_all().await;
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(accepted(dir.path()).len(), 1);
    assert_eq!(entries(&dir.path().join(".partial")), 0);
}

/// Method: lay down by hand what each crash point leaves, then open the folder again.
#[tokio::test]
async fn a_crash_leaves_the_mail_either_sent_or_absent() {
    let dir = tempfile::tempdir().unwrap();
    let id = send(&open(dir.path()).mailer("tickets"), Some("k")).await;
    let name = accepted(dir.path()).remove(0);
    let partial = dir.path().join(".partial").join(&name);

    // After the key was recorded, before the rename: opening finishes it.
    std::fs::rename(dir.path().join(&name), &partial).unwrap();
    let provider = open(dir.path());
    assert_eq!(accepted(dir.path()), std::slice::from_ref(&name));
    assert_eq!(entries(&dir.path().join(".partial")), 0);

    // While the content was written, before the record: opening removes it, and the key sends again.
    std::fs::rename(dir.path().join(&name), &partial).unwrap();
    std::fs::write(&partial, b"From: half a").unwrap();
    let key = std::fs::read_dir(dir.path().join(".keys")).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(key).unwrap();
    drop(provider);
    let provider = open(dir.path());
    assert!(accepted(dir.path()).is_empty());
    assert_eq!(entries(&dir.path().join(".partial")), 0);
    assert_eq!(send(&provider.mailer("tickets"), Some("k")).await, id);
    assert_eq!(accepted(dir.path()).len(), 1);
}

/// Method: the folder for partial files is replaced by a file, so that nothing can be written.
#[tokio::test]
async fn a_failed_write_is_unavailable_and_does_not_use_up_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = open(dir.path()).mailer("tickets");
    let partial = dir.path().join(".partial");
    std::fs::remove_dir(&partial).unwrap();
    std::fs::write(&partial, b"").unwrap();
    let error = mailer.send(message(Some("k")), soon()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the mail folder cannot be written");
    std::fs::remove_file(&partial).unwrap();
    std::fs::create_dir(&partial).unwrap();
    send(&mailer, Some("k")).await;
    assert_eq!(accepted(dir.path()).len(), 1);
}

#[tokio::test]
async fn a_refused_message_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = open(dir.path()).mailer("tickets");
    let smuggled = Message { subject: "Hi\r\nBcc: eve@example.org".into(), ..message(None) };
    let error = mailer.send(smuggled, soon()).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { field: "subject", .. }), "{error:?}");
    assert!(accepted(dir.path()).is_empty());
}

#[test]
fn the_operators_address_is_checked_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let opened = MailProvider::open(dir.path().to_owned(), "nobody", clock());
    assert!(matches!(opened.err(), Some(Error::Invalid { field: "from", .. })));
}

struct Stuck;

impl Transport for Stuck {
    fn deliver(&self, _: Outgoing) -> Delivery<'_> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_hangs_is_given_up_at_the_deadline() {
    let mailer = MailProvider::new(Stuck, "no-reply@example.org", clock()).unwrap().mailer("tickets");
    let sent = mailer.send(message(None), Instant::now() + Duration::from_hours(1)).await;
    assert!(matches!(sent, Err(Error::Timeout)), "{sent:?}");
}
