//! `POST /internal/demo` (private): fills an empty database with the scenario's workflows and with the work on its
//! tickets. What the story tells is done over again by the rules of tasks, so that nothing stands here that could not
//! have come about; nobody is told.

use axum::http::StatusCode;
use scenario::{Asked, PEOPLE, Who};
use sdk::http::Query;
use sdk::sql::{self, Transaction};
use sdk::uuid::Uuid;
use sdk::{Problem, clock};
use tasks::store::Trace;
use tasks::{
    Actor, Alarm, Allocation, By, Case, Change, Command, Fresh, Graph, Member, Opening, Origin, Person, Plan, Pool,
    Pools, Priority, Refusal, Sla, Step, Ticket, Transition, TransitionKind, WorkflowRef, alarm, decide, open,
};

use crate::domain::{Head, Life};
use crate::store::{self, Design, Version, demo};

/// Older than any news of auth, which replaces it.
const SOURCE_VERSION: i64 = 1;

/// The workflows are older than any ticket of the story: 90 days.
const AGE_US: i64 = 90 * 86_400 * clock::SECOND;

/// Writes what is missing of workflows and, unless only people are wanted, of the story; 204.
pub(super) async fn seed(Query(asked): Query<Asked>) -> Result<StatusCode, Problem> {
    let now = clock::now().0;
    let moment = asked.moment(now);
    let tickets = if asked.is_full() { scenario::story(moment) } else { Vec::new() };
    let approved = tickets.iter().filter(|ticket| ticket.approval.is_some());
    let histories: Vec<_> = approved.map(|ticket| history(ticket, moment)).collect::<Result<_, _>>()?;
    sql::retry(|| save(&histories, now)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All that is missing, in one transaction.
async fn save(histories: &[History], now: i64) -> Result<(), Problem> {
    let tx = sql::begin().await?;
    if !demo::any_workflow(&tx).await? {
        for person in PEOPLE {
            tasks::store::mirror(&tx, &member(person)).await?;
        }
        for workflow in scenario::workflows() {
            save_workflow(&tx, workflow, now - AGE_US).await?;
        }
    }
    // Somebody else's workflows cannot carry the story.
    let keys: Vec<_> = scenario::workflows().iter().map(|workflow| (workflow.version, workflow.key)).collect();
    if !demo::any_ticket(&tx).await? && demo::has_versions(&tx, &keys).await? {
        for history in histories {
            save_history(&tx, history).await?;
        }
        tasks::store::flag_late_tasks(&tx, now, u32::MAX).await?;
    }
    Ok(tx.commit().await?)
}

/// A workflow as if the superuser had drawn and published it.
async fn save_workflow(tx: &Transaction, told: &scenario::Workflow, at: i64) -> Result<(), Problem> {
    let author = PEOPLE.first().map(|person| person.key).unwrap_or_default();
    let plan = plan(told);
    let version = Version { id: plan.version_id, n: plan.version, sla: plan.sla };
    let drawn = Design {
        id: told.key,
        head: Head {
            name: told.name.to_owned(),
            description: told.description.to_owned(),
            department: told.department.to_owned(),
            category: told.category.to_owned(),
            sub_category: told.sub_category.map(str::to_owned),
        },
        life: Life::Draft,
        current: None,
        draft: Some(version),
        created_by: Some(author),
        created_at: at,
        updated_at: at,
        row_version: 1,
    };
    store::insert(tx, &drawn).await?;
    demo::add_draft(tx, &plan, at).await?;
    store::set_sla(tx, version.id, &version.sla).await?;
    store::put_graph(tx, version.id, &plan.graph).await?;
    if told.is_published {
        store::publish_version(tx, version.id, author, at).await?;
        let published = Design { life: Life::Published, current: Some(version), draft: None, row_version: 2, ..drawn };
        store::update(tx, &published).await?;
    }
    Ok(())
}

async fn save_history(tx: &Transaction, history: &History) -> Result<(), Problem> {
    let History { ticket, opened_at, withdrawn, deeds } = history;
    tasks::store::put(tx, ticket, *opened_at, *opened_at).await?;
    let wanted = [Some(&ticket.department), Some(&ticket.category), ticket.sub_category.as_ref()];
    let wanted = wanted.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" / ");
    let (allocation, reason) = if deeds.is_empty() {
        (Allocation::Unmatched, Some(format!("No published workflow is for {wanted}.")))
    } else {
        (Allocation::Allocated, None)
    };
    tasks::store::allocate(tx, ticket.id, allocation, reason.as_deref(), None).await?;
    for deed in deeds {
        match deed {
            Deed::Change(change) => tasks::store::save(tx, change, &Trace::default()).await?,
            Deed::Alarm { item, alarm, at } => tasks::store::settle(tx, *item, alarm, *at).await?,
        }
    }
    if let Some((at, reason)) = withdrawn {
        tasks::store::withdraw(tx, ticket.id, reason, *at).await?;
    }
    Ok(())
}

// === the scenario in the words of tasks ===

fn person(who: Who) -> Person {
    Person { id: who.key, name: who.full_name(), email: who.email() }
}

fn member(who: Who) -> Member {
    let roles = who.roles.iter().map(|(system, role)| ((*system).to_owned(), (*role).to_owned()));
    Member { person: person(who), is_active: true, roles: roles.collect(), source_version: SOURCE_VERSION }
}

fn actor(who: Who) -> Actor {
    Actor { person: person(who), is_admin: who.holds("tts", "Admin") }
}

fn only(who: Who) -> Pool {
    Pool { members: vec![person(who)], ..Pool::default() }
}

fn plan(workflow: &scenario::Workflow) -> Plan {
    let scenario::Targets { critical_s, high_s, medium_s, low_s } = scenario::TARGETS;
    Plan {
        workflow: WorkflowRef { id: workflow.key, name: workflow.name.to_owned() },
        version_id: workflow.version,
        version: 1,
        sla: Sla { critical_s: Some(critical_s), high_s: Some(high_s), medium_s: Some(medium_s), low_s: Some(low_s) },
        graph: graph(workflow),
    }
}

fn graph(workflow: &scenario::Workflow) -> Graph {
    let step = |(position, step): (u32, &scenario::Step)| Step {
        id: step.key,
        key: step.word.to_owned(),
        name: step.name.to_owned(),
        description: step.description.to_owned(),
        instruction: step.instruction.to_owned(),
        role: step.role.to_owned(),
        escalate_role: Some(scenario::ESCALATE_ROLE.to_owned()),
        weight_milli: step.weight_milli,
        position,
        is_start: step.is_start,
        is_end: step.is_end,
        x: step.at.0,
        y: step.at.1,
    };
    let key = |word: &str| workflow.step(word).map(|step| step.key).unwrap_or_default();
    let way = |way: &scenario::Transition| Transition {
        id: way.key,
        from: key(way.from),
        to: key(way.to),
        name: way.name.to_owned(),
        kind: if way.is_return { TransitionKind::Return } else { TransitionKind::Forward },
    };
    Graph {
        steps: (0..).zip(&workflow.steps).map(step).collect(),
        transitions: workflow.transitions.iter().map(way).collect(),
    }
}

fn ticket(told: &scenario::Ticket, approval: &scenario::Approval) -> Result<Ticket, Problem> {
    let priority = Priority::read(approval.priority.label());
    Ok(Ticket {
        id: told.key,
        number: told.number.clone(),
        subject: told.subject.to_owned(),
        description: told.description.to_owned(),
        department: approval.department.to_owned(),
        category: told.category.name.to_owned(),
        sub_category: told.category.sub.map(str::to_owned),
        priority: priority.ok_or_else(|| Problem::internal("the scenario has a priority of its own"))?,
        requester: person(told.requester),
    })
}

// === the story by the rules of tasks ===

/// An approved ticket and the work on it.
struct History {
    ticket: Ticket,
    opened_at: i64,
    /// When it was taken back, and why.
    withdrawn: Option<(i64, &'static str)>,
    deeds: Vec<Deed>,
}

/// One thing that happened to a task.
enum Deed {
    Change(Box<Change>),
    /// A look at the clock found a level reached.
    Alarm {
        item: Uuid,
        alarm: Alarm,
        at: i64,
    },
}

fn history(told: &scenario::Ticket, now: i64) -> Result<History, Problem> {
    let approval = told.approval.ok_or_else(|| Problem::internal("a ticket without approval has no history here"))?;
    let ticket = ticket(told, &approval)?;
    let fault = |refusal: Refusal| Problem::internal(format!("{}: {refusal:?}", told.subject));
    let deeds = told.task.as_ref().map(|task| deeds(&ticket, task, now).map_err(fault)).transpose()?;
    let withdrawn = told.withdrawal.map(|it| (it.at, it.text));
    Ok(History { ticket, opened_at: approval.at, withdrawn, deeds: deeds.unwrap_or_default() })
}

fn deeds(ticket: &Ticket, told: &scenario::Task, now: i64) -> Result<Vec<Deed>, Refusal> {
    let mut work = Work { deeds: Vec::new(), case: None };
    let plan = plan(told.workflow);
    if let Some(first) = told.items.first() {
        let pools = Pools { owners: vec![only(told.owner)], assignees: only(first.assignee) };
        let opening = Opening { task: told.key, ticket, plan: &plan, origin: Origin::System };
        let fresh = Fresh { now: told.started_at, item: first.key };
        work.push(open(&opening, &pools, By::System, fresh)?);
    }
    let followers = told.items.iter().skip(1).map(Some).chain([None]);
    for (item, next) in told.items.iter().zip(followers) {
        work.begin(item)?;
        work.watch(item, now);
        work.end(item, next)?;
    }
    Ok(work.deeds)
}

/// A task while its story is told.
struct Work {
    deeds: Vec<Deed>,
    case: Option<Case>,
}

impl Work {
    /// Takes a change over, without the messages that it would send.
    fn push(&mut self, change: Change) {
        self.case = Some(change.case.clone());
        self.deeds.push(Deed::Change(Box::new(Change { facts: Vec::new(), ..change })));
    }

    fn decide(&mut self, command: &Command, by: By<'_>, pool: &Pool, fresh: Fresh) -> Result<(), Refusal> {
        if let Some(case) = &self.case {
            let change = decide(case, command, by, pool, fresh)?;
            self.push(change);
        }
        Ok(())
    }

    /// Who acts without having begun begins with that.
    fn begin(&mut self, item: &scenario::Item) -> Result<(), Refusal> {
        let Some(now) = item.started_at.filter(|at| item.acted_at.is_none_or(|acted_at| *at < acted_at)) else {
            return Ok(());
        };
        let holder = actor(item.assignee);
        let fresh = Fresh { now, item: Uuid::nil() };
        self.decide(&Command::Start { item: item.key }, By::Person(&holder), &Pool::default(), fresh)
    }

    fn watch(&mut self, told: &scenario::Item, now: i64) {
        let Some(item) = self.case.as_mut().and_then(|case| case.items.iter_mut().find(|it| it.id == told.key)) else {
            return;
        };
        for level in told.alerts(now) {
            let Some(alarm) = alarm(item, &[], level.at) else { continue };
            if alarm.is_breach {
                item.breached_at = Some(level.at);
            }
            self.deeds.push(Deed::Alarm { item: told.key, alarm, at: level.at });
        }
    }

    fn end(&mut self, item: &scenario::Item, next: Option<&scenario::Item>) -> Result<(), Refusal> {
        let Some(now) = item.acted_at else { return Ok(()) };
        let notes = item.notes.clone().unwrap_or_default();
        let command = match item.state {
            scenario::ItemState::Escalated => Command::Escalate { item: item.key, reason: notes },
            scenario::ItemState::Reassigned => {
                let user = next.map(|next| next.assignee.key).unwrap_or_default();
                Command::Transfer { item: item.key, user, notes }
            }
            scenario::ItemState::Cancelled => Command::Cancel { reason: notes },
            _ => Command::Act { transition: item.transition.map(|way| way.key), notes, row_version: None },
        };
        let pool = next.map(|next| only(next.assignee)).unwrap_or_default();
        let fresh = Fresh { now, item: next.map(|next| next.key).unwrap_or_default() };
        let by = item.acted_by.map(actor);
        self.decide(&command, by.as_ref().map_or(By::System, By::Person), &pool, fresh)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tasks::{Draft, check};

    use super::*;

    const NOW: i64 = 1_773_065_100_000_000;

    #[test]
    fn every_task_comes_about_by_the_rules_and_stands_as_the_story_says() {
        for told in scenario::story(NOW).iter().filter(|ticket| ticket.approval.is_some()) {
            let history = history(told, NOW).unwrap_or_else(|problem| panic!("{problem:?}"));
            let changes = history.deeds.iter().rev();
            let last = changes.filter_map(|deed| match deed {
                Deed::Change(change) => Some(&change.case),
                Deed::Alarm { .. } => None,
            });
            let (Some(task), Some(case)) = (&told.task, last.into_iter().next()) else {
                assert!(told.task.is_none() && history.deeds.is_empty(), "{}", told.subject);
                continue;
            };
            assert_eq!((case.task.state.code(), case.task.due_at), (task.state.code(), Some(task.due_at)));
            assert_eq!((case.task.completed_at, case.task.cancelled_at), (task.completed_at, task.cancelled_at));
            assert_eq!(case.items.len(), task.items.len());
            for (item, told) in case.items.iter().zip(&task.items) {
                assert_eq!((item.id, item.step, item.assignee.id), (told.key, told.step.key, told.assignee.key));
                assert_eq!((item.state.code(), item.origin.code()), (told.state.code(), told.origin.code()));
                assert_eq!((item.role.as_str(), item.transition), (told.role, told.transition.map(|way| way.key)));
                assert_eq!((item.assigned_at, item.started_at), (told.assigned_at, told.started_at));
                assert_eq!((item.acted_at, item.due_at), (told.acted_at, Some(told.due_at)));
                assert_eq!(item.acted_by, told.acted_by.map(|who| who.key));
            }
        }
    }

    #[test]
    fn nothing_is_told_and_late_steps_are_noted_before_they_end() {
        for told in scenario::story(NOW).iter().filter(|ticket| ticket.task.is_some()) {
            let history = history(told, NOW).unwrap_or_else(|problem| panic!("{problem:?}"));
            let mut alarms = 0;
            for deed in &history.deeds {
                match deed {
                    Deed::Change(change) => assert!(change.facts.is_empty()),
                    Deed::Alarm { .. } => alarms += 1,
                }
            }
            let items = told.task.iter().flat_map(|task| &task.items);
            assert_eq!(alarms, items.map(|item| item.alerts(NOW).len()).sum::<usize>(), "{}", told.subject);
        }
    }

    #[test]
    fn five_workflows_can_be_published_and_the_draft_has_a_dead_end_and_an_orphan() {
        let staffed: BTreeSet<_> =
            PEOPLE.iter().flat_map(|who| who.roles).map(|(_, role)| (*role).to_owned()).collect();
        for workflow in scenario::workflows() {
            let Plan { sla, graph, .. } = plan(workflow);
            let (name, sub_category) = (workflow.name, workflow.sub_category);
            let (department, category) = (workflow.department, workflow.category);
            let draft = Draft { name, department, category, sub_category, sla: &sla, graph: &graph };
            let errors = check(&draft, &staffed).errors;
            assert_eq!(errors.is_empty(), workflow.is_published, "{name}: {errors:?}");
            let steps: BTreeSet<_> = errors.iter().filter_map(|error| error.step.as_deref()).collect();
            assert!(workflow.is_published || steps == BTreeSet::from(["archive", "inspect"]), "{errors:?}");
        }
    }
}
