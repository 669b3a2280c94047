//! Versions of workflows, as designers change them. Only a draft is ever written to.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Transaction, Value};
use sdk::uuid::Uuid;
use tasks::{Graph, Sla, Step, Transition};

use super::designs::Version;

fn targets(sla: &Sla) -> [Value; 4] {
    [sla.critical_s.into(), sla.high_s.into(), sla.medium_s.into(), sla.low_s.into()]
}

/// Adds a draft with the next number, without a graph.
///
/// # Errors
/// Those of [`Transaction::execute`]; it is unique if there is a draft.
pub(crate) async fn add_version(tx: &Transaction, workflow: Uuid, sla: &Sla, now: i64) -> Result<Version, Error> {
    let statement = "select coalesce(max(n), 0) as last from workflow_versions where workflow_id = $1";
    let rows = tx.query(statement, [workflow.into()]).await?;
    let last: u32 = rows.first().ok_or(Error::NoRow)?.get("last")?;
    let version = Version { id: sdk::id::new(), n: last + 1, sla: *sla };
    let mut params = vec![version.id.into(), workflow.into(), version.n.into(), true.into(), Timestamp(now).into()];
    params.extend(targets(sla));
    tx.execute(
        "insert into workflow_versions (id, workflow_id, n, is_draft, created_at, sla_critical_s, sla_high_s, \
         sla_medium_s, sla_low_s) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params,
    )
    .await?;
    Ok(version)
}

/// Gives a draft other times.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn set_sla(tx: &Transaction, draft: Uuid, sla: &Sla) -> Result<(), Error> {
    let mut params = vec![draft.into()];
    params.extend(targets(sla));
    tx.execute(
        "update workflow_versions set sla_critical_s = $2, sla_high_s = $3, sla_medium_s = $4, sla_low_s = $5 \
         where id = $1 and is_draft",
        params,
    )
    .await?;
    Ok(())
}

/// Makes a draft a published version, which is never written to again.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn publish_version(tx: &Transaction, draft: Uuid, by: Uuid, now: i64) -> Result<(), Error> {
    let statement = "update workflow_versions set is_draft = $2, published_at = $3, published_by = $4 \
         where id = $1 and is_draft";
    tx.execute(statement, vec![draft.into(), false.into(), Timestamp(now).into(), by.into()]).await?;
    Ok(())
}

/// Replaces the graph of a draft.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn put_graph(tx: &Transaction, draft: Uuid, graph: &Graph) -> Result<(), Error> {
    tx.execute("delete from transitions where version_id = $1", [draft.into()]).await?;
    tx.execute("delete from steps where version_id = $1", [draft.into()]).await?;
    for step in &graph.steps {
        add_step(tx, draft, step).await?;
    }
    for (position, way) in (0_u32..).zip(&graph.transitions) {
        add_transition(tx, draft, way, position).await?;
    }
    Ok(())
}

async fn add_step(tx: &Transaction, draft: Uuid, step: &Step) -> Result<(), Error> {
    let params = vec![
        step.id.into(),
        draft.into(),
        (&step.key).into(),
        (&step.name).into(),
        (&step.description).into(),
        (&step.instruction).into(),
        (&step.role).into(),
        step.escalate_role.clone().into(),
        step.weight_milli.into(),
        step.position.into(),
        step.is_start.into(),
        step.is_end.into(),
        step.x.into(),
        step.y.into(),
    ];
    tx.execute(
        "insert into steps (id, version_id, key, name, description, instruction, role, escalate_role, weight_milli, \
         position, is_start, is_end, ui_x, ui_y) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params,
    )
    .await?;
    Ok(())
}

async fn add_transition(tx: &Transaction, draft: Uuid, way: &Transition, position: u32) -> Result<(), Error> {
    let params = vec![
        way.id.into(),
        draft.into(),
        way.from.into(),
        way.to.into(),
        (&way.name).into(),
        way.kind.code().into(),
        position.into(),
    ];
    tx.execute(
        "insert into transitions (id, version_id, from_step_id, to_step_id, name, kind, position) \
         values ($1, $2, $3, $4, $5, $6, $7)",
        params,
    )
    .await?;
    Ok(())
}
