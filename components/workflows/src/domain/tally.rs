//! Figures about tasks and people, added up.

use tasks::{ItemState, Person, Priority, TaskState};
use uuid::Uuid;

/// Tasks that agree in state and priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Where they stand.
    pub(crate) state: TaskState,
    /// How urgent their tickets are.
    pub(crate) priority: Priority,
    /// How many.
    pub(crate) total: u32,
    /// Those completed by their target.
    pub(crate) met: u32,
    /// Those completed after it, or open past it.
    pub(crate) breached: u32,
    /// Those of which an item was escalated.
    pub(crate) escalated: u32,
}

/// How targets were kept. Tasks without one, and open ones that still have time, are in neither figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sla {
    /// Kept.
    pub(crate) met: u32,
    /// Missed.
    pub(crate) breached: u32,
}

impl Sla {
    /// The targets of these tasks.
    pub(crate) fn of(tallies: &[Tally]) -> Self {
        tallies.iter().fold(Self::default(), |sum, tally| Self {
            met: sum.met + tally.met,
            breached: sum.breached + tally.breached,
        })
    }

    /// Per cent that were kept.
    pub(crate) fn rate(self) -> Option<f64> {
        percent(self.met, self.met + self.breached)
    }
}

/// A part of a whole in per cent with one decimal; absent if there is no whole.
pub(crate) fn percent(part: u32, whole: u32) -> Option<f64> {
    let (part, whole) = (u64::from(part), u64::from(whole));
    let tenths = (part * 1_000 + whole / 2).checked_div(whole)?;
    u32::try_from(tenths).ok().map(|tenths| f64::from(tenths) / 10.0)
}

/// What one person did with their items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Work {
    /// Who.
    pub(crate) person: Person,
    /// Their items by state.
    pub(crate) by_state: Vec<(ItemState, u32)>,
    /// Items that missed their target while they were this person's.
    pub(crate) breached: u32,
}

/// An item that went from one person to another at the same step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handover {
    /// `transfer` or `escalation`.
    pub(crate) kind: &'static str,
    /// Of which task.
    pub(crate) task: Uuid,
    /// Number of the ticket.
    pub(crate) number: String,
    /// Name of the step.
    pub(crate) step: String,
    /// Who had it.
    pub(crate) from: Person,
    /// Who got it.
    pub(crate) to: Option<Person>,
    /// Who decided so.
    pub(crate) by: Option<Person>,
    /// Why.
    pub(crate) notes: Option<String>,
    /// When, in microseconds since 1970.
    pub(crate) at: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_and_nothing_of_nothing_is_no_share() {
        assert_eq!(percent(2, 3), Some(66.7));
        assert_eq!((percent(0, 5), percent(5, 5), percent(0, 0)), (Some(0.0), Some(100.0), None));
    }

    #[test]
    fn targets_add_up_over_tallies() {
        let tally = Tally {
            state: TaskState::Completed,
            priority: Priority::High,
            total: 4,
            met: 2,
            breached: 1,
            escalated: 0,
        };
        let sla = Sla::of(&[tally, tally]);
        assert_eq!((sla.met, sla.breached, sla.rate()), (4, 2, Some(66.7)));
        assert_eq!(Sla::default().rate(), None);
    }
}
