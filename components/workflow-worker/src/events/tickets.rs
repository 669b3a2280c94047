//! Tickets: approved or reopened, they get a task; withdrawn, they lose it.

use events::{TicketApprovedV1, TicketReopenedV1, TicketWithdrawnV1};
use sdk::message::refuse;
use sdk::{Delivery, Problem, clock, inbox, sql};
use tasks::desk::{self, Failure};
use tasks::store::{self, Key, Trace};
use tasks::{Allocation, By, Command, Intake, Ticket, intake};

use super::{CONSUMER, problem, trace};
use crate::domain;

/// A coordinator opened a ticket for work.
pub(super) async fn approved(delivery: &Delivery<TicketApprovedV1>) -> Result<(), Problem> {
    let ticket = domain::approved(&delivery.data).map_err(refuse)?;
    open(&ticket, delivery.data.approved_at, &delivery.id, &trace(delivery)).await
}

/// A resolved ticket is wanted again: it gets another task, of the workflow as it is published now.
pub(super) async fn reopened(delivery: &Delivery<TicketReopenedV1>) -> Result<(), Problem> {
    let ticket = domain::approved(&delivery.data.ticket).map_err(refuse)?;
    open(&ticket, delivery.data.reopened_at, &delivery.id, &trace(delivery)).await
}

/// Snapshot, task, first item, turns and messages: one transaction.
async fn open(ticket: &Ticket, opened_at: i64, message: &str, trace: &Trace) -> Result<(), Problem> {
    let opened = sql::retry(|| async {
        let tx = sql::begin().await?;
        if !inbox::once(&tx, CONSUMER, message).await? {
            return Ok(());
        }
        let what = intake(store::standing(&tx, ticket.id).await?, opened_at);
        if what != Intake::Ignore {
            store::put(&tx, ticket, opened_at, clock::now().0).await?;
        }
        if what == Intake::Take {
            desk::allocate(&tx, ticket, trace).await?;
        }
        tx.commit().await?;
        Ok::<_, Failure>(())
    })
    .await;
    opened.map_err(problem)
}

/// The requester took a ticket back, before or after it was approved, or before we heard of it.
pub(super) async fn withdrawn(delivery: &Delivery<TicketWithdrawnV1>) -> Result<(), Problem> {
    let (event, trace) = (&delivery.data, trace(delivery));
    let ticket = domain::withdrawn(event).map_err(refuse)?;
    let reason = domain::reason(event);
    let ended = sql::retry(|| async {
        let tx = sql::begin().await?;
        if !inbox::once(&tx, CONSUMER, &delivery.id).await? {
            return Ok(());
        }
        let known = store::standing(&tx, ticket.id).await?;
        match known {
            Some(known) if known.allocation == Allocation::Cancelled => return Ok(()),
            Some(known) if known.has_live_task => {
                let cancel = Command::Cancel { reason: reason.to_owned() };
                desk::apply(&tx, Key::Number(&ticket.number), &cancel, By::System, &trace).await?;
            }
            Some(_) => {}
            // The approval, should it come, finds that there is nothing to do any more.
            None => store::put(&tx, &ticket, event.withdrawn_at, clock::now().0).await?,
        }
        store::withdraw(&tx, ticket.id, reason, event.withdrawn_at).await?;
        tx.commit().await?;
        Ok::<_, Failure>(())
    })
    .await;
    ended.map_err(problem)
}
