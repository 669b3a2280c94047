//! Workflows: what they are called, which tickets they are for, and which versions they have.

use sdk::clock::Timestamp;
use sdk::page::{Found, Page};
use sdk::sql::{self, Condition, Error, Row, Transaction};
use sdk::uuid::Uuid;
use tasks::{Sla, match_key};

use super::{at, moment, total};
use crate::domain::{Head, Life};

/// A workflow, without its graphs.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    /// Its key.
    pub(crate) id: Uuid,
    /// What it is called and which tickets it is for.
    pub(crate) head: Head,
    /// Where it stands.
    pub(crate) life: Life,
    /// The version that new tasks follow, or followed last.
    pub(crate) current: Option<Version>,
    /// The version that designers work on.
    pub(crate) draft: Option<Version>,
    /// Who made it.
    pub(crate) created_by: Option<Uuid>,
    /// When, in microseconds since 1970.
    pub(crate) created_at: i64,
    /// When it was changed last, likewise.
    pub(crate) updated_at: i64,
    /// Counts the changes, from 1.
    pub(crate) row_version: i64,
}

/// A version of a workflow, without its graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    /// Its key.
    pub(crate) id: Uuid,
    /// Its number, from 1.
    pub(crate) n: u32,
    /// How long tasks may take.
    pub(crate) sla: Sla,
}

/// Which workflows are wanted; an absent part does not restrict.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Only those that stand here.
    pub(crate) life: Option<Life>,
    /// Only those of this department, in any case.
    pub(crate) department: Option<String>,
    /// Only those with this text in name, description or category, in any case.
    pub(crate) search: Option<String>,
}

impl Design {
    /// The version that designers work on, else the one that tasks follow.
    pub(crate) fn latest(&self) -> Option<Version> {
        self.draft.or(self.current)
    }

    /// Whether new tickets come to it.
    pub(crate) fn takes_tickets(&self) -> bool {
        self.life == Life::Published
    }
}

const COLUMNS: &str = "w.id, w.name, w.description, w.department, w.category, w.subcategory, w.state, w.created_by, \
    w.created_at, w.updated_at, w.row_version, c.id as current_id, c.n as current_n, \
    c.sla_critical_s as current_critical_s, c.sla_high_s as current_high_s, c.sla_medium_s as current_medium_s, \
    c.sla_low_s as current_low_s, d.id as draft_id, d.n as draft_n, d.sla_critical_s as draft_critical_s, \
    d.sla_high_s as draft_high_s, d.sla_medium_s as draft_medium_s, d.sla_low_s as draft_low_s";

const FROM: &str = "from workflows w left join workflow_versions c on c.id = w.current_version_id \
    left join workflow_versions d on d.workflow_id = w.id and d.is_draft";

/// One workflow.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn design(tx: &Transaction, id: Uuid) -> Result<Option<Design>, Error> {
    let rows = tx.query(&format!("select {COLUMNS} {FROM} where w.id = $1"), [id.into()]).await?;
    rows.first().map(read).transpose()
}

/// One page of workflows, by name.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn list(wanted: &Wanted, page: Page) -> Result<Found<Design>, Error> {
    let mut condition = Condition::default();
    condition.equal("w.state", wanted.life.map(Life::code));
    condition.same("w.department", wanted.department.as_deref());
    condition.search(&["w.name", "w.description", "w.category"], wanted.search.as_deref());
    let from = format!("{FROM}{}", condition.clause());
    let total = total(&sql::query(&format!("select count(*) as total {from}"), condition.params()).await?)?;
    let (limits, params) = condition.page(page);
    let rows = sql::query(&format!("select {COLUMNS} {from} order by lower(w.name), w.id{limits}"), params).await?;
    Ok(Found { items: rows.iter().map(read).collect::<Result<_, _>>()?, total })
}

fn read(row: &Row) -> Result<Design, Error> {
    Ok(Design {
        id: row.get("id")?,
        head: Head {
            name: row.get("name")?,
            description: row.get("description")?,
            department: row.get("department")?,
            category: row.get("category")?,
            sub_category: row.get("subcategory")?,
        },
        life: row.word("state", Life::read)?,
        current: version(row, "current")?,
        draft: version(row, "draft")?,
        created_by: row.get("created_by")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
        row_version: row.get("row_version")?,
    })
}

fn version(row: &Row, prefix: &str) -> Result<Option<Version>, Error> {
    let column = |name: &str| format!("{prefix}_{name}");
    let Some(id) = row.get(&column("id"))? else { return Ok(None) };
    let sla = Sla {
        critical_s: row.get(&column("critical_s"))?,
        high_s: row.get(&column("high_s"))?,
        medium_s: row.get(&column("medium_s"))?,
        low_s: row.get(&column("low_s"))?,
    };
    Ok(Some(Version { id, n: row.get(&column("n"))?, sla }))
}

fn key_of(head: &Head) -> String {
    match_key(&head.department, &head.category, head.sub_category.as_deref())
}

/// Stores a new workflow, without any version.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn insert(tx: &Transaction, design: &Design) -> Result<(), Error> {
    let head = &design.head;
    let params = vec![
        design.id.into(),
        (&head.name).into(),
        (&head.description).into(),
        (&head.department).into(),
        (&head.category).into(),
        head.sub_category.clone().into(),
        key_of(head).into(),
        design.life.code().into(),
        design.created_by.into(),
        at(design.created_at),
        at(design.updated_at),
        design.row_version.into(),
    ];
    tx.execute(
        "insert into workflows (id, name, description, department, category, subcategory, match_key, state, \
         created_by, created_at, updated_at, row_version) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params,
    )
    .await?;
    Ok(())
}

/// Writes what a change can change, if the workflow is still as it was loaded: its version one less than now. False
/// if somebody else was faster.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn update(tx: &Transaction, design: &Design) -> Result<bool, Error> {
    let head = &design.head;
    let params = vec![
        design.id.into(),
        (design.row_version - 1).into(),
        (&head.name).into(),
        (&head.description).into(),
        (&head.department).into(),
        (&head.category).into(),
        head.sub_category.clone().into(),
        key_of(head).into(),
        design.life.code().into(),
        design.current.map(|version| version.id).into(),
        Timestamp(design.updated_at).into(),
        design.row_version.into(),
    ];
    let changed = tx
        .execute(
            "update workflows set name = $3, description = $4, department = $5, category = $6, subcategory = $7, \
             match_key = $8, state = $9, current_version_id = $10, updated_at = $11, row_version = $12 \
             where id = $1 and row_version = $2",
            params,
        )
        .await?;
    Ok(changed == 1)
}

/// Whether another workflow that is not archived has this name.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn name_is_taken(tx: &Transaction, name: &str, except: Uuid) -> Result<bool, Error> {
    let statement = "select 1 as one from workflows where lower(name) = lower($1) and state <> 'archived' and id <> $2";
    Ok(!tx.query(statement, [name.into(), except.into()]).await?.is_empty())
}

/// The other workflow that takes the same tickets, if there is one: key and name.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn rival(tx: &Transaction, head: &Head, except: Uuid) -> Result<Option<(Uuid, String)>, Error> {
    let statement = "select id, name from workflows where match_key = $1 and state = 'published' and id <> $2";
    let rows = tx.query(statement, [key_of(head).into(), except.into()]).await?;
    rows.first().map(|row| Ok((row.get("id")?, row.get("name")?))).transpose()
}
