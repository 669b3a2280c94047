//! Who is told of a new comment, and with which words.

use uuid::Uuid;

use super::comment::{Comment, Visibility};
use super::part::{Part, PartKind};

/// Of the comment, in characters.
const EXCERPT_MAX: usize = 80;

/// Those who take part now and are to know of the comment: the requester unless it is internal, the owner (or the
/// approver while there is none) and the assignee; without its author and those it mentions, who are told anyway.
pub(crate) fn told(parts: &[Part], comment: &Comment, mentioned: &[Uuid]) -> Vec<Uuid> {
    let current = |kind: PartKind| parts.iter().find(|part| part.kind == kind && part.until.is_none());
    let follower = current(PartKind::Owner).or_else(|| current(PartKind::Approver));
    let requester = current(PartKind::Requester).map(|part| part.user);
    let everybody = [current(PartKind::Requester), follower, current(PartKind::Assignee)];
    let mut told = Vec::new();
    for user in everybody.into_iter().flatten().map(|part| part.user) {
        let hidden = comment.visibility == Visibility::Internal && requester == Some(user);
        let knows = user == comment.author.id || mentioned.contains(&user) || told.contains(&user);
        if !hidden && !knows {
            told.push(user);
        }
    }
    told
}

/// The beginning of the text, on one line.
pub(crate) fn excerpt(body: &str) -> String {
    let line: Vec<&str> = body.split_whitespace().collect();
    let line = line.join(" ");
    if line.chars().count() <= EXCERPT_MAX {
        return line;
    }
    let head: String = line.chars().take(EXCERPT_MAX - 1).collect();
    format!("{}…", head.trim_end())
}

#[cfg(test)]
mod tests {
    use super::super::comment::{Author, RoleLabel};
    use super::*;

    const REQUESTER: u128 = 1;
    const APPROVER: u128 = 2;
    const OWNER: u128 = 3;
    const PAST: u128 = 4;
    const ASSIGNEE: u128 = 5;

    fn part(user: u128, kind: PartKind, until: Option<i64>) -> Part {
        Part { user: Uuid::from_u128(user), kind, since: 1, until }
    }

    fn comment(author: u128, visibility: Visibility) -> Comment {
        Comment {
            id: Uuid::nil(),
            number: String::new(),
            author: Author { id: Uuid::from_u128(author), name: String::new(), role: RoleLabel::Agent },
            body: String::new(),
            visibility,
            parent: None,
            created_at: 0,
            edited_at: None,
            deleted_at: None,
        }
    }

    fn working() -> Vec<Part> {
        vec![
            part(REQUESTER, PartKind::Requester, None),
            part(APPROVER, PartKind::Approver, None),
            part(OWNER, PartKind::Owner, None),
            part(PAST, PartKind::Assignee, Some(2)),
            part(ASSIGNEE, PartKind::Assignee, None),
        ]
    }

    fn told_of(parts: &[Part], comment: &Comment, mentioned: &[u128]) -> Vec<u128> {
        let mentioned: Vec<_> = mentioned.iter().copied().map(Uuid::from_u128).collect();
        told(parts, comment, &mentioned).iter().map(Uuid::as_u128).collect()
    }

    #[test]
    fn those_who_take_part_now_are_told_but_not_the_author_nor_those_mentioned() {
        let stranger = comment(9, Visibility::Public);
        assert_eq!(told_of(&working(), &stranger, &[]), [REQUESTER, OWNER, ASSIGNEE]);
        assert_eq!(told_of(&working(), &comment(OWNER, Visibility::Public), &[ASSIGNEE]), [REQUESTER]);
    }

    #[test]
    fn nothing_internal_is_told_to_the_requester_even_as_owner() {
        assert_eq!(told_of(&working(), &comment(9, Visibility::Internal), &[]), [OWNER, ASSIGNEE]);
        let own = [part(REQUESTER, PartKind::Requester, None), part(REQUESTER, PartKind::Owner, None)];
        assert!(told_of(&own, &comment(9, Visibility::Internal), &[]).is_empty());
        assert_eq!(told_of(&own, &comment(9, Visibility::Public), &[]), [REQUESTER]);
    }

    #[test]
    fn the_approver_follows_until_there_is_an_owner() {
        assert_eq!(told_of(&working()[..2], &comment(REQUESTER, Visibility::Public), &[]), [APPROVER]);
        assert_eq!(told_of(&working()[..3], &comment(REQUESTER, Visibility::Public), &[]), [OWNER]);
    }

    #[test]
    fn an_excerpt_is_one_line_of_at_most_eighty_characters() {
        assert_eq!(excerpt("  Please\n\nbring  it "), "Please bring it");
        let long = excerpt(&"é".repeat(200));
        assert_eq!((long.chars().count(), long.ends_with('…')), (EXCERPT_MAX, true));
    }
}
