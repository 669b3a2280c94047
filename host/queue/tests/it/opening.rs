//! What is wrong with the server of a book is named, so that an operator can act on it.

use std::sync::Arc;

use queue::{Book, BookComplaint, Clock, Error, PostgresConfig, PostgresTls, QueueProvider};

use crate::server::{ROLE, config, schema, shared};

fn clock() -> Clock {
    Arc::new(|| jiff::Timestamp::now().as_microsecond())
}

/// A book on the server of this process that nobody else has.
fn fresh() -> PostgresConfig {
    config(shared().port(), &schema())
}

/// What is said when a queue is opened, and when the server is only tried.
async fn complaints(config: &PostgresConfig) -> (Option<BookComplaint>, Vec<BookComplaint>) {
    let opened = QueueProvider::open(Book::Postgres(config.clone()), clock(), Vec::new());
    let complaint = match opened.map(drop) {
        Ok(()) => None,
        Err(Error::Book(complaint)) => Some(complaint),
        Err(error) => panic!("{error:?}"),
    };
    (complaint, config.probe(&clock()).await)
}

#[tokio::test]
async fn a_server_that_will_do_has_no_complaint_before_and_after_it_is_used() {
    let config = fresh();
    assert_eq!(config.probe(&clock()).await, []);
    assert_eq!(shared().psql(&config.database, &format!("select to_regnamespace('{}')", config.schema)), "");
    assert_eq!(complaints(&config).await, (None, vec![]));
}

#[tokio::test]
async fn a_wrong_password_a_wrong_place_and_a_wrong_database_are_told_apart() {
    let config = fresh();
    let wrong = PostgresConfig { password: Some("s3cret".into()), ..config.clone() };
    let (opened, probed) = complaints(&wrong).await;
    assert!(matches!(&opened, Some(BookComplaint::LogIn { user, .. }) if user == ROLE), "{opened:?}");
    assert!(!format!("{opened:?} {probed:?} {wrong:?} {}", probed[0]).contains("s3cret"));
    let wrong = PostgresConfig { database: "nowhere".into(), ..config.clone() };
    assert!(
        matches!(complaints(&wrong).await.0, Some(BookComplaint::LogIn { reason, .. }) if reason.contains("nowhere"))
    );
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let wrong = PostgresConfig { port: nobody, ..config.clone() };
    let (opened, probed) = complaints(&wrong).await;
    assert!(matches!(opened, Some(BookComplaint::Unreachable { .. })));
    assert!(matches!(&probed[..], [BookComplaint::Unreachable { place, .. }] if place.ends_with(&nobody.to_string())));
    let wrong = PostgresConfig { tls: PostgresTls::Require, ..config };
    assert!(matches!(complaints(&wrong).await.0, Some(BookComplaint::Tls { .. })));
}

#[tokio::test]
async fn a_right_that_is_missing_is_named_and_a_schema_that_was_made_for_the_role_will_do() {
    let (server, config) = (shared(), fresh());
    let (user, schema) = (format!("narrow_{}", config.schema), config.schema.clone());
    server.psql(&config.database, &format!("create role {user} login password 'narrow'"));
    let config = PostgresConfig { user: user.clone(), password: Some("narrow".into()), ..config };
    let (opened, probed) = complaints(&config).await;
    for complaint in [opened.unwrap(), probed[0].clone()] {
        assert!(matches!(&complaint, BookComplaint::Right { user: whose, .. } if *whose == user), "{complaint:?}");
    }
    server.psql(&config.database, &format!("create schema {schema} authorization {user}"));
    assert_eq!(complaints(&config).await, (None, vec![]));
}

#[tokio::test]
async fn a_book_of_a_later_version_and_a_strange_name_are_refused() {
    let config = fresh();
    assert_eq!(complaints(&config).await.0, None);
    shared().psql(&config.database, &format!("update {}.version set version = 99", config.schema));
    let (opened, _) = complaints(&config).await;
    assert!(matches!(opened, Some(BookComplaint::Later { version: 99, .. })), "{opened:?}");
    for name in ["", "Queue", "pg_queue", "a'b", "1st"] {
        let wrong = PostgresConfig { schema: name.into(), ..config.clone() };
        let complaint = BookComplaint::Name { schema: name.into() };
        assert_eq!(complaints(&wrong).await, (Some(complaint.clone()), vec![complaint]));
    }
}

#[tokio::test]
async fn a_clock_far_from_the_servers_is_named() {
    let ahead: Clock = Arc::new(|| jiff::Timestamp::now().as_microsecond() + 60_000_000);
    let complaints = fresh().probe(&ahead).await;
    assert!(matches!(complaints[..], [BookComplaint::Clock { seconds: -61..=-59 }]), "{complaints:?}");
}

#[tokio::test]
async fn hosts_that_start_together_make_the_book_once() {
    let config = fresh();
    let open = || {
        let book = Book::Postgres(config.clone());
        tokio::task::spawn_blocking(move || QueueProvider::open(book, clock(), Vec::new()).map(drop))
    };
    for opened in futures::future::join_all([open(), open(), open(), open()]).await {
        opened.unwrap().unwrap();
    }
}
