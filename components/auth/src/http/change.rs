//! What every change of a person does beside the change: the message to the others, the entry in the audit log, and
//! the answers to changes that are not made.

use sdk::Problem;
use sdk::clock::Timestamp;
use sdk::problem::Invalid;
use sdk::sql::{Error, Transaction};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::access::{Denied, Scope};
use crate::domain::profile::Wrong;
use crate::domain::user::User;
use crate::events::user_changed;
use crate::store::journal::{self, Audit, Caller};
use crate::store::people::{self, Listed};
use crate::store::{accounts, users};

/// Who does something, and where their request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct By<'a> {
    /// Nobody, where somebody acts without a session.
    pub(super) actor: Option<&'a User>,
    pub(super) caller: &'a Caller,
}

/// Tells the others of a person's state as it is in this transaction, and returns it.
pub(super) async fn announce(tx: &Transaction, id: Uuid, now: Timestamp) -> Result<User, Problem> {
    let changed_at = accounts::touch(tx, id, now).await?;
    let user = users::by_id(tx, id).await?.ok_or(Error::NoRow)?;
    tx.send(&user_changed(&user, changed_at)?).await?;
    Ok(user)
}

/// Writes down that something was done to somebody's account.
pub(super) async fn audit(
    tx: &Transaction,
    by: By<'_>,
    (action, user): (&str, Uuid),
    changes: Value,
    now: Timestamp,
) -> Result<(), Problem> {
    let name = by.actor.map(User::full_name);
    let actor = by.actor.zip(name.as_deref()).map(|(actor, name)| (actor.id, name));
    let entry = Audit { actor, action, target: ("user", user.to_string()), changes };
    Ok(journal::audit(tx, &entry, by.caller, now).await?)
}

/// Somebody in the scope of an administrator. Others are answered as if they did not exist.
pub(super) async fn person(tx: &Transaction, scope: &Scope, id: Uuid) -> Result<Listed, Problem> {
    let none = || Problem::not_found("There is no such person.");
    let found = people::by_id(tx, id).await?.ok_or_else(none)?;
    if scope.has_any(&people::systems(tx, id).await?) { Ok(found) } else { Err(none()) }
}

/// How a change that an administrator may not make is refused.
pub(super) fn denied(denied: Denied) -> Problem {
    Problem::forbidden(match denied {
        Denied::Admin => "Only superusers change administrators and make new ones.",
        Denied::Superuser => "Superusers do not switch each other off.",
        Denied::Oneself => "Nobody switches themselves off.",
    })
}

/// How something that somebody else has is refused.
pub(super) fn taken(field: &str) -> Problem {
    Problem::conflict("Somebody else has it already.")
        .member("errors", json!([{ "field": field, "message": "is taken" }]))
}

/// How fields that are wrong are told.
pub(super) fn invalid(wrong: Vec<Wrong>) -> Problem {
    Invalid::from_iter(wrong).into()
}

/// One field that is wrong.
pub(super) fn invalid_field(field: &'static str, message: &'static str) -> Problem {
    invalid(vec![(field, message)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_named() {
        let problem = taken("username");
        assert_eq!((problem.status(), &problem.document(None)["errors"][0]["field"]), (409, &json!("username")));
        assert_eq!(invalid_field("token", "is over").errors()[0].field, "token");
        assert_eq!(denied(Denied::Oneself).status(), 403);
    }
}
