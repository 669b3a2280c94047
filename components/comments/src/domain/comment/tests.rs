//! The rules of comments, case by case.

use super::*;

const NOW: i64 = 1_000;

fn actor(id: u128, is_admin: bool) -> Actor {
    let id = Uuid::from_u128(id);
    Actor { id, name: "Ada Stone".to_owned(), email: String::new(), is_admin, is_coordinator: false }
}

fn draft(visibility: Visibility) -> Draft {
    Draft { number: "TX20261122000007".to_owned(), content: "Hello".to_owned(), visibility }
}

fn stamp(id: u128) -> Stamp {
    Stamp { id: Uuid::from_u128(id), at: NOW }
}

fn comment() -> Comment {
    begin(&actor(1, false), Standing::Staff, draft(Visibility::Internal), stamp(10)).unwrap()
}

fn author() -> Author {
    actor(2, false).author(Standing::Staff)
}

#[test]
fn content_has_1_to_5000_characters_after_cleaning() {
    assert_eq!(checked_content("  a\r\nb\u{0}\u{7}\tc \n"), Ok("a\nb\tc".to_owned()));
    assert_eq!(checked_content(&"é".repeat(5_000)).unwrap().chars().count(), 5_000);
    for bad in ["", " \n\t ", "\u{0}", &"x".repeat(5_001)] {
        assert!(matches!(checked_content(bad), Err(Refusal::Invalid { field: "content", .. })), "{} bytes", bad.len());
    }
}

#[test]
fn the_requester_writes_publicly_only() {
    let write = |standing, visibility| begin(&actor(1, true), standing, draft(visibility), stamp(1));
    assert!(matches!(write(Standing::Requester, Visibility::Internal), Err(Refusal::Forbidden(_))));
    assert_eq!(write(Standing::Requester, Visibility::Public).unwrap().author.role, RoleLabel::Requester);
    assert_eq!(write(Standing::Staff, Visibility::Internal).unwrap().visibility, Visibility::Internal);
}

#[test]
fn an_answer_is_as_visible_as_its_comment_and_takes_no_answer_itself() {
    let reply = answer(&comment(), 0, "Yes".to_owned(), author(), stamp(11)).unwrap();
    assert_eq!((reply.parent, reply.visibility), (Some(Uuid::from_u128(10)), Visibility::Internal));
    let again = answer(&reply, 0, "No".to_owned(), author(), stamp(12));
    assert!(matches!(again, Err(Refusal::Invalid { field: "parent_id", .. })));
}

#[test]
fn a_deleted_or_full_comment_takes_no_answer() {
    let deleted = comment().delete(&actor(1, false), NOW).unwrap();
    assert!(matches!(answer(&deleted, 1, "x".to_owned(), author(), stamp(2)), Err(Refusal::State(_))));
    assert!(matches!(answer(&comment(), REPLIES_MAX, "x".to_owned(), author(), stamp(2)), Err(Refusal::State(_))));
    assert!(answer(&comment(), REPLIES_MAX - 1, "x".to_owned(), author(), stamp(2)).is_ok());
}

#[test]
fn only_author_and_administrators_edit_and_delete() {
    for (who, allowed) in [(actor(1, false), true), (actor(2, true), true), (actor(2, false), false)] {
        assert_eq!(comment().edit(&who, "Changed", NOW).is_ok(), allowed, "{who:?}");
        assert_eq!(comment().delete(&who, NOW).is_ok(), allowed, "{who:?}");
    }
}

#[test]
fn an_edit_is_marked_and_the_same_text_is_no_edit() {
    let edited = comment().edit(&actor(1, false), "Changed", NOW + 1).unwrap().unwrap();
    assert_eq!((edited.body.as_str(), edited.edited_at, edited.created_at), ("Changed", Some(NOW + 1), NOW));
    assert_eq!(comment().edit(&actor(1, false), "Hello", NOW + 1), Ok(None));
}

#[test]
fn a_deleted_comment_is_neither_edited_rated_nor_deleted_again() {
    let me = actor(1, false);
    let deleted = comment().delete(&me, NOW).unwrap();
    assert!(matches!(deleted.edit(&me, "x", NOW), Err(Refusal::State(_))));
    assert!(matches!(deleted.delete(&me, NOW), Err(Refusal::State(_))));
    assert!(matches!(deleted.rate(), Err(Refusal::State(_))));
    assert_eq!(comment().rate(), Ok(()));
}
