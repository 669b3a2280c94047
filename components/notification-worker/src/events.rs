//! Messages in: one handler for each topic. All are idempotent by the message's id.
//!
//! The inbox row, the mail's record and the note that the message was handled are one transaction. The mail goes out
//! after it, from its record, under a key of its own: a crash in between sends it at the redelivery, and a second
//! redelivery finds nothing left to send. The live event is tried once, by the delivery that wrote the row.

use events::{
    Person, TICKET_APPROVED, TICKET_SUBMITTED, TicketApprovedV1, TicketSubmittedV1, USER_CHANGED, UserChangedV1,
};
use sdk::bytes::Bytes;
use sdk::clock;
use sdk::problem::Slug;
use sdk::sql::{self, Transaction};
use sdk::uuid::Uuid;
use sdk::{Delivery, Problem, id, inbox, live, log, mail, variables};
use serde::Deserialize;
use serde_json::json;

use crate::domain::{self, Letter, MailRoute, Note, mailbox, route};
use crate::store::{self, Delivered, NewDelivery, Open, Told};

/// Under this name the inbox notes what was handled.
const CONSUMER: &str = "notification-worker";
/// With the recipient's key and the type, an id stays within the 128 bytes of a mail's key.
const ID_BYTES_MAX: usize = 64;
/// The only version of every message so far.
const VERSION: u32 = 1;

/// Handles a message by its topic.
///
/// # Errors
/// 422, to the dead letters: an unknown topic or version, a body that is not what the topic promises. 503 or 500, to
/// be tried again: the database or the mail transport does not answer.
pub(crate) async fn handle(delivery: Delivery<Bytes>) -> Result<(), Problem> {
    if delivery.id.len() > ID_BYTES_MAX {
        return Err(refuse(format!("an id has at most {ID_BYTES_MAX} bytes")));
    }
    match delivery.topic.as_str() {
        USER_CHANGED | TICKET_SUBMITTED | TICKET_APPROVED => known_version(&delivery)?,
        topic => return Err(refuse(format!("the topic {topic} is not known here"))),
    }
    match delivery.topic.as_str() {
        USER_CHANGED => user_changed(&delivery.parse()?.data).await,
        TICKET_SUBMITTED => submitted(&delivery.parse()?).await,
        _ => approved(&delivery.parse()?).await,
    }
}

fn refuse(reason: String) -> Problem {
    Problem::new(Slug::Invalid).detail(reason)
}

fn known_version(delivery: &Delivery<Bytes>) -> Result<(), Problem> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let Versioned { version } = delivery.clone().parse()?.data;
    let reason = || refuse(format!("version {version} of {} is not known here", delivery.topic));
    if version == VERSION { Ok(()) } else { Err(reason()) }
}

fn key(field: &str, text: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(text).map_err(|_| refuse(format!("{field} is no UUID")))
}

/// The mirror takes the newest state, whatever order the messages come in; so it needs no inbox.
async fn user_changed(event: &UserChangedV1) -> Result<(), Problem> {
    let user = key("user_id", &event.user_id)?;
    sql::retry(|| async {
        let tx = sql::begin().await?;
        store::upsert(&tx, user, event, clock::now()).await?;
        tx.commit().await
    })
    .await?;
    Ok(())
}

/// Coordinators find it in their inbox; the requester, who knows, does not.
async fn submitted(delivery: &Delivery<TicketSubmittedV1>) -> Result<(), Problem> {
    let requester = key("requester.id", &delivery.data.requester.id)?;
    let note = domain::submitted(&delivery.data);
    let told = sql::retry(|| async {
        let tx = sql::begin().await?;
        let mut told = Vec::new();
        if !inbox::once(&tx, CONSUMER, &delivery.id).await? {
            return Ok(told);
        }
        let now = clock::now();
        for user in store::coordinators(&tx).await?.into_iter().filter(|user| *user != requester) {
            let entry = Told { id: id::new(), user, event_id: &delivery.id, at: now };
            if store::insert_note(&tx, entry, &note).await? {
                told.push(entry);
            }
        }
        tx.commit().await?;
        Ok::<_, sql::Error>(told)
    })
    .await?;
    for entry in told {
        show(entry, &note).await;
    }
    Ok(())
}

