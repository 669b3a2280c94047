//! Changes of a workflow: its head, its graph, and where it stands. Each is one transaction with one line in the audit
//! log, and nothing at all if nothing is other than before.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use sdk::clock::Timestamp;
use sdk::http::{Json, Path};
use sdk::problem::Slug;
use sdk::sql::{self, Transaction};
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, clock, id};
use serde_json::{Map, Value, json};
use tasks::{Audit, Graph, Sla};

use super::super::caller::{admin, trace};
use super::super::invalid;
use super::{drawing, match_taken, name_taken, no_workflow, read, touched, unless_taken};
use crate::domain::{Caller, HeadPatch, Move, Sketch, graph_changes, head_changes, rekeyed, sla_changes};
use crate::store::{self, Design, Version};

/// What is to become of a workflow.
enum Edit {
    Head(HeadPatch),
    /// With the version that the sender read.
    Graph(Graph, Option<i64>),
    Move(Move),
}

/// What an edit led to: the workflow after it and what is other, for the audit log.
struct Edited {
    design: Design,
    changes: Map<String, Value>,
}

/// `PATCH /{id}` by administrators: name, description and the tickets it is for, at once; times, in the draft.
pub(in super::super) async fn patch(
    principal: Principal,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let caller = admin(&principal)?;
    let Json(patch) = Json::from_request(request, &()).await?;
    carry_out(&caller, id, &headers, &Edit::Head(patch)).await
}

/// `PUT /{id}/graph` by administrators: the graph of the draft; a workflow without one gets one.
pub(in super::super) async fn draw(
    principal: Principal,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let caller = admin(&principal)?;
    let Json(sketch) = Json::<Sketch>::from_request(request, &()).await?;
    let read = sketch.row_version;
    let graph = sketch.read("", id::new).map_err(invalid)?;
    carry_out(&caller, id, &headers, &Edit::Graph(graph, read)).await
}

/// `POST /{id}/publish` by administrators: new tasks follow the draft from now on; 422 with what it lacks.
pub(in super::super) async fn publish(
    principal: Principal,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    carry_out(&admin(&principal)?, id, &headers, &Edit::Move(Move::Publish)).await
}

/// `POST /{id}/pause` by administrators: it takes no tickets for a while.
pub(in super::super) async fn pause(
    principal: Principal,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    carry_out(&admin(&principal)?, id, &headers, &Edit::Move(Move::Pause)).await
}

/// `POST /{id}/resume` by administrators: it takes tickets again.
pub(in super::super) async fn resume(
    principal: Principal,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    carry_out(&admin(&principal)?, id, &headers, &Edit::Move(Move::Resume)).await
}

/// `POST /{id}/archive` by administrators: it is put away for good.
pub(in super::super) async fn archive(
    principal: Principal,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    carry_out(&admin(&principal)?, id, &headers, &Edit::Move(Move::Archive)).await
}

async fn carry_out(
    caller: &Caller,
    id: Uuid,
    headers: &HeaderMap,
    edit: &Edit,
) -> Result<impl IntoResponse + use<>, Problem> {
    sql::retry(|| async {
        let tx = sql::begin().await?;
        let design = store::design(&tx, id).await?.ok_or_else(no_workflow)?;
        drawing::if_match(headers, edit.read(), &design)?;
        let now = clock::now();
        let Edited { design, changes } = match edit {
            Edit::Head(patch) => edit_head(&tx, &design, patch, now).await?,
            Edit::Graph(graph, _) => edit_graph(&tx, &design, graph, now).await?,
            Edit::Move(step) => make_move(&tx, &design, *step, (caller, now)).await?,
        };
        if changes.is_empty() {
            return Ok(());
        }
        if !store::update(&tx, &design).await.map_err(unless_taken)? {
            return Err(sql::Error::Conflict.into());
        }
        let line = Audit {
            at: now.0,
            actor: Some(caller.person.clone()),
            action: edit.action(),
            target: ("Workflow", id.to_string()),
            changes: Value::Object(changes),
        };
        tasks::store::audit(&tx, &line, &trace(headers)).await?;
        Ok::<_, Problem>(tx.commit().await?)
    })
    .await?;
    read::answer(id, Design::latest).await
}

impl Edit {
    fn action(&self) -> &'static str {
        match self {
            Self::Head(_) => "workflow.update",
            Self::Graph(..) => "workflow.draw",
            Self::Move(step) => step.action(),
        }
    }

    /// The version that the sender read, if the document says.
    fn read(&self) -> Option<i64> {
        match self {
            Self::Head(patch) => patch.row_version,
            Self::Graph(_, read) => *read,
            Self::Move(_) => None,
        }
    }
}

