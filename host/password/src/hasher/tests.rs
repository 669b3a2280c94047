use std::time::{Duration, Instant};

use super::{Hasher, NOBODY, parse};
use crate::{Config, Error};

/// "password" with salt "somesalt": a vector of the reference implementation, at the memory limit.
const VECTOR: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

fn hasher() -> Hasher {
    Hasher::new(Config::default())
}

fn later() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

#[tokio::test]
async fn a_hash_is_fresh_each_time_and_knows_its_password() {
    let hasher = hasher();
    let one = hasher.hash("hunter42".into(), later()).await.unwrap();
    let two = hasher.hash("hunter42".into(), later()).await.unwrap();
    assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
    assert_ne!(one, two);
    assert!(hasher.verify("hunter42".into(), Some(one.clone()), later()).await.unwrap());
    assert!(!hasher.verify("hunter43".into(), Some(one), later()).await.unwrap());
}

#[tokio::test]
async fn a_hash_of_another_implementation_is_understood() {
    assert!(hasher().verify("password".into(), Some(VECTOR.into()), later()).await.unwrap());
    assert!(!hasher().verify("Password".into(), Some(VECTOR.into()), later()).await.unwrap());
}

/// Method: the work of a verification follows from what is stored, so that the two are compared instead of two times.
/// The answer itself, with its turn and its wait, is the same code (`without_a_turn_...` shows it for both).
#[tokio::test]
async fn an_unknown_name_costs_what_a_wrong_password_costs() {
    let hasher = hasher();
    let fresh = parse(&hasher.hash("hunter42".into(), later()).await.unwrap()).unwrap();
    let nobody = parse(NOBODY).unwrap();
    assert_eq!((&nobody.algorithm, nobody.version), (&fresh.algorithm, fresh.version));
    assert_eq!(nobody.params.to_string(), fresh.params.to_string());
    assert_eq!(nobody.params.to_string(), "m=19456,t=2,p=1");
    assert_eq!(nobody.salt.as_ref().map(|salt| salt.len()), fresh.salt.as_ref().map(|salt| salt.len()));
    assert_eq!(nobody.hash.map(|hash| hash.len()), fresh.hash.map(|hash| hash.len()));
    assert!(!hasher.verify("hunter42".into(), None, later()).await.unwrap());
}

#[tokio::test]
async fn lengths_are_checked_in_bytes() {
    let hasher = hasher();
    hasher.hash("é".repeat(64), later()).await.unwrap();
    let error = hasher.hash("é".repeat(65), later()).await.unwrap_err();
    assert!(matches!(error, Error::TooLong), "{error:?}");
    let error = hasher.verify("x".repeat(129), None, later()).await.unwrap_err();
    assert!(matches!(error, Error::TooLong), "{error:?}");
}

#[test]
fn a_stored_text_cannot_ask_for_more_than_the_limits() {
    let with = |params: &str| VECTOR.replace("m=65536,t=2,p=1", params);
    for good in ["m=65536,t=10,p=1", "m=19456,t=1,p=16", "m=8,t=1,p=1"] {
        assert!(parse(&with(good)).is_ok(), "{good} was refused");
    }
    for bad in ["m=65537,t=2,p=1", "m=4194304,t=2,p=1", "m=65536,t=11,p=1", "m=65536,t=2,p=17", "m=7,t=2,p=1"] {
        assert!(matches!(parse(&with(bad)), Err(Error::InvalidHash)), "{bad} was accepted");
    }
}

#[test]
fn only_a_whole_argon2id_hash_is_one() {
    let long = format!("{VECTOR}{}", "A".repeat(600));
    for text in [
        "",
        "password",
        "$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuuabcdefghijklmn",
        "$argon2id$v=19$m=65536,t=2,p=1",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ",
        &VECTOR.replace("argon2id", "argon2i"),
        &VECTOR.replace("v=19", "v=16"),
        &VECTOR.replace("v=19$", ""),
        long.as_str(),
    ] {
        assert!(matches!(parse(text), Err(Error::InvalidHash)), "{text:?} was accepted");
    }
}

/// Method: the test itself holds every turn; time is paused, so the wait costs none.
#[tokio::test(start_paused = true)]
async fn without_a_turn_the_answer_is_busy_with_or_without_a_hash() {
    let hasher = Hasher::new(Config { concurrent: 2, ..Config::default() });
    let turns = hasher.turns.acquire_many(2).await.unwrap();
    for hash in [None, Some(VECTOR.to_owned())] {
        let begun = tokio::time::Instant::now();
        let error = hasher.verify("password".into(), hash, later()).await.unwrap_err();
        assert!(matches!(error, Error::Busy), "{error:?}");
        assert!(begun.elapsed() <= Duration::from_millis(5_100), "waited {:?}", begun.elapsed());
    }
    let past = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
    assert!(matches!(hasher.hash("x".into(), past).await, Err(Error::Busy)));
    drop(turns);
    hasher.hash("x".into(), later()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_is_served_in_turns_and_every_turn_comes_back() {
    let hasher = Hasher::new(Config { concurrent: 2, wait: Duration::from_mins(1) });
    let mut burst = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let hasher = hasher.clone();
        burst.spawn(async move {
            let hashed = hasher.hash("x".into(), later()).await.is_ok();
            (hashed, hasher.turns.available_permits())
        });
    }
    assert!(burst.join_all().await.iter().all(|(hashed, free)| *hashed && *free <= 2));
    assert_eq!(hasher.turns.available_permits(), 2);
}

/// Method: the future is polled once, which takes the turn and starts the computation, then dropped.
#[tokio::test]
async fn a_caller_who_goes_away_leaves_the_turn_to_the_computation_and_then_to_the_next() {
    let hasher = Hasher::new(Config { concurrent: 1, ..Config::default() });
    let mut hashing = Box::pin(hasher.hash("x".into(), later()));
    std::future::poll_fn(|cx| {
        assert!(hashing.as_mut().poll(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
    drop(hashing);
    assert!(hasher.verify("x".into(), None, later()).await.is_ok());
}
