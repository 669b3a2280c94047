//! Boards: pages of tasks with their tickets, and of tickets without a task.

use sdk::page::{Found, Page};
use sdk::sql::{self, Condition, Error, Row};
use sdk::uuid::Uuid;
use tasks::store::{ITEM_COLUMNS, TASK_COLUMNS, TICKET_COLUMNS};
use tasks::{Allocation, Item, Priority, Task, Ticket, WorkflowRef};

use super::{moment, total};

const LIVE: &str = "('pending', 'in_progress', 'on_hold')";
const OPEN: &str = "('new', 'in_progress')";

/// What a search looks at.
const SEARCHED: [&str; 4] = ["k.number", "k.subject", "k.requester_name", "w.name"];

/// One line: a task, its ticket, and an item of it with what the item's version says of its step.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    /// The task.
    pub(crate) task: Task,
    /// The workflow it follows.
    pub(crate) workflow: WorkflowRef,
    /// Which version of it.
    pub(crate) version: u32,
    /// Key and name of the step where it stands.
    pub(crate) current_step: Option<(String, String)>,
    /// What is worked on.
    pub(crate) ticket: Ticket,
    /// The item that the line is about; else the open one, if any.
    pub(crate) turn: Option<Listing>,
}

/// An item of a line.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    /// The item.
    pub(crate) item: Item,
    /// Key of its step within the graph.
    pub(crate) key: String,
    /// Name of its step.
    pub(crate) name: String,
    /// What is to be done.
    pub(crate) instruction: String,
    /// Name of the transition that was chosen.
    pub(crate) transition: Option<String>,
}

/// Whose items are wanted, and which of them.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    /// Whose.
    pub(crate) assignee: Uuid,
    /// Only open ones, or only those that are over; absent: all.
    pub(crate) is_open: Option<bool>,
    /// Only of tickets of this urgency.
    pub(crate) priority: Option<Priority>,
    /// Only of the workflow with this key, or with this name in any case.
    pub(crate) workflow: Option<String>,
    /// Only with this text in number, subject, requester or workflow.
    pub(crate) search: Option<String>,
}

/// Which tasks are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Board {
    /// Only those that this person owns.
    pub(crate) owner: Option<Uuid>,
    /// By whether there is work left.
    pub(crate) tab: Tab,
    /// Only with this text in number, subject, requester or workflow.
    pub(crate) search: Option<String>,
}

/// A part of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// Work is left.
    Active,
    /// None is.
    Inactive,
    /// Either.
    All,
}

/// A ticket that got no task.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// The ticket.
    pub(crate) ticket: Ticket,
    /// Why.
    pub(crate) allocation: Allocation,
    /// The same in words.
    pub(crate) detail: Option<String>,
    /// When it arrived, in microseconds since 1970.
    pub(crate) received_at: i64,
}

fn select(item: &str, condition: &str) -> String {
    format!(
        "select {TASK_COLUMNS}, {TICKET_COLUMNS}, {ITEM_COLUMNS}, w.id as workflow_id, w.name as workflow_name, \
         v.n as version_n, s.key as step_key, s.name as step_name, si.key as item_step_key, \
         si.name as item_step_name, si.instruction as item_instruction, tr.name as item_transition_name{}",
        from(item, condition)
    )
}

fn from(item: &str, condition: &str) -> String {
    format!(
        " from tasks t join ticket_snapshots k on k.ticket_id = t.ticket_id \
         join workflow_versions v on v.id = t.version_id join workflows w on w.id = t.workflow_id \
         left join steps s on s.id = t.current_step_id {item} left join steps si on si.id = i.step_id \
         left join transitions tr on tr.id = i.transition_id{condition}"
    )
}

