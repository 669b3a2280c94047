//! Live updates: opening a ticket's streams, and telling those who have one open.

use axum::response::Response;
use sdk::http::Query;
use sdk::{Principal, Problem, live, log};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admitted;
use super::caller::actor;
use crate::domain::{Standing, Visibility};
use crate::store;

/// The name of every event here.
const EVENT: &str = "comment";
/// What the host takes of one event is 16 KiB; the frame around the comment is far below the rest.
const COMMENT_BYTES_MAX: usize = 15 * 1024;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    ticket: String,
}

/// `GET /stream?ticket=`: the host holds the stream from here on; internal comments come on a channel that the
/// requester does not get.
pub(super) async fn open(principal: Principal, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let tx = store::snapshot().await?;
    let (standing, _) = admitted(&tx, &actor(&principal), &wanted.ticket).await?;
    tx.rollback().await?;
    Ok(live::stream(&channels(&wanted.ticket, standing)))
}

fn channels(number: &str, standing: Standing) -> Vec<String> {
    let all = [Visibility::Public, Visibility::Internal].into_iter();
    all.filter(|visibility| standing.sees(*visibility)).map(|visibility| channel(number, visibility)).collect()
}

fn channel(number: &str, visibility: Visibility) -> String {
    match visibility {
        Visibility::Public => format!("ticket:{number}"),
        Visibility::Internal => format!("ticket-internal:{number}"),
    }
}

/// What happened to a comment.
#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    Create,
    Reply,
    Update,
    Delete,
    Rate,
}

impl Action {
    fn code(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Reply => "reply",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Rate => "rate",
        }
    }
}

/// Tells the open pages of a ticket of a comment as the caller sees it. Best effort: the row is there, a page finds it
/// when it asks.
pub(super) async fn tell(action: Action, number: &str, visibility: Visibility, shown: &Value) {
    let data = json!({ "action": action.code(), "comment": for_everybody(shown.clone()) });
    if let Err(error) = live::publish(&channel(number, visibility), EVENT, &data).await {
        log::warn("a live event was not published", &json!({ "ticket": number, "reason": error.to_string() }));
    }
}

/// The comment without what is the caller's own, without its answers, which do not change with it, and without its
/// text if that is too long for an event: `is_cut` asks the page to fetch it.
fn for_everybody(mut shown: Value) -> Value {
    if let Some(rating) = shown.get_mut("rating").and_then(Value::as_object_mut) {
        rating.remove("mine");
    }
    if let Some(comment) = shown.as_object_mut() {
        comment.insert("replies".to_owned(), json!([]));
        if Value::Object(comment.clone()).to_string().len() > COMMENT_BYTES_MAX {
            comment.insert("body".to_owned(), json!(""));
            comment.insert("is_cut".to_owned(), json!(true));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_staff_get_the_internal_channel() {
        assert_eq!(channels("TX1", Standing::Requester), ["ticket:TX1"]);
        assert_eq!(channels("TX1", Standing::Staff), ["ticket:TX1", "ticket-internal:TX1"]);
    }

    #[test]
    fn an_event_leaves_out_what_is_the_callers_own_and_fits() {
        let shown = |body: &str| json!({ "body": body, "rating": { "up": 1, "mine": true }, "replies": [1] });
        let event = for_everybody(shown("Hello"));
        assert_eq!(event, json!({ "body": "Hello", "rating": { "up": 1 }, "replies": [] }));
        let event = for_everybody(shown(&"\u{1F600}".repeat(5_000)));
        assert_eq!((&event["body"], &event["is_cut"]), (&json!(""), &json!(true)));
        assert!(event.to_string().len() < COMMENT_BYTES_MAX);
    }
}
