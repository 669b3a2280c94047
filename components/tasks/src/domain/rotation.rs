//! Whose turn it is among the holders of a role.

use uuid::Uuid;

use super::ticket::Person;

/// The purpose of taking a turn at a step.
pub const ASSIGN: &str = "assign";

/// The purpose of taking a task to follow.
pub const OWN: &str = "owner";

/// The key of a rotation: a role has one for each purpose.
pub fn pool_key(system: &str, role: &str, purpose: &str) -> String {
    format!("{system}/{role}/{purpose}")
}

/// Those who may get something, and who got the last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pool {
    /// Where the turn is noted; empty for a choice that is no rotation.
    pub key: String,
    /// Who had the last turn; they need not be a member any more.
    pub last: Option<Uuid>,
    /// The active members, in any order.
    pub members: Vec<Person>,
}

/// A turn that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// In which rotation.
    pub pool_key: String,
    /// By whom.
    pub user: Uuid,
}

impl Pool {
    /// Who is next: the first by key after the last one, else the first. So it is stable when members come and go.
    pub fn next(&self, excluding: Option<Uuid>) -> Option<&Person> {
        let members = || self.members.iter().filter(move |member| Some(member.id) != excluding);
        let after = members().filter(|member| self.last.is_none_or(|last| member.id > last));
        after.min_by_key(|member| member.id).or_else(|| members().min_by_key(|member| member.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::example::person;

    fn pool(last: Option<u128>, members: &[u128]) -> Pool {
        let members = members.iter().map(|n| person(*n)).collect();
        Pool { key: pool_key("tts", "Asset Manager", ASSIGN), last: last.map(Uuid::from_u128), members }
    }

    fn next(pool: &Pool) -> Option<u128> {
        pool.next(None).map(|person| person.id.as_u128())
    }

    #[test]
    fn everybody_gets_a_turn_and_then_the_first_again() {
        let mut turns = Vec::new();
        let mut last = None;
        for _ in 0..5 {
            last = next(&pool(last, &[7, 3, 5]));
            turns.extend(last);
        }
        assert_eq!(turns, [3, 5, 7, 3, 5]);
    }

    #[test]
    fn the_turn_passes_on_when_the_last_one_has_left_and_newcomers_stand_in_line() {
        assert_eq!(next(&pool(Some(5), &[3, 7])), Some(7));
        assert_eq!(next(&pool(Some(5), &[3, 4])), Some(3));
        assert_eq!(next(&pool(Some(5), &[3, 6, 7])), Some(6));
        assert_eq!(next(&pool(Some(5), &[])), None);
    }

    #[test]
    fn somebody_can_be_passed_over() {
        assert_eq!(pool(Some(3), &[3, 5]).next(Some(Uuid::from_u128(5))).map(|person| person.id.as_u128()), Some(3));
        assert_eq!(pool(None, &[5]).next(Some(Uuid::from_u128(5))), None);
    }
}