async fn edit_head(tx: &Transaction, design: &Design, patch: &HeadPatch, now: Timestamp) -> Result<Edited, Problem> {
    open_to_designers(design)?;
    let latest = design.latest().ok_or_else(no_workflow)?;
    let (head, sla) = patch.apply(&design.head, &latest.sla, design.life.is_in_use()).map_err(invalid)?;
    let mut changes = head_changes(&design.head, &head);
    let after = Design { head, ..touched(design, now) };
    if store::name_is_taken(tx, &after.head.name, design.id).await? {
        return Err(name_taken());
    }
    if after.takes_tickets()
        && let Some(rival) = store::rival(tx, &after.head, design.id).await?
    {
        return Err(match_taken(&rival));
    }
    let times = sla_changes(&latest.sla, &sla);
    if !times.is_empty() {
        retime(tx, design, (latest, &sla), now).await?;
        changes.extend(times);
    }
    Ok(Edited { design: after, changes })
}

/// Gives the draft other times; makes it, with the graph that tasks follow, if there is none.
async fn retime(
    tx: &Transaction,
    design: &Design,
    (latest, sla): (Version, &Sla),
    now: Timestamp,
) -> Result<(), Problem> {
    if let Some(draft) = design.draft {
        return Ok(store::set_sla(tx, draft.id, sla).await?);
    }
    let graph = tasks::store::graph(tx, latest.id).await?;
    let draft = store::add_version(tx, design.id, sla, now.0).await?;
    Ok(store::put_graph(tx, draft.id, &rekeyed(&graph, id::new)).await?)
}

async fn edit_graph(tx: &Transaction, design: &Design, graph: &Graph, now: Timestamp) -> Result<Edited, Problem> {
    open_to_designers(design)?;
    let latest = design.latest().ok_or_else(no_workflow)?;
    let changes = graph_changes(&tasks::store::graph(tx, latest.id).await?, graph);
    if !changes.is_empty() {
        let draft = match design.draft {
            Some(draft) => draft,
            None => store::add_version(tx, design.id, &latest.sla, now.0).await?,
        };
        store::put_graph(tx, draft.id, graph).await?;
    }
    Ok(Edited { design: touched(design, now), changes })
}

async fn make_move(
    tx: &Transaction,
    design: &Design,
    step: Move,
    (caller, now): (&Caller, Timestamp),
) -> Result<Edited, Problem> {
    let life = design.life.after(step).ok_or_else(|| not_here(design))?;
    let mut after = Design { life, ..touched(design, now) };
    let mut changes = Map::new();
    if step == Move::Publish {
        let draft = design.draft.ok_or_else(|| refused(design, "There is no draft to publish."))?;
        let findings = read::checked(tx, design, draft).await?;
        if !findings.errors.is_empty() {
            return Err(unfit(drawing::findings(&findings)));
        }
        store::publish_version(tx, draft.id, caller.person.id, now.0).await?;
        after.current = Some(draft);
        let old = design.current.map(|version| version.n);
        changes.insert("version".to_owned(), json!({ "old": old, "new": draft.n }));
    }
    if after.takes_tickets()
        && let Some(rival) = store::rival(tx, &design.head, design.id).await?
    {
        return Err(match_taken(&rival));
    }
    if life != design.life {
        changes.insert("status".to_owned(), json!({ "old": design.life.code(), "new": life.code() }));
    }
    Ok(Edited { design: after, changes })
}

/// What is archived stays as it is.
fn open_to_designers(design: &Design) -> Result<(), Problem> {
    if design.life.is_open() { Ok(()) } else { Err(not_here(design)) }
}

fn not_here(design: &Design) -> Problem {
    refused(design, &format!("The workflow is {}, where this is not possible.", design.life.words()))
}

/// A move that cannot be made, with those that can: nothing is published without a draft.
fn refused(design: &Design, why: &str) -> Problem {
    let moves = design.life.allowed().into_iter();
    let allowed = moves.filter(|step| *step != Move::Publish || design.draft.is_some()).map(Move::code);
    Problem::conflict(why).member("current_status", design.life.code()).member("allowed", allowed.collect::<Vec<_>>())
}

/// The draft cannot be published; `errors` say why in the form of the validation.
fn unfit(findings: Map<String, Value>) -> Problem {
    let problem = Problem::new(Slug::Invalid).detail("The draft is not fit to be published.");
    findings.into_iter().fold(problem, |problem, (name, value)| match name.as_str() {
        "errors" => problem.member("errors", value),
        _ => problem.member("warnings", value),
    })
}
