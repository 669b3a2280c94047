//! `POST /api/v1/auth/login`: a person shows who they are and gets a session.

use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, HeaderValue};
use sdk::clock::{self, Timestamp};
use sdk::http::Json;
use sdk::problem::Invalid;
use sdk::sql::{self, Isolation, Transaction};
use sdk::{Problem, password};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::cookies::{self, Tokens};
use super::session::{Family, hash, issue};
use super::view::Profile;
use super::{caller, refuse};
use crate::domain::guard::Counter;
use crate::domain::session::ACCESS_S;
use crate::domain::sign_in::{Attempt, Decision, Refusal, decide, locked};
use crate::domain::user::{User, is_email, normal_email};
use crate::keys::Keys;
use crate::store::guard::{self, Subject};
use crate::store::journal::{self, Audit, Caller, LoginEvent};
use crate::store::users;

/// The longest password that is hashed (`wharf:password`).
const PASSWORD_BYTES_MAX: usize = 128;

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
            .check(self.password.len() <= PASSWORD_BYTES_MAX, "password", "is longer than 128 bytes");
        invalid.finish()
    }
}

/// Who tries: what is looked up before the password is hashed, outside the deciding transaction.
struct Claimed {
    email: String,
    user_id: Option<Uuid>,
    password_hash: Option<String>,
    account: Subject,
    address: Option<Subject>,
    caller: Caller,
}

/// Lets somebody in, or says why not. The hash is computed between two transactions, since it takes long and would
/// keep other writers waiting; the second one decides on the counters as they are then.
pub(super) async fn login(keys: Keys, headers: HeaderMap, Json(input): Json<Credentials>) -> Result<Response, Problem> {
    input.check()?;
    let (claimed, refusal) = look_up(normal_email(&input.email), caller(&headers)).await?;
    if let Some(refusal) = refusal {
        return Err(refuse(refusal));
    }
    let matches = password::verify(&input.password, claimed.password_hash.as_deref()).await?;
    let outcome = sql::retry(|| settle(keys, &claimed, matches)).await?;
    let (tokens, user) = outcome.map_err(refuse)?;
    let cookies = cookies::set(&tokens, cookies::secure().await?).map_err(Problem::internal)?;
    let body = json!({ "success": true, "user": Profile::from(user), "expires_in": ACCESS_S });
    Ok(([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], cookies, Json(body)).into_response())
}

/// Finds the person, and the lock that refuses the attempt without a look at the password.
async fn look_up(email: String, caller: Caller) -> Result<(Claimed, Option<Refusal>), Problem> {
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let found = users::by_email(&tx, &email).await?;
    let (user_id, password_hash) = found.map_or((None, None), |found| (Some(found.user.id), found.password_hash));
    let account = user_id.map_or_else(|| Subject::Email(hash(&email)), Subject::User);
    let address = caller.address.as_deref().map(|address| Subject::Address(hash(address)));
    let claimed = Claimed { email, user_id, password_hash, account, address, caller };
    let (account, address) = counters(&tx, &claimed).await?;
    tx.rollback().await?;
    let refusal = locked(&account, &address, clock::now().0);
    Ok((claimed, refusal))
}

async fn counters(tx: &Transaction, claimed: &Claimed) -> Result<(Counter, Counter), Problem> {
    let account = guard::load(tx, &claimed.account).await?;
    let address = match &claimed.address {
        Some(address) => guard::load(tx, address).await?,
        None => Counter::default(),
    };
    Ok((account, address))
}

/// Decides with what is true now, keeps the counters and the journal, and makes the tokens.
async fn settle(
    keys: Keys,
    claimed: &Claimed,
    password_matches: bool,
) -> Result<Result<(Tokens, User), Refusal>, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let user = match claimed.user_id {
        Some(id) => users::by_id(&tx, id).await?,
        None => None,
    };
    let (account, address) = counters(&tx, claimed).await?;
    let before = (account, address);
    let decision = decide(&Attempt { user: user.as_ref(), password_matches, account, address }, now.0);
    record(&tx, claimed, before, &decision, now).await?;
    let outcome = match (decision.outcome, user) {
        (Ok(()), Some(user)) => {
            users::signed_in(&tx, user.id, now).await?;
            let family = Family { id: sdk::id::new(), started_at: now.0 };
            let (tokens, _) = issue(&tx, keys, (&user, family), &claimed.caller, now).await?;
            Ok((tokens, user))
        }
        (Ok(()), None) => Err(Refusal::Credentials { left: None }),
        (Err(refusal), _) => Err(refusal),
    };
    tx.commit().await?;
    Ok(outcome)
}

async fn record(
    tx: &Transaction,
    claimed: &Claimed,
    (account, address): (Counter, Counter),
    decision: &Decision,
    now: Timestamp,
) -> Result<(), Problem> {
    if decision.account != account {
        guard::save(tx, &claimed.account, decision.account, now).await?;
    }
    if let Some(subject) = claimed.address.as_ref().filter(|_| decision.address != address) {
        guard::save(tx, subject, decision.address, now).await?;
    }
    let outcome = decision.outcome.map_or_else(Refusal::outcome, |()| "ok");
    let event = LoginEvent { user_id: claimed.user_id, email: &claimed.email, outcome };
    journal::login(tx, &event, &claimed.caller, now).await?;
    let locks = decision.account.locked_until.filter(|until| account.locked_until != Some(*until));
    if let (Some(until), Some(id)) = (locks, claimed.user_id) {
        let changes = json!({ "locked_until": Timestamp(until).rfc3339() });
        let entry = Audit { actor: None, action: "account.locked", target: ("user", id.to_string()), changes };
        journal::audit(tx, &entry, &claimed.caller, now).await?;
    }
    Ok(())
}
