//! How a command that came to nothing is answered.

use sdk::Problem;
use serde_json::json;
use tasks::Refusal;
use tasks::desk::Failure;

use super::caller::no_task;
use super::forbidden;

/// The answer to a command on a task that failed.
pub(super) fn problem(failure: Failure) -> Problem {
    match failure {
        Failure::Unknown => no_task(),
        Failure::Refused(refusal) => refused(refusal),
        Failure::Problem(problem) => problem,
    }
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Forbidden => forbidden(),
        Refusal::Invalid { field, message } => Problem::invalid(field, message),
        Refusal::Ended { state } => Problem::conflict(format!("It is {}.", state.replace('_', " ")))
            .member("current_status", state)
            .member("allowed", json!([])),
        Refusal::Stale { row_version } => {
            Problem::conflict("The task has changed since you read it.").member("row_version", row_version)
        }
        Refusal::Elsewhere { allowed } => {
            let allowed = allowed.into_iter().map(|(id, name)| json!({ "transition_id": id, "name": name }));
            let problem = Problem::conflict("This cannot be done at the step where the task stands.");
            problem.member("allowed", allowed.collect::<Vec<_>>())
        }
        Refusal::Escalated => Problem::conflict("It was escalated before; once for each role and task."),
        Refusal::NoEscalation => Problem::conflict("The step names no role to escalate to."),
        Refusal::Allocated => Problem::conflict("The ticket does not wait for a task."),
        Refusal::Nobody { role } => Problem::unavailable(format!("nobody active holds the role {role}"))
            .detail(format!("Nobody active holds the role {role}; nothing was changed."))
            .member("role", role),
    }
}

#[cfg(test)]
mod tests {
    use sdk::uuid::Uuid;

    use super::*;

    #[test]
    fn each_refusal_has_its_status() {
        let invalid = refused(Refusal::Invalid { field: "notes", message: "must not be empty".to_owned() });
        assert_eq!((invalid.status(), invalid.errors()[0].field.as_str()), (422, "notes"));
        let cases = [
            (Refusal::Forbidden, 403),
            (Refusal::Ended { state: "resolved" }, 409),
            (Refusal::Stale { row_version: 4 }, 409),
            (Refusal::Elsewhere { allowed: Vec::new() }, 409),
            (Refusal::Escalated, 409),
            (Refusal::NoEscalation, 409),
            (Refusal::Allocated, 409),
            (Refusal::Nobody { role: "Agent".to_owned() }, 503),
        ];
        for (refusal, status) in cases {
            assert_eq!(refused(refusal.clone()).status(), status, "{refusal:?}");
        }
        assert_eq!(problem(Failure::Unknown).status(), 404);
    }

    #[test]
    fn who_acts_at_the_wrong_step_is_told_what_is_possible() {
        let allowed = vec![(Some(Uuid::nil()), "Submit".to_owned()), (None, "Finish Triage".to_owned())];
        let document = refused(Refusal::Elsewhere { allowed }).document(None);
        let wanted = json!([
            { "transition_id": Uuid::nil(), "name": "Submit" },
            { "transition_id": null, "name": "Finish Triage" },
        ]);
        assert_eq!(document["allowed"], wanted);
        let ended = refused(Refusal::Ended { state: "in_progress" }).document(None);
        assert_eq!((&ended["current_status"], &ended["allowed"]), (&json!("in_progress"), &json!([])));
    }

    #[test]
    fn who_is_missing_is_named() {
        let document = refused(Refusal::Nobody { role: "Budget Manager".to_owned() }).document(None);
        let detail = document["detail"].as_str().unwrap();
        assert!(detail.contains("Budget Manager") && document["retry_after_s"].is_number(), "{document}");
    }
}
