//! The decision about people who registered.

use super::user::Approval;

/// What an administrator of the help desk decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Approve,
    Reject,
}

impl Decision {
    const ALL: [Self; 2] = [Self::Approve, Self::Reject];

    /// Where it leads.
    pub(crate) const fn leads_to(self) -> Approval {
        match self {
            Self::Approve => Approval::Approved,
            Self::Reject => Approval::Rejected,
        }
    }

    /// Whether it can be taken where somebody stands. A rejection can be taken back; those who were let in are
    /// switched off instead.
    pub(crate) const fn is_possible(self, from: Approval) -> bool {
        matches!((from, self), (Approval::Pending, Self::Approve | Self::Reject) | (Approval::Rejected, Self::Approve))
    }
}

/// Where somebody can go from here, as the API says it.
pub(crate) fn next(from: Approval) -> Vec<&'static str> {
    let possible = Decision::ALL.into_iter().filter(|decision| decision.is_possible(from));
    possible.map(|decision| decision.leads_to().as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_taken_once_and_only_a_rejection_is_taken_back() {
        assert_eq!(next(Approval::Pending), ["approved", "rejected"]);
        assert_eq!(next(Approval::Rejected), ["approved"]);
        assert_eq!(next(Approval::Approved), [""; 0]);
    }
}
