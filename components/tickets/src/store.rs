//! SQL on one side, the domain's values on the other. No rules.

mod attachments;
mod catalogue;
pub(crate) mod demo;
mod entries;
mod opening;
mod pages;
mod participants;
mod tickets;

pub(crate) use attachments::{Attachment, adopt, attachment, attachments, forget, intend, stale_intents};
pub(crate) use catalogue::catalogue;
pub(crate) use entries::{Line, append, entries, entries_page};
pub(crate) use opening::{insert, open};
pub(crate) use pages::{Filter, Listed, list};
pub(crate) use participants::{join, takes_part};
pub(crate) use tickets::{by_number, by_number_in, resolved_until, save, update};

use sdk::clock::Timestamp;
use sdk::sql::Value;

fn uuid(id: &str) -> Value {
    Value::Uuid(id.to_owned())
}

fn json(document: &str) -> Value {
    Value::Json(document.to_owned())
}

fn at(micros: i64) -> Value {
    Value::Timestamp(micros)
}

fn maybe_at(micros: Option<i64>) -> Value {
    micros.map(Timestamp).into()
}
