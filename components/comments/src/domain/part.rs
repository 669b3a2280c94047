//! Who has or had which part in a ticket, and how news of it is taken in, whatever order it arrives in.

use events::Person;
use uuid::Uuid;

/// A part in a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// Asked for it: one person, for ever.
    Requester,
    /// Opened it for work.
    Approver,
    /// Follows its task.
    Owner,
    /// Is to act on its task.
    Assignee,
}

impl PartKind {
    const ALL: [Self; 4] = [Self::Requester, Self::Approver, Self::Owner, Self::Assignee];

    /// The form in the database.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Approver => "approver",
            Self::Owner => "owner",
            Self::Assignee => "assignee",
        }
    }

    /// Reads the stored form.
    pub(crate) fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Somebody's part in a ticket. Moments are microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) user: Uuid,
    pub(crate) kind: PartKind,
    pub(crate) since: i64,
    /// When somebody else took it over; absent while it is theirs.
    pub(crate) until: Option<i64>,
}

/// News that somebody took a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) user: Uuid,
    pub(crate) kind: PartKind,
    pub(crate) at: i64,
}

/// What a message says of the people of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) number: String,
    /// As they were called when it was sent.
    pub(crate) people: Vec<Person>,
    pub(crate) taken: Vec<Taken>,
}

/// Takes the news in: puts it among the parts, and returns those that are new or changed. Whoever had the part before
/// keeps access to the ticket, and has it until then; news older than what is known of the same person changes nothing.
pub(crate) fn take(parts: &mut Vec<Part>, news: Taken) -> Vec<Part> {
    let Taken { user, kind, at } = news;
    let is_stale = parts
        .iter()
        .any(|part| part.kind == kind && (kind == PartKind::Requester || (part.user == user && part.since >= at)));
    if is_stale {
        return Vec::new();
    }
    let later = parts.iter().filter(|part| part.kind == kind && part.user != user && part.since > at);
    let taken = Part { user, kind, since: at, until: later.map(|part| part.since).min() };
    let mut changed = vec![taken];
    parts.retain(|part| part.kind != kind || part.user != user);
    for part in parts.iter_mut().filter(|part| part.kind == kind) {
        let ends_here = part.since <= at && part.until.is_none_or(|until| until > at);
        if ends_here {
            part.until = Some(at);
            changed.push(*part);
        }
    }
    parts.push(taken);
    changed
}

/// Whether the text has the shape of a ticket's number, so that nothing else reaches the database as one.
pub(crate) fn is_number(text: &str) -> bool {
    text.len() == 16 && text.strip_prefix("TX").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(user: u128, kind: PartKind, at: i64) -> Taken {
        Taken { user: Uuid::from_u128(user), kind, at }
    }

    fn after(news: &[Taken]) -> Vec<(u128, i64, Option<i64>)> {
        let mut parts = Vec::new();
        for news in news {
            take(&mut parts, *news);
        }
        let mut rows: Vec<_> = parts.iter().map(|part| (part.user.as_u128(), part.since, part.until)).collect();
        rows.sort_unstable();
        rows
    }

    #[test]
    fn the_last_to_take_a_part_is_the_current_one_whatever_order_the_news_comes_in() {
        let [first, second, third] = [(1, 10), (2, 20), (3, 30)].map(|(user, at)| taken(user, PartKind::Assignee, at));
        let expected = vec![(1, 10, Some(20)), (2, 20, Some(30)), (3, 30, None)];
        for order in [[first, second, third], [third, second, first], [second, third, first], [third, first, second]] {
            assert_eq!(after(&order), expected, "{order:?}");
        }
    }

    #[test]
    fn somebody_who_gets_a_part_back_is_current_again_and_old_news_of_them_changes_nothing() {
        let news =
            [taken(1, PartKind::Assignee, 10), taken(2, PartKind::Assignee, 20), taken(1, PartKind::Assignee, 30)];
        let expected = vec![(1, 30, None), (2, 20, Some(30))];
        assert_eq!(after(&news), expected);
        assert_eq!(after(&[news[2], news[1], news[0]]), expected);
        assert_eq!(after(&[news[0], news[1], news[2], news[2], news[0]]), expected);
    }

    #[test]
    fn parts_of_other_kinds_are_left_alone_and_only_what_changed_is_returned() {
        let mut parts = Vec::new();
        take(&mut parts, taken(1, PartKind::Owner, 10));
        let changed = take(&mut parts, taken(2, PartKind::Assignee, 20));
        assert_eq!(changed, [Part { user: Uuid::from_u128(2), kind: PartKind::Assignee, since: 20, until: None }]);
        assert_eq!(take(&mut parts, taken(3, PartKind::Assignee, 30)).len(), 2);
        assert!(parts.iter().any(|part| part.kind == PartKind::Owner && part.until.is_none()));
    }

    #[test]
    fn there_is_one_requester_for_ever() {
        assert_eq!(after(&[taken(1, PartKind::Requester, 10), taken(2, PartKind::Requester, 20)]), [(1, 10, None)]);
        assert_eq!(after(&[taken(1, PartKind::Requester, 20), taken(1, PartKind::Requester, 30)]), [(1, 20, None)]);
    }

    #[test]
    fn only_sixteen_characters_of_the_right_kind_are_a_number() {
        assert!(is_number("TX20261122000007"));
        for bad in ["", "TX2026112200007", "tx20261122000007", "TX2026112200000a", "TX202611220000070"] {
            assert!(!is_number(bad), "{bad}");
        }
    }
}
