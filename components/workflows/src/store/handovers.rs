//! Items that went from one person to another at the same step.

use sdk::page::{Found, Page};
use sdk::sql::{self, Condition, Error, Row};
use sdk::uuid::Uuid;
use tasks::Person;

use super::reports::of_period;
use super::{moment, total};
use crate::domain::{Handover, Period};

/// How many there were of each sort.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HandoverCounts {
    /// By an administrator.
    pub(crate) transfers: i64,
    /// Handed up.
    pub(crate) escalations: i64,
}

fn handed_over(period: Period) -> Condition {
    let mut condition = of_period(period);
    condition.term("i.state in ('reassigned', 'escalated')");
    condition
}

/// How many items of a period were handed over.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn handover_counts(period: Period) -> Result<HandoverCounts, Error> {
    let condition = handed_over(period);
    let statement = format!(
        "select i.state, count(*) as total from task_items i join tasks t on t.id = i.task_id{} group by i.state",
        condition.clause()
    );
    let mut counts = HandoverCounts { transfers: 0, escalations: 0 };
    for row in sql::query(&statement, condition.params()).await? {
        let total = row.get("total")?;
        match row.get::<String>("state")?.as_str() {
            "escalated" => counts.escalations = total,
            _ => counts.transfers = total,
        }
    }
    Ok(counts)
}

/// One page of the items of a period that were handed over, the last ones first.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn handovers(period: Period, page: Page) -> Result<Found<Handover>, Error> {
    let condition = handed_over(period);
    let from = "from task_items i join tasks t on t.id = i.task_id";
    let clause = condition.clause();
    let total = total(&sql::query(&format!("select count(*) as total {from}{clause}"), condition.params()).await?)?;
    let (limits, params) = condition.page(page);
    let statement = format!(
        "select i.state, t.id as task_id, k.number, s.name as step_name, i.assignee_id, i.assignee_name, \
         n.assignee_id as next_id, n.assignee_name as next_name, i.acted_by, p.full_name as acted_name, i.notes, \
         i.acted_at {from} join ticket_snapshots k on k.ticket_id = t.ticket_id join steps s on s.id = i.step_id \
         left join task_items n on n.prev_item_id = i.id left join people_ref p on p.user_id = i.acted_by{clause} \
         order by i.acted_at desc, i.id desc{limits}"
    );
    let rows = sql::query(&statement, params).await?;
    Ok(Found { items: rows.iter().map(handover).collect::<Result<_, _>>()?, total })
}

fn handover(row: &Row) -> Result<Handover, Error> {
    let state: String = row.get("state")?;
    Ok(Handover {
        kind: if state == "escalated" { "escalation" } else { "transfer" },
        task: row.get("task_id")?,
        number: row.get("number")?,
        step: row.get("step_name")?,
        from: Person { id: row.get("assignee_id")?, name: row.get("assignee_name")?, email: String::new() },
        to: person(row, "next_id", "next_name")?,
        by: person(row, "acted_by", "acted_name")?,
        notes: row.get("notes")?,
        at: moment(row, "acted_at")?,
    })
}

/// Somebody, if there is one; without a name if the mirror does not know them.
fn person(row: &Row, id: &str, name: &str) -> Result<Option<Person>, Error> {
    let Some(id) = row.get::<Option<Uuid>>(id)? else { return Ok(None) };
    let name = row.get::<Option<String>>(name)?.unwrap_or_default();
    Ok(Some(Person { id, name, email: String::new() }))
}
