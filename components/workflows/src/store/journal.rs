//! The audit log as it is read; it is written by `tasks::store`.

use sdk::page::{Found, Page};
use sdk::sql::{self, Condition, Error, Row};
use sdk::uuid::Uuid;

use super::{moment, total};

/// Which lines are wanted; an absent part does not restrict.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineFilter {
    /// Only those that this person may be shown as their own.
    pub(crate) only_of: Option<Uuid>,
    /// Only about the thing of this type and key.
    pub(crate) target: Option<(String, String)>,
    /// Only of this sort, for example `task.escalate`.
    pub(crate) action: Option<String>,
    /// Only what this person did.
    pub(crate) actor: Option<Uuid>,
}

/// A line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Its key.
    pub(crate) id: Uuid,
    /// When, in microseconds since 1970.
    pub(crate) at: i64,
    /// Who; absent for the system.
    pub(crate) actor_id: Option<Uuid>,
    /// Their name, or `system`.
    pub(crate) actor_name: String,
    /// From which address.
    pub(crate) actor_ip: Option<String>,
    /// With which browser.
    pub(crate) user_agent: Option<String>,
    /// What was done.
    pub(crate) action: String,
    /// Type and key of what it was done to.
    pub(crate) target: (String, String),
    /// `{field: {old, new}}`.
    pub(crate) changes: serde_json::Value,
    /// The request, or the message.
    pub(crate) correlation_id: Option<String>,
}

/// One page of the log, the last lines first.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn lines(filter: &LineFilter, page: Page) -> Result<Found<Line>, Error> {
    let mut condition = Condition::default();
    condition.equal("actor_id", filter.only_of);
    condition.equal("actor_id", filter.actor);
    condition.equal("action", filter.action.clone());
    if let Some((kind, id)) = &filter.target {
        condition.equal("target_type", Some(kind));
        condition.equal("target_id", Some(id));
    }
    let from = format!("from audit_log{}", condition.clause());
    let total = total(&sql::query(&format!("select count(*) as total {from}"), condition.params()).await?)?;
    let (limits, params) = condition.page(page);
    let statement = format!(
        "select id, at, actor_id, actor_name, actor_ip, user_agent, action, target_type, target_id, changes, \
         correlation_id {from} order by at desc, id desc{limits}"
    );
    let rows = sql::query(&statement, params).await?;
    Ok(Found { items: rows.iter().map(line).collect::<Result<_, _>>()?, total })
}

fn line(row: &Row) -> Result<Line, Error> {
    Ok(Line {
        id: row.get("id")?,
        at: moment(row, "at")?,
        actor_id: row.get("actor_id")?,
        actor_name: row.get("actor_name")?,
        actor_ip: row.get("actor_ip")?,
        user_agent: row.get("user_agent")?,
        action: row.get("action")?,
        target: (row.get("target_type")?, row.get("target_id")?),
        changes: row.get("changes")?,
        correlation_id: row.get("correlation_id")?,
    })
}