/// One page of somebody's items: open ones by when they are due, else the last ones first.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn mine(turns: &Turns, page: Page) -> Result<Found<Listed>, Error> {
    let mut condition = Condition::default();
    condition.equal("i.assignee_id", Some(turns.assignee));
    if let Some(is_open) = turns.is_open {
        condition.term(format!("i.state {} {OPEN}", if is_open { "in" } else { "not in" }));
    }
    condition.equal("k.priority", turns.priority.map(Priority::label));
    match turns.workflow.as_deref().map(|text| (text, Uuid::parse_str(text))) {
        Some((_, Ok(id))) => condition.equal("w.id", Some(id)),
        Some((name, Err(_))) => condition.same("w.name", Some(name)),
        None => {}
    }
    condition.search(&SEARCHED, turns.search.as_deref());
    let order = match turns.is_open {
        Some(true) => "case when i.due_at is null then 1 else 0 end, i.due_at, i.assigned_at, i.id",
        Some(false) => "i.acted_at desc, i.id desc",
        None => "i.assigned_at desc, i.id desc",
    };
    lines("join task_items i on i.task_id = t.id", condition, order, page).await
}

/// One page of tasks, each with its open item: live ones by when they are due, else the last changed first.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn board(board: &Board, page: Page) -> Result<Found<Listed>, Error> {
    let mut condition = Condition::default();
    condition.equal("t.owner_id", board.owner);
    let order = match board.tab {
        Tab::Active => {
            condition.term(format!("t.state in {LIVE}"));
            "case when t.due_at is null then 1 else 0 end, t.due_at, t.started_at, t.id"
        }
        Tab::Inactive => {
            condition.term(format!("t.state not in {LIVE}"));
            "t.updated_at desc, t.id desc"
        }
        Tab::All => "t.updated_at desc, t.id desc",
    };
    let searched = [&SEARCHED[..], &["i.assignee_name"]].concat();
    condition.search(&searched, board.search.as_deref());
    lines(&format!("left join task_items i on i.task_id = t.id and i.state in {OPEN}"), condition, order, page).await
}

async fn lines(item: &str, condition: Condition, order: &str, page: Page) -> Result<Found<Listed>, Error> {
    let clause = condition.clause();
    let rows = sql::query(&format!("select count(*) as total{}", from(item, &clause)), condition.params()).await?;
    let total = total(&rows)?;
    let (limits, params) = condition.page(page);
    let rows = sql::query(&format!("{} order by {order}{limits}", select(item, &clause)), params).await?;
    Ok(Found { items: rows.iter().map(listed).collect::<Result<_, _>>()?, total })
}

fn listed(row: &Row) -> Result<Listed, Error> {
    let step_key: Option<String> = row.get("step_key")?;
    let item_id: Option<Uuid> = row.get("item_id")?;
    Ok(Listed {
        task: tasks::store::task(row)?,
        workflow: WorkflowRef { id: row.get("workflow_id")?, name: row.get("workflow_name")? },
        version: row.get("version_n")?,
        current_step: step_key.map(|key| Ok::<_, Error>((key, row.get("step_name")?))).transpose()?,
        ticket: tasks::store::ticket(row)?,
        turn: item_id.map(|_| listing(row)).transpose()?,
    })
}

fn listing(row: &Row) -> Result<Listing, Error> {
    Ok(Listing {
        item: tasks::store::item(row)?,
        key: row.get("item_step_key")?,
        name: row.get("item_step_name")?,
        instruction: row.get("item_instruction")?,
        transition: row.get("item_transition_name")?,
    })
}

/// One page of the tickets that got no task, the oldest first.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn unassigned(search: Option<&str>, page: Page) -> Result<Found<Waiting>, Error> {
    let mut condition = Condition::default();
    condition.term("k.allocation in ('unmatched', 'no_staff')");
    condition.search(&["k.number", "k.subject", "k.requester_name"], search);
    let from = format!(" from ticket_snapshots k{}", condition.clause());
    let total = total(&sql::query(&format!("select count(*) as total{from}"), condition.params()).await?)?;
    let (limits, params) = condition.page(page);
    let statement = format!(
        "select {TICKET_COLUMNS}, k.allocation, k.allocation_error, k.received_at{from} \
         order by k.received_at, k.ticket_id{limits}"
    );
    let rows = sql::query(&statement, params).await?;
    Ok(Found { items: rows.iter().map(waiting).collect::<Result<_, _>>()?, total })
}

fn waiting(row: &Row) -> Result<Waiting, Error> {
    Ok(Waiting {
        ticket: tasks::store::ticket(row)?,
        allocation: row.word("allocation", Allocation::read)?,
        detail: row.get("allocation_error")?,
        received_at: moment(row, "received_at")?,
    })
}