/// The requester finds it in their inbox, in their mail, and on the page that is open.
async fn approved(delivery: &Delivery<TicketApprovedV1>) -> Result<(), Problem> {
    let user = key("requester.id", &delivery.data.requester.id)?;
    let public_url = variables::get("public_url").await?;
    let note = domain::approved(&delivery.data);
    let told = sql::retry(|| async {
        let tx = sql::begin().await?;
        if !inbox::once(&tx, CONSUMER, &delivery.id).await? {
            return Ok(None);
        }
        let entry = Told { id: id::new(), user, event_id: &delivery.id, at: clock::now() };
        let is_news = store::insert_note(&tx, entry, &note).await?;
        if is_news {
            record_mail(&tx, entry, &note, &delivery.data.requester, &public_url).await?;
        }
        tx.commit().await?;
        Ok::<_, sql::Error>(is_news.then_some(entry))
    })
    .await?;
    if let Some(entry) = told {
        show(entry, &note).await;
    }
    send_open(&delivery.id).await
}

async fn record_mail(
    tx: &Transaction,
    entry: Told<'_>,
    note: &Note,
    requester: &Person,
    public_url: &str,
) -> Result<(), sql::Error> {
    let (recipient, full_name, skipped) = match route(store::recipient(tx, entry.user).await?, requester) {
        MailRoute::To { email, full_name } => (email, full_name, None),
        MailRoute::Skip { email, reason } => (email, requester.name.clone(), Some(reason)),
    };
    let letter = Letter::new(note, &full_name, public_url);
    let mail = NewDelivery { recipient: &recipient, kind: note.kind, letter: &letter, skipped };
    store::insert_delivery(tx, entry, &mail).await
}

/// Tells the open pages of a person. Best effort: the row is there, a page finds it when it asks.
async fn show(entry: Told<'_>, note: &Note) {
    let user = entry.user;
    let told = async {
        let unread = store::unread(user).await.map_err(|error| error.to_string())?;
        let data = json!({
            "id": entry.id.to_string(),
            "type": note.kind,
            "subject": note.subject,
            "ticket_number": note.ticket_number,
            "unread": unread,
        });
        let sent = live::publish(&format!("user:{user}"), "notification", &data).await;
        sent.map_err(|error| error.to_string())
    };
    if let Err(reason) = told.await {
        log::warn("a live event was not published", &json!({ "user.id": user.to_string(), "reason": reason }));
    }
}

/// Sends what is recorded for this event and not sent yet; the message is acknowledged only once nothing is left.
async fn send_open(event_id: &str) -> Result<(), Problem> {
    for open in store::open(event_id).await? {
        let sent = mail::send(letter_to(&open, event_id)).await;
        let (outcome, again) = match sent {
            Ok(message_id) => (Delivered::Sent(message_id), None),
            Err(error @ (mail::Error::Invalid(_) | mail::Error::TooLarge(_))) => {
                log::warn("a mail cannot be sent", &json!({ "delivery.id": open.id.to_string() }));
                (Delivered::Dead(error.to_string()), None)
            }
            Err(error) => (Delivered::Failed(error.to_string()), Some(Problem::from(error))),
        };
        store::settle(open.id, &outcome, clock::now()).await?;
        if let Some(problem) = again {
            return Err(problem);
        }
    }
    Ok(())
}

/// The key makes the transport drop a second copy, should we crash between its acceptance and our record of it.
fn letter_to(open: &Open, event_id: &str) -> mail::Message {
    mail::Message {
        to: mailbox(&open.full_name, &open.recipient),
        subject: open.letter.subject.clone(),
        text: open.letter.text.clone(),
        html: Some(open.letter.html.clone()),
        idempotency_key: Some(format!("{event_id}:{}:{}", open.user, open.kind)),
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn refused(id: &str, topic: &str, body: &'static str) -> u16 {
        let delivery = Delivery {
            id: id.to_owned(),
            topic: topic.to_owned(),
            source: "/components/tickets".to_owned(),
            time: String::new(),
            subject: None,
            queue: "notification-worker".to_owned(),
            attempt: 1,
            data: Bytes::from_static(body.as_bytes()),
        };
        block_on(handle(delivery)).unwrap_err().status()
    }

    #[test]
    fn what_can_never_be_handled_goes_to_the_dead_letters() {
        let body = "{\"version\":1}";
        assert_eq!(refused("m", "ticket.vanished", body), 422);
        assert_eq!(refused(&"m".repeat(ID_BYTES_MAX + 1), TICKET_APPROVED, body), 422);
        for topic in [USER_CHANGED, TICKET_SUBMITTED, TICKET_APPROVED] {
            assert_eq!(refused("m", topic, "{\"version\":2}"), 422, "{topic}: another version");
            assert_eq!(refused("m", topic, body), 422, "{topic}: missing fields");
            assert_eq!(refused("m", topic, "{"), 422, "{topic}: no JSON");
        }
    }
}
