//! Figures over tasks and items. A task belongs to the period in which it began, and its items with it.

use sdk::page::{Found, Page};
use sdk::sql::{self, Condition, Error, Row};
use tasks::{ItemState, Person, Priority, TaskState};

use super::{at, total};
use crate::domain::{Period, Tally, Work};

/// The tasks `t` of a period.
pub(super) fn of_period(period: Period) -> Condition {
    let mut condition = Condition::default();
    condition.compare("t.started_at", ">=", period.from.map(at));
    condition.compare("t.started_at", "<", period.until.map(at));
    condition
}

/// Who and what there is, whatever the period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staffing {
    /// Active people with a role in `tts`.
    pub(crate) users: i64,
    /// Published workflows.
    pub(crate) workflows: i64,
}

/// The tasks of a period by state and priority, as they stand at `now`.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn tallies(period: Period, now: i64) -> Result<Vec<Tally>, Error> {
    let mut condition = of_period(period);
    let now = condition.bind(at(now));
    let statement = format!(
        "select t.state, k.priority, count(*) as total, \
         sum(case when t.completed_at <= t.due_at then 1 else 0 end) as met, \
         sum(case when t.completed_at > t.due_at then 1 \
             when t.state in ('pending', 'in_progress', 'on_hold') and t.due_at < {now} then 1 else 0 end) as breached, \
         sum(case when exists (select 1 from task_items i where i.task_id = t.id and i.state = 'escalated') \
             then 1 else 0 end) as escalated \
         from tasks t join ticket_snapshots k on k.ticket_id = t.ticket_id{} group by t.state, k.priority",
        condition.clause()
    );
    let tally = |row: &Row| {
        Ok(Tally {
            state: row.word("state", TaskState::read)?,
            priority: row.word("priority", Priority::read)?,
            total: row.get("total")?,
            met: row.get("met")?,
            breached: row.get("breached")?,
            escalated: row.get("escalated")?,
        })
    };
    sql::query(&statement, condition.params()).await?.iter().map(tally).collect()
}

/// Who and what there is.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn staffing() -> Result<Staffing, Error> {
    let statement = "select (select count(*) from people_ref p where p.is_active and exists \
         (select 1 from role_members_ref m where m.user_id = p.user_id and m.system = 'tts')) as users, \
         (select count(*) from workflows where state = 'published') as workflows";
    let rows = sql::query(statement, []).await?;
    let row = rows.first().ok_or(Error::NoRow)?;
    Ok(Staffing { users: row.get("users")?, workflows: row.get("workflows")? })
}

/// Counts of items `i` by state, as columns named by the states' codes; and of those that missed their target while
/// they were their assignee's: what somebody before them missed is not theirs.
fn counts(now: &str) -> String {
    let by_state = ItemState::ALL.into_iter().map(|state| {
        let code = state.code();
        format!("sum(case when i.state = '{code}' then 1 else 0 end) as \"{code}\"")
    });
    let late = format!(
        "sum(case when i.breached_at >= i.assigned_at then 1 \
         when i.breached_at is null and i.due_at < coalesce(i.acted_at, {now}) then 1 else 0 end) as breached"
    );
    by_state.chain([late]).collect::<Vec<_>>().join(", ")
}

fn by_state(row: &Row) -> Result<Vec<(ItemState, u32)>, Error> {
    let count = |state: ItemState| {
        let count: Option<u32> = row.get(state.code())?;
        Ok((state, count.unwrap_or_default()))
    };
    ItemState::ALL.into_iter().map(count).collect()
}

/// The items of a period by state, and how many of them missed their target.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn work_by_state(period: Period, now: i64) -> Result<(Vec<(ItemState, u32)>, u32), Error> {
    let mut condition = of_period(period);
    let now = condition.bind(at(now));
    let clause = condition.clause();
    let statement = format!("select {} from task_items i join tasks t on t.id = i.task_id{clause}", counts(&now));
    let rows = sql::query(&statement, condition.params()).await?;
    let row = rows.first().ok_or(Error::NoRow)?;
    Ok((by_state(row)?, row.get::<Option<u32>>("breached")?.unwrap_or_default()))
}

/// One page of what each person did with their items of a period, by name.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn work(period: Period, now: i64, page: Page) -> Result<Found<Work>, Error> {
    let mut condition = of_period(period);
    let from = format!("from task_items i join tasks t on t.id = i.task_id{}", condition.clause());
    let statement = format!("select count(distinct i.assignee_id) as total {from}");
    let total = total(&sql::query(&statement, condition.params()).await?)?;
    let counts = counts(&condition.bind(at(now)));
    let (limits, params) = condition.page(page);
    let statement = format!(
        "select i.assignee_id, max(i.assignee_name) as assignee_name, {counts} {from} group by i.assignee_id \
         order by assignee_name, i.assignee_id{limits}"
    );
    let work = |row: &Row| -> Result<Work, Error> {
        let person = Person { id: row.get("assignee_id")?, name: row.get("assignee_name")?, email: String::new() };
        Ok(Work { person, by_state: by_state(row)?, breached: row.get("breached")? })
    };
    let rows = sql::query(&statement, params).await?;
    Ok(Found { items: rows.iter().map(work).collect::<Result<_, _>>()?, total })
}
