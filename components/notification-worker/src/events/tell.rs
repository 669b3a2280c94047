//! Entries, the records of mails and the note that the message was handled: one transaction. Then the open pages.

use std::collections::BTreeMap;

use sdk::clock::Timestamp;
use sdk::message::refuse;
use sdk::sql::{self, Transaction};
use sdk::{Problem, clock, id, inbox, live, log, variables};
use serde_json::json;

use crate::domain::{Hearer, Letter, MailRoute, Note, Plan, reserve, route};
use crate::store::{self, NewDelivery, Told};

/// Under this name the inbox notes what was handled.
const CONSUMER: &str = "notification-worker";

/// Tells everybody whom the plan names, unless an earlier delivery of this event did. The live event is tried once, by
/// the delivery that wrote the entry.
pub(super) async fn tell(event_id: &str, plan: &Plan) -> Result<(), Problem> {
    let public_url = variables::get("public_url").await?;
    let shown = sql::retry(|| async {
        let tx = sql::begin().await?;
        let mut shown = Vec::new();
        if !inbox::once(&tx, CONSUMER, event_id).await? {
            return Ok(shown);
        }
        let mut members = BTreeMap::new();
        for circle in plan.circles() {
            members.insert(circle, store::members(&tx, circle).await?);
        }
        for hearer in plan.hearers(&members).map_err(refuse)? {
            let told = Told { id: id::new(), user: hearer.user, event_id, at: clock::now() };
            if record(&tx, told, &hearer, &public_url).await? {
                shown.push((told, hearer.note));
            }
        }
        tx.commit().await?;
        Ok::<_, Problem>(shown)
    })
    .await?;
    for (told, note) in &shown {
        show(*told, note).await;
    }
    Ok(())
}

/// Writes down what one person is told, by the ways they want; whether there is a new entry in their inbox.
async fn record(tx: &Transaction, told: Told<'_>, hearer: &Hearer, public_url: &str) -> Result<bool, sql::Error> {
    let channels = store::channels(tx, told.user, hearer.note.kind).await?;
    if channels.in_app && !store::insert_note(tx, told, &hearer.note).await? {
        return Ok(false);
    }
    if channels.email {
        record_mail(tx, told, hearer, (public_url, channels.in_app)).await?;
    }
    Ok(channels.in_app)
}

async fn record_mail(
    tx: &Transaction,
    told: Told<'_>,
    Hearer { person, note, .. }: &Hearer,
    (public_url, has_entry): (&str, bool),
) -> Result<(), sql::Error> {
    let (recipient, full_name, skipped) = match route(store::recipient(tx, told.user).await?, person) {
        MailRoute::To { email, full_name } => (email, full_name, None),
        MailRoute::Skip { email, reason } => (email, person.name.clone(), Some(reason)),
    };
    let due = if skipped.is_none() { turn(tx, &recipient, told.at).await? } else { None };
    let letter = Letter::new(note, &full_name, public_url);
    let entry = has_entry.then_some(told.id);
    let mail = NewDelivery { entry, recipient: &recipient, kind: note.kind, letter: &letter, due, skipped };
    store::insert_delivery(tx, told, &mail).await
}

/// Takes a place among the mails to this address: when it is, if it is not now.
async fn turn(tx: &Transaction, recipient: &str, now: Timestamp) -> Result<Option<Timestamp>, sql::Error> {
    let address = recipient.to_lowercase();
    let (window, due) = reserve(store::window(tx, &address).await?, now.0);
    store::set_window(tx, &address, window).await?;
    Ok(Some(Timestamp(due)).filter(|due| *due > now))
}

/// Tells the open pages of a person. Best effort: the row is there, a page finds it when it asks.
async fn show(told: Told<'_>, note: &Note) {
    let user = told.user;
    let sent = async {
        let unread = store::unread(user).await.map_err(|error| error.to_string())?;
        let data = json!({
            "id": told.id.to_string(),
            "type": note.kind,
            "subject": note.subject,
            "ticket_number": note.ticket_number,
            "unread": unread,
        });
        let sent = live::publish(&format!("user:{user}"), "notification", &data).await;
        sent.map_err(|error| error.to_string())
    };
    if let Err(reason) = sent.await {
        log::warn("a live event was not published", &json!({ "user.id": user.to_string(), "reason": reason }));
    }
}
