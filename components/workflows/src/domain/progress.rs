//! How far a task is: each step of its version as done, active or to come.

use tasks::{Case, ItemState, Step, TaskState, TransitionKind};
use uuid::Uuid;

/// Where the work stands with regard to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The work went through it, and has not come back before it since.
    Done,
    /// The work is here.
    Active,
    /// Not reached, or to be done again.
    Pending,
}

impl Stage {
    /// The form in answers.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Active => "active",
            Self::Pending => "pending",
        }
    }
}

/// Every step in the order in which it is drawn. Followed along what people chose, not along that order, so that
/// branches and ways back come out right.
pub(crate) fn stages(case: &Case) -> Vec<(&Step, Stage)> {
    let done = path(case);
    let active = case.task.current_step.filter(|_| case.task.state.is_live());
    let stage = |step: &Step| match step.id {
        id if active == Some(id) => Stage::Active,
        id if done.contains(&id) => Stage::Done,
        _ => Stage::Pending,
    };
    case.plan.graph.steps.iter().map(|step| (step, stage(step))).collect()
}

/// The steps that count as done.
fn path(case: &Case) -> Vec<Uuid> {
    let mut path: Vec<Uuid> = Vec::new();
    for item in case.items.iter().filter(|item| item.state == ItemState::Resolved) {
        let way = item.transition.and_then(|id| case.plan.graph.transition(id));
        match way {
            Some(way) if way.kind == TransitionKind::Return => {}
            _ if path.contains(&item.step) => {}
            _ => path.push(item.step),
        }
        // What lies at or after the step that the work came to is to be done (again).
        if let Some(back_at) = way.and_then(|way| path.iter().position(|step| *step == way.to)) {
            path.truncate(back_at);
        }
    }
    if case.task.state != TaskState::Completed {
        path.retain(|step| Some(*step) != case.task.current_step);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::super::example::case;
    use super::*;

    fn seen(case: &Case) -> Vec<&'static str> {
        stages(case).into_iter().map(|(_, stage)| stage.code()).collect()
    }

    #[test]
    fn steps_are_done_as_the_work_goes_through_them() {
        assert_eq!(seen(&case(&[("triage", 3, None)])), ["active", "pending", "pending"]);
        assert_eq!(seen(&case(&[("triage", 3, Some("submit")), ("resolve", 4, None)])), ["done", "active", "pending"]);
        let whole = [("triage", 3, Some("submit")), ("resolve", 4, Some("approve")), ("finalize", 3, Some("finish"))];
        assert_eq!(seen(&case(&whole)), ["done", "done", "done"]);
    }

    #[test]
    fn a_way_back_undoes_what_lies_after_it_and_a_branch_leaves_steps_out() {
        let back = [("triage", 3, Some("submit")), ("resolve", 4, Some("reject")), ("triage", 3, None)];
        assert_eq!(seen(&case(&back)), ["active", "pending", "pending"]);
        let again = [back[0], back[1], ("triage", 3, Some("submit")), ("resolve", 4, None)];
        assert_eq!(seen(&case(&again)), ["done", "active", "pending"]);
        let skipped = [("triage", 3, Some("skip")), ("finalize", 3, None)];
        assert_eq!(seen(&case(&skipped)), ["done", "pending", "active"]);
    }

    #[test]
    fn nothing_is_active_in_a_cancelled_task() {
        let mut case = case(&[("triage", 3, Some("submit")), ("resolve", 4, None)]);
        case.task.state = TaskState::Cancelled;
        assert_eq!(seen(&case), ["done", "pending", "pending"]);
    }
}
