//! Versions of workflows: their times and graphs, and which of them a ticket belongs to.

use sdk::sql::{Error, Row, Transaction, Value};
use uuid::Uuid;

use crate::domain::{Graph, Plan, Sla, Step, Ticket, Transition, TransitionKind, WorkflowRef, match_key};

const PLAN: &str = "select v.id as version_id, v.n, v.sla_critical_s, v.sla_high_s, v.sla_medium_s, v.sla_low_s, \
    w.id as workflow_id, w.name as workflow_name from workflow_versions v join workflows w on w.id = v.workflow_id";

/// A version, published or not.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn plan(tx: &Transaction, version: Uuid) -> Result<Option<Plan>, Error> {
    first(tx, &format!("{PLAN} where v.id = $1"), vec![version.into()]).await
}

/// The version that a workflow's new tasks follow; nothing if it is not published.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn published(tx: &Transaction, workflow: Uuid) -> Result<Option<Plan>, Error> {
    let statement = format!("{PLAN} where w.id = $1 and w.state = 'published' and v.id = w.current_version_id");
    first(tx, &statement, vec![workflow.into()]).await
}

/// The published version for a ticket: that for its sub-category, else that for any. Each key has one at most, so
/// that there is never a choice.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn matching(tx: &Transaction, ticket: &Ticket) -> Result<Option<Plan>, Error> {
    let key = |sub_category| match_key(&ticket.department, &ticket.category, sub_category);
    let statement = format!(
        "{PLAN} where w.match_key in ($1, $2) and w.state = 'published' and v.id = w.current_version_id \
         order by case when w.match_key = $1 then 0 else 1 end limit 1"
    );
    first(tx, &statement, vec![key(ticket.sub_category.as_deref()).into(), key(None).into()]).await
}

async fn first(tx: &Transaction, statement: &str, params: Vec<Value>) -> Result<Option<Plan>, Error> {
    let rows = tx.query(statement, params).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let version_id = row.get("version_id")?;
    Ok(Some(Plan {
        workflow: WorkflowRef { id: row.get("workflow_id")?, name: row.get("workflow_name")? },
        version_id,
        version: row.get("n")?,
        sla: sla(row)?,
        graph: graph(tx, version_id).await?,
    }))
}

fn sla(row: &Row) -> Result<Sla, Error> {
    Ok(Sla {
        critical_s: row.get("sla_critical_s")?,
        high_s: row.get("sla_high_s")?,
        medium_s: row.get("sla_medium_s")?,
        low_s: row.get("sla_low_s")?,
    })
}

/// The graph of a version.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn graph(tx: &Transaction, version: Uuid) -> Result<Graph, Error> {
    let steps = tx
        .query(
            "select id, key, name, description, instruction, role, escalate_role, weight_milli, position, is_start, \
             is_end, ui_x, ui_y from steps where version_id = $1 order by position, id",
            [version.into()],
        )
        .await?;
    let ways = tx
        .query(
            "select id, from_step_id, to_step_id, name, kind from transitions where version_id = $1 \
             order by position, id",
            [version.into()],
        )
        .await?;
    Ok(Graph {
        steps: steps.iter().map(step).collect::<Result<_, _>>()?,
        transitions: ways.iter().map(transition).collect::<Result<_, _>>()?,
    })
}

fn step(row: &Row) -> Result<Step, Error> {
    Ok(Step {
        id: row.get("id")?,
        key: row.get("key")?,
        name: row.get("name")?,
        description: row.get("description")?,
        instruction: row.get("instruction")?,
        role: row.get("role")?,
        escalate_role: row.get("escalate_role")?,
        weight_milli: row.get("weight_milli")?,
        position: row.get("position")?,
        is_start: row.get("is_start")?,
        is_end: row.get("is_end")?,
        x: row.get("ui_x")?,
        y: row.get("ui_y")?,
    })
}

fn transition(row: &Row) -> Result<Transition, Error> {
    Ok(Transition {
        id: row.get("id")?,
        from: row.get("from_step_id")?,
        to: row.get("to_step_id")?,
        name: row.get("name")?,
        kind: row.word("kind", TransitionKind::read)?,
    })
}
