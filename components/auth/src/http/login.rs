//! `POST /api/v1/auth/login`: a person shows who they are and gets a session, or a code by mail.

use axum::response::Response;
use http::HeaderMap;
use sdk::clock::{self, Timestamp};
use sdk::http::Json;
use sdk::problem::Invalid;
use sdk::sql::{self, Transaction};
use sdk::{Problem, password};
use serde::Deserialize;

use super::attempt::{Claimed, letter_about};
use super::codes::{self, asked};
use super::cookies::Tokens;
use super::post::{Post, after_answer};
use super::session::{Family, issue, welcome};
use super::{caller, refuse};
use crate::domain::challenge::Purpose;
use crate::domain::password::BYTES_MAX;
use crate::domain::sign_in::{Admission, Attempt, Decision, Refusal, decide};
use crate::domain::user::{User, is_email, normal_email};
use crate::keys::Keys;
use crate::store::users;

/// What is sent.
#[derive(Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: String,
}

impl Credentials {
    fn check(&self) -> Result<(), Problem> {
        let mut invalid = Invalid::new();
        invalid
            .check(is_email(&normal_email(&self.email)), "email", "is no e-mail address")
            .check(!self.password.is_empty(), "password", "is missing")
            .check(self.password.len() <= BYTES_MAX, "password", "is longer than 128 bytes");
        invalid.finish()
    }
}

/// How far somebody came.
enum Entered {
    Session(Tokens, Box<User>),
    /// What the browser shows again with the code.
    Code(String),
}

/// How an attempt ended, and the letters that go out for it.
struct Settled {
    outcome: Result<Entered, Refusal>,
    posts: Vec<Post>,
}

/// Lets somebody in, or says why not. The hash is computed between two transactions, since it takes long and would
/// keep other writers waiting; the second one decides on the counters as they are then.
pub(super) async fn login(keys: Keys, headers: HeaderMap, Json(input): Json<Credentials>) -> Result<Response, Problem> {
    input.check()?;
    let (claimed, refusal) = Claimed::by_email(normal_email(&input.email), caller(&headers)).await?;
    if let Some(refusal) = refusal {
        return Err(refuse(refusal));
    }
    let matches = password::verify(&input.password, claimed.password_hash.as_deref()).await?;
    let Settled { outcome, posts } = sql::retry(|| settle(keys, &claimed, matches)).await?;
    after_answer(posts);
    match outcome.map_err(refuse)? {
        Entered::Session(tokens, user) => welcome(&tokens, *user).await,
        Entered::Code(secret) => Ok(asked(&secret)),
    }
}

/// Decides with what is true now, keeps the counters and the journal, and makes the tokens or the code.
async fn settle(keys: Keys, claimed: &Claimed, password_matches: bool) -> Result<Settled, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let user = match claimed.user_id {
        Some(id) => users::by_id(&tx, id).await?,
        None => None,
    };
    let before = claimed.counters(&tx).await?;
    let (account, address) = (before.account, before.address);
    let decision = decide(&Attempt { user: user.as_ref(), password_matches, account, address }, now.0);
    claimed.keep(&tx, before, &decision, now).await?;
    let mut posts = Vec::from_iter(letter_about(user.as_ref(), &account, &decision, now));
    let outcome = enter(&tx, keys, claimed, (&decision, user, now), &mut posts).await?;
    let word = match &outcome {
        Ok(_) => decision.outcome.map_or("ok", Admission::outcome),
        Err(refusal) => refusal.outcome(),
    };
    claimed.log(&tx, word, now).await?;
    tx.commit().await?;
    Ok(Settled { outcome, posts })
}

/// The tokens, or the code that is mailed first.
async fn enter(
    tx: &Transaction,
    keys: Keys,
    claimed: &Claimed,
    (decision, user, now): (&Decision, Option<User>, Timestamp),
    posts: &mut Vec<Post>,
) -> Result<Result<Entered, Refusal>, Problem> {
    let (admission, user) = match (decision.outcome, user) {
        (Ok(admission), Some(user)) => (admission, user),
        (Ok(_), None) => return Ok(Err(Refusal::Credentials { left: None })),
        (Err(refusal), _) => return Ok(Err(refusal)),
    };
    match admission {
        Admission::Session => {
            users::signed_in(tx, user.id, now).await?;
            let family = Family { id: sdk::id::new(), started_at: now.0 };
            let (tokens, _) = issue(tx, keys, (&user, family), &claimed.caller, now).await?;
            Ok(Ok(Entered::Session(tokens, Box::new(user))))
        }
        Admission::Code => match codes::start(tx, keys, (&user, Purpose::LogIn), now).await? {
            Ok((secret, post)) => {
                posts.push(post);
                Ok(Ok(Entered::Code(secret)))
            }
            Err(seconds) => Ok(Err(Refusal::Codes { seconds })),
        },
    }
}
