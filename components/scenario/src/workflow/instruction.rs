//! What assignees read: one paragraph for each kind of step, one sentence for each workflow.

const TRIAGE: &str = "Check that the request is complete and belongs here: category, department and every attachment it \
    speaks of. Correct the priority with the coordinator if it does not fit what is asked. What is missing, ask for in a \
    comment before you pass it on.";

const ASSET: &str = "Inspect the item and compare it with its serial number. Agree on the hand-over, note the condition \
    and what belongs to it, and bring the inventory up to date. Send it back if the item or its papers are not what the \
    request says.";

const BUDGET: &str = "Check the figures and the justification, ask for quotes where there are none, and see whether the \
    funds are there. Approve what can be paid for; send back what has to be explained or reduced.";

const IT: &str = "Check the request against the policy, see whether a licence is free, then install or provision it and \
    try it once with the requester. Note what was changed, so that it can be undone.";

const FINALIZE: &str = "Confirm that what was asked for is done, tell the requester in a comment, and close the work with a \
    note that somebody who reads it next year understands.";

/// What somebody with this role is to do on this step.
pub(super) fn of(step: &str, role: &str) -> &'static str {
    match (step, role) {
        ("triage", _) => TRIAGE,
        ("finalize" | "archive", _) => FINALIZE,
        (_, "Asset Manager") => ASSET,
        (_, "Budget Manager") => BUDGET,
        _ => IT,
    }
}

/// What the workflow of this number is for.
pub(super) fn purpose(number: u16) -> &'static str {
    match number {
        1 => "Devices and other items that come back to the store.",
        2 => "Devices and other items that somebody takes from the store.",
        3 => "Money that somebody wants to spend.",
        4 => "Access to systems and records.",
        5 => "Programs that somebody needs on a workstation.",
        _ => "Not finished: one step is a dead end, another is out of reach.",
    }
}
