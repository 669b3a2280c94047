use events::RoleHeld;

use super::*;

const KEY: &str = "0193f3a0-0000-7000-8000-000000000001";

fn approval(priority: &str) -> TicketApprovedV1 {
    let ada = PersonV1 { id: KEY.to_owned(), name: "Ada".to_owned(), email: "ada@example.org".to_owned() };
    TicketApprovedV1 {
        version: 1,
        ticket_id: KEY.to_owned(),
        number: "TX20260309000001".to_owned(),
        subject: "s".to_owned(),
        description: "d".to_owned(),
        category: "Asset Check In".to_owned(),
        sub_category: Some(" ".to_owned()),
        priority: priority.to_owned(),
        department: "Asset Department".to_owned(),
        requester: ada.clone(),
        approver: ada,
        submitted_at: 1,
        approved_at: 2,
    }
}

fn change(is_active: bool, system: &str) -> UserChangedV1 {
    UserChangedV1 {
        version: 1,
        user_id: KEY.to_owned(),
        email: "ada@example.org".to_owned(),
        first_name: "Ada ".to_owned(),
        last_name: String::new(),
        user_type: "staff".to_owned(),
        department: None,
        is_active,
        approval: "approved".to_owned(),
        roles: vec![RoleHeld { system: system.to_owned(), role: "Admin".to_owned() }],
        changed_at: 7,
    }
}

#[test]
fn an_approval_is_a_ticket() {
    let ticket = approved(&approval("High")).unwrap();
    assert_eq!((ticket.priority, ticket.sub_category, ticket.requester.name.as_str()), (Priority::High, None, "Ada"));
    assert_eq!(approved(&approval("")).unwrap().priority, Priority::Medium);
    assert!(approved(&approval("Whenever")).is_err());
    assert!(approved(&TicketApprovedV1 { ticket_id: "7".to_owned(), ..approval("High") }).is_err());
}

#[test]
fn a_person_is_mirrored_with_their_roles_and_the_moment() {
    let member = member(&change(true, "tts")).unwrap();
    assert_eq!((member.person.name.as_str(), member.source_version), ("Ada", 7));
    assert_eq!(member.roles, [("tts".to_owned(), "Admin".to_owned())]);
}

#[test]
fn only_active_people_of_tts_can_be_waited_for() {
    let waited_for = |is_active, system| can_work(&member(&change(is_active, system)).unwrap());
    assert!(waited_for(true, "tts"));
    assert!(!waited_for(false, "tts") && !waited_for(true, "hdts"));
}

#[test]
fn a_withdrawal_without_a_word_has_a_reason_still() {
    let PersonV1 { id, name, email } = approval("").requester;
    let mut event = TicketWithdrawnV1 {
        version: 1,
        ticket_id: KEY.to_owned(),
        number: "TX20260309000001".to_owned(),
        subject: "s".to_owned(),
        requester: PersonV1 { id, name, email },
        reason: " ".to_owned(),
        withdrawn_at: 3,
    };
    assert_eq!(reason(&event), NO_REASON);
    event.reason = "found it".to_owned();
    assert_eq!((reason(&event), withdrawn(&event).unwrap().department.as_str()), ("found it", ""));
}
