//! From a status that somebody asks for to the command that leads there.

use super::change::{Command, Refusal};
use super::status::Status;

impl Command {
    /// The command that takes a ticket from one status to another, with the comment as its remark or reason. Whether
    /// it is theirs to give is decided with the command.
    ///
    /// # Errors
    /// [`Refusal::State`] where the table has no such line; [`Refusal::Invalid`] for an approval, which says more than
    /// a comment can.
    pub fn towards(to: Status, from: Status, comment: Option<String>) -> Result<Self, Refusal> {
        use Status::{Closed, InProgress, New, OnHold, Open, Pending, Rejected, Resolved, Withdrawn};
        if !from.next().contains(&to) {
            return Err(Refusal::State { from });
        }
        let note = comment.clone();
        let reason = comment.unwrap_or_default();
        match (from, to) {
            (Resolved, Open) => Ok(Self::Reopen { reason }),
            (_, Open) => {
                let message = "is reached by an approval, with priority and department".to_owned();
                Err(Refusal::Invalid { field: "status", message })
            }
            (OnHold, InProgress) => Ok(Self::Resume { note }),
            (_, InProgress) => Ok(Self::Claim { note }),
            (_, OnHold) => Ok(Self::Hold { note: reason }),
            (_, Pending) => Ok(Self::Defer { note: reason }),
            (_, Rejected) => Ok(Self::Reject { reason }),
            (_, Withdrawn) => Ok(Self::Withdraw { reason }),
            (_, Resolved) => Ok(Self::Resolve),
            (_, Closed) => Ok(Self::Close { note }),
            (_, New) => Err(Refusal::State { from }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_becomes_the_remark_or_the_reason_of_the_command() {
        let towards = |from, to| Command::towards(to, from, Some("c".to_owned()));
        let (note, reason) = (Some("c".to_owned()), "c".to_owned());
        assert_eq!(towards(Status::Open, Status::InProgress), Ok(Command::Claim { note: note.clone() }));
        assert_eq!(towards(Status::OnHold, Status::InProgress), Ok(Command::Resume { note: note.clone() }));
        assert_eq!(towards(Status::Resolved, Status::Closed), Ok(Command::Close { note }));
        assert_eq!(towards(Status::Resolved, Status::Open), Ok(Command::Reopen { reason: reason.clone() }));
        assert_eq!(towards(Status::New, Status::Rejected), Ok(Command::Reject { reason: reason.clone() }));
        assert_eq!(towards(Status::Open, Status::OnHold), Ok(Command::Hold { note: reason }));
    }

    #[test]
    fn only_lines_of_the_table_have_a_command_and_an_approval_has_its_own_route() {
        for from in Status::ALL {
            for to in Status::ALL {
                let command = Command::towards(to, from, None);
                let is_approval = to == Status::Open && from != Status::Resolved;
                match command {
                    Err(Refusal::State { .. }) => assert!(!from.next().contains(&to), "{from:?} to {to:?}"),
                    Err(_) => assert!(is_approval, "{from:?} to {to:?}"),
                    Ok(_) => assert!(from.next().contains(&to) && !is_approval, "{from:?} to {to:?}"),
                }
            }
        }
    }
}
