//! How a ticket's story is told: what was asked, then act after act with how long ago it was. `play` makes tickets of
//! it; the stories themselves are in the files beside this one.

use crate::ticket::{Category, Priority, Who};

mod ended;
mod waiting;
mod working;

/// Minutes before now.
pub(crate) type Ago = i64;

pub(crate) const HOUR: Ago = 60;
pub(crate) const DAY: Ago = 24 * HOUR;

/// A ticket's story. Everything is in order of time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plot {
    pub(crate) ago: Ago,
    pub(crate) by: Who,
    pub(crate) category: Category,
    pub(crate) subject: &'static str,
    pub(crate) text: &'static str,
    /// Answers to the form, as a JSON object.
    pub(crate) details: &'static str,
    /// Name of the file that came with it.
    pub(crate) file: Option<&'static str>,
    pub(crate) acts: &'static [(Ago, Act)],
    pub(crate) talk: &'static [Remark],
}

/// Something that happens to a ticket.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// A coordinator lets it through; if a workflow takes it, the task gets this owner and first assignee.
    Approve {
        by: Who,
        priority: Priority,
        department: &'static str,
        notes: Option<&'static str>,
        team: Option<(Who, Who)>,
    },
    Reject {
        by: Who,
        reason: &'static str,
    },
    Defer {
        by: Who,
        note: &'static str,
    },
    Withdraw {
        reason: &'static str,
    },
    /// The assignee begins.
    Start,
    /// The assignee takes this transition; the next step goes to somebody.
    Move {
        name: &'static str,
        notes: &'static str,
        to: Who,
    },
    /// The assignee ends the work.
    Finish {
        notes: &'static str,
    },
    Escalate {
        reason: &'static str,
        to: Who,
    },
    Transfer {
        by: Who,
        to: Who,
        notes: &'static str,
    },
    Hold {
        by: Who,
        note: &'static str,
    },
    /// Absent: the clock.
    Close {
        by: Option<Who>,
    },
    Rate {
        stars: u8,
        feedback: Option<&'static str>,
    },
}

/// Something somebody says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remark {
    pub(crate) ago: Ago,
    pub(crate) by: Who,
    pub(crate) text: &'static str,
    pub(crate) kind: RemarkKind,
    pub(crate) liked_by: &'static [Who],
    /// Name of the file beside it.
    pub(crate) file: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RemarkKind {
    Public,
    Internal,
    /// An answer to the last remark that is none.
    Reply,
}

/// Every story.
pub(crate) fn plots() -> impl Iterator<Item = &'static Plot> {
    waiting::PLOTS.iter().chain(&working::PLOTS).chain(&ended::PLOTS)
}

// === words the stories are written in ===

pub(crate) const CHECK_IN: Category = Category { name: "Asset Check In", sub: Some("Check In") };
pub(crate) const CHECK_OUT: Category = Category { name: "Asset Check Out", sub: Some("Check Out") };
pub(crate) const BUDGET: Category = Category { name: "New Budget Proposal", sub: Some("Budget Approval") };
pub(crate) const EXPENSES: Category =
    Category { name: "New Budget Proposal", sub: Some("Operational Expenses (OpEx)") };
pub(crate) const ACCESS: Category = Category { name: "IT Support", sub: Some("Access Request") };
pub(crate) const HARDWARE: Category = Category { name: "IT Support", sub: Some("Hardware Troubleshooting") };
pub(crate) const NETWORK: Category = Category { name: "IT Support", sub: Some("Internet/Network Connectivity Issue") };
pub(crate) const SOFTWARE: Category = Category { name: "Others", sub: None };

const fn asked(ago: Ago, by: Who, category: Category, subject: &'static str, text: &'static str) -> Plot {
    Plot { ago, by, category, subject, text, details: "{}", file: None, acts: &[], talk: &[] }
}

const fn say(ago: Ago, by: Who, text: &'static str) -> Remark {
    Remark { ago, by, text, kind: RemarkKind::Public, liked_by: &[], file: None }
}

const fn reply(ago: Ago, by: Who, text: &'static str) -> Remark {
    Remark { kind: RemarkKind::Reply, ..say(ago, by, text) }
}

const fn aside(ago: Ago, by: Who, text: &'static str) -> Remark {
    Remark { kind: RemarkKind::Internal, ..say(ago, by, text) }
}

/// Approved without a remark, and taken by a workflow.
const fn approve(by: Who, priority: Priority, department: &'static str, team: (Who, Who)) -> Act {
    Act::Approve { by, priority, department, notes: None, team: Some(team) }
}

const fn submit(notes: &'static str, to: Who) -> Act {
    Act::Move { name: "Submit", notes, to }
}

const fn pass(notes: &'static str, to: Who) -> Act {
    Act::Move { name: "Approve", notes, to }
}
