//! Where commands are carried out: load, decide, save, as one transaction each, again if a concurrent one won.

use sdk::problem::Problem;
use sdk::sql::{self, LostRace, Transaction};
use sdk::{clock, id};
use uuid::Uuid;

use crate::domain::{
    ASSIGN, Actor, Allocation, By, Change, Command, Fresh, Need, OWN, OWNER_ROLE, Opening, Origin, Plan, Pool, Pools,
    Refusal, Ticket, alarm, decide, needs, open,
};
use crate::events;
use crate::store::{self, Due, Key, Trace};

/// The system whose roles do the work.
const WORK_SYSTEM: &str = "tts";

/// The systems whose coordinators own tasks, the first before the second.
const OWNER_SYSTEMS: [&str; 2] = ["tts", "hdts"];

/// Why a command came to nothing. Nothing was changed.
#[derive(Debug, Clone)]
pub enum Failure {
    /// There is no such task, item or ticket.
    Unknown,
    /// The rules do not allow it.
    Refused(Refusal),
    /// Something else went wrong.
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

impl LostRace for Failure {
    fn lost_race(&self) -> bool {
        matches!(self, Self::Problem(problem) if problem.lost_race())
    }
}

/// Carries out what a person wants of a task.
///
/// # Errors
/// See [`Failure`].
pub async fn carry_out(key: Key<'_>, command: &Command, actor: &Actor, trace: &Trace) -> Result<Change, Failure> {
    sql::retry(|| async {
        let tx = sql::begin().await?;
        let change = apply(&tx, key, command, By::Person(actor), trace).await?;
        tx.commit().await?;
        Ok(change)
    })
    .await
}

/// Carries out a command in the caller's transaction.
///
/// # Errors
/// See [`Failure`]; [`LostRace`] says whether to run the whole transaction again.
pub async fn apply(
    tx: &Transaction,
    key: Key<'_>,
    command: &Command,
    by: By<'_>,
    trace: &Trace,
) -> Result<Change, Failure> {
    let case = store::case_in(tx, key).await?.ok_or(Failure::Unknown)?;
    let pool = match needs(&case, command) {
        Need::Nobody => Pool::default(),
        Need::Role(role) => store::pool(tx, WORK_SYSTEM, &role, ASSIGN).await?,
        Need::Member(user) => Pool { members: store::staff(tx, user).await?.into_iter().collect(), ..Pool::default() },
    };
    let change = decide(&case, command, by, &pool, fresh()).map_err(Failure::Refused)?;
    store::save(tx, &change, trace).await?;
    Ok(change)
}

/// Gives a waiting ticket a task of this workflow, by an administrator.
///
/// # Errors
/// See [`Failure`]: unknown is the number; refused are tickets that have had a task or were taken back
/// ([`Refusal::Allocated`]), workflows that are not published ([`Refusal::Invalid`]), and [`Refusal::Nobody`].
pub async fn assign(number: &str, workflow: Uuid, actor: &Actor, trace: &Trace) -> Result<Change, Failure> {
    sql::retry(|| async {
        let tx = sql::begin().await?;
        let known = store::snapshot(&tx, number).await?.ok_or(Failure::Unknown)?;
        if !known.allocation.is_waiting() {
            return Err(Failure::Refused(Refusal::Allocated));
        }
        let unknown = || Refusal::Invalid { field: "workflow_id", message: "must be a published workflow".to_owned() };
        let plan = store::published(&tx, workflow).await?.ok_or_else(|| Failure::Refused(unknown()))?;
        let opening = Opening { task: id::new(), ticket: &known.ticket, plan: &plan, origin: Origin::Admin };
        let change = begin_task(&tx, &opening, By::Person(actor), trace).await?;
        tx.commit().await?;
        Ok(change)
    })
    .await
}

/// Finds a ticket its workflow and its people; if there are none, notes that and tells the administrators.
///
/// # Errors
/// Those of the database.
pub async fn allocate(tx: &Transaction, ticket: &Ticket, trace: &Trace) -> Result<Allocation, Failure> {
    let Some(plan) = store::matching(tx, ticket).await? else {
        let wanted = ticket.sub_category.as_deref().map(|name| format!(" / {name}")).unwrap_or_default();
        let detail = format!("No published workflow is for {} / {}{wanted}.", ticket.department, ticket.category);
        return put_off(tx, ticket, Allocation::Unmatched, &detail, None).await;
    };
    match begin_task(tx, &opening(ticket, &plan), By::System, trace).await {
        Ok(_) => Ok(Allocation::Allocated),
        Err(Failure::Refused(Refusal::Nobody { role })) => {
            let detail = format!("Nobody active holds the role {role}, with which {} begins.", plan.workflow.name);
            put_off(tx, ticket, Allocation::NoStaff, &detail, Some(&role)).await
        }
        Err(failure) => Err(failure),
    }
}

fn opening<'a>(ticket: &'a Ticket, plan: &'a Plan) -> Opening<'a> {
    Opening { task: id::new(), ticket, plan, origin: Origin::System }
}

async fn begin_task(tx: &Transaction, opening: &Opening<'_>, by: By<'_>, trace: &Trace) -> Result<Change, Failure> {
    let mut pools = Pools::default();
    if let Some(start) = opening.plan.graph.start() {
        pools.assignees = store::pool(tx, WORK_SYSTEM, &start.role, ASSIGN).await?;
    }
    for system in OWNER_SYSTEMS {
        pools.owners.push(store::pool(tx, system, OWNER_ROLE, OWN).await?);
    }
    let change = open(opening, &pools, by, fresh()).map_err(Failure::Refused)?;
    store::save(tx, &change, trace).await?;
    store::allocate(tx, opening.ticket.id, Allocation::Allocated, None, None).await?;
    Ok(change)
}

async fn put_off(
    tx: &Transaction,
    ticket: &Ticket,
    allocation: Allocation,
    detail: &str,
    awaited_role: Option<&str>,
) -> Result<Allocation, Failure> {
    let reason = if allocation == Allocation::Unmatched { "no_workflow" } else { "no_staff" };
    store::allocate(tx, ticket.id, allocation, Some(detail), awaited_role).await?;
    tx.send(&events::unassignable(ticket, reason, detail, clock::now().0)?).await?;
    Ok(allocation)
}

/// Looks at the clock of one item, and tells the highest level that it reached since it was last looked at.
///
/// # Errors
/// Those of the database.
pub async fn watch(due: Due, now: i64) -> Result<(), Failure> {
    sql::retry(|| async {
        let tx = sql::begin().await?;
        let case = store::case_in(&tx, Key::Task(due.task)).await?;
        // Whoever acted meanwhile was in time, or is noted as late.
        let found = case.as_ref().and_then(|case| Some((case, case.open_item().filter(|item| item.id == due.item)?)));
        let Some((case, item)) = found else { return Ok(()) };
        let told = store::told(&tx, item.id).await?;
        let Some(alarm) = alarm(item, &told, now) else { return Ok(()) };
        store::settle(&tx, item.id, &alarm, now).await?;
        if let Some(level) = alarm.tell
            && let Some(message) = events::alert(case, item, level, now)?
        {
            tx.send(&message).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

fn fresh() -> Fresh {
    Fresh { now: clock::now().0, item: id::new() }
}
