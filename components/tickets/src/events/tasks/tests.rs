//! Reading messages; what they change is tested with [`follow`], and that they count once, from outside.

use futures::executor::block_on;
use serde_json::{Value, json};

use super::*;

const ADA: &str = "0193f3a0-0000-7000-8000-00000000000a";

fn delivery(topic: &str, body: impl Into<Bytes>) -> Delivery<Bytes> {
    Delivery {
        id: "m".to_owned(),
        topic: topic.to_owned(),
        source: "/components/workflows".to_owned(),
        time: String::new(),
        subject: None,
        queue: "tickets".to_owned(),
        attempt: 1,
        data: body.into(),
    }
}

fn body(rest: &Value) -> Value {
    let ada = json!({ "id": ADA, "name": "Ada", "email": "ada@example.org" });
    let mut body = json!({
        "version": 1,
        "task": {
            "task_id": "k", "ticket_id": "t", "number": "TX20261122000001", "subject": "s", "requester": ada, "owner": ada,
        },
        "item_id": "i", "step": "Triage", "role": "Admin", "assignee": ada, "origin": "System", "workflow": "W",
        "assigned_at": 7, "created_at": 8, "started_at": 9, "completed_at": 10, "completed_by": ada,
    });
    for (name, value) in rest.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn told(topic: &str) -> Told {
    read(delivery(topic, body(&json!({})).to_string())).unwrap().unwrap()
}

#[test]
fn each_message_says_who_joins_and_what_is_new() {
    let created = told(TASK_CREATED);
    assert!(matches!(&created.joins, Some((owner, Part::Coordinator, 8)) if owner.id == ADA));
    assert_eq!(created.news, None);
    let assigned = told(TASK_ASSIGNED);
    assert!(matches!(&assigned.joins, Some((assignee, Part::Assignee, 7)) if assignee.id == ADA));
    let news = News::Assigned { assignee: "Ada".to_owned(), step: "Triage".to_owned(), at: 7 };
    assert_eq!(assigned.news, Some(news));
    let (started, completed) = (told(TASK_STARTED), told(TASK_COMPLETED));
    assert_eq!((started.joins, started.news), (None, Some(News::Started { at: 9 })));
    assert_eq!((completed.joins, completed.news), (None, Some(News::Completed { task_made_at: 9 })));
}

#[test]
fn what_does_not_concern_tickets_is_acknowledged_whatever_it_says() {
    let others = [
        TASK_CANCELLED,
        TASK_ESCALATED,
        TASK_STEP_CHANGED,
        TASK_TRANSFERRED,
        TASK_UNASSIGNABLE,
        TICKET_APPROVED,
        SLA_BREACHED,
        COMMENT_CREATED,
        USER_CHANGED,
    ];
    for topic in others {
        assert_eq!(block_on(handle(delivery(topic, "{\"version\":2}"))).map_err(|it| it.status()), Ok(()), "{topic}");
    }
}

#[test]
fn what_can_never_be_handled_goes_to_the_dead_letters() {
    let refused = |topic: &str, body: String| block_on(handle(delivery(topic, body))).unwrap_err().status();
    assert_eq!(refused("task.vanished", body(&json!({})).to_string()), 422);
    for topic in [TASK_CREATED, TASK_ASSIGNED, TASK_STARTED, TASK_COMPLETED] {
        assert_eq!(refused(topic, body(&json!({ "version": 2 })).to_string()), 422, "{topic}: another version");
        assert_eq!(refused(topic, json!({ "version": 1 }).to_string()), 422, "{topic}: missing fields");
        assert_eq!(refused(topic, "{".to_owned()), 422, "{topic}: no JSON");
        let mut strange = body(&json!({}));
        strange["task"]["number"] = json!("' or 1=1");
        assert_eq!(refused(topic, strange.to_string()), 422, "{topic}: no number");
    }
    let somebody = json!({ "assignee": { "id": "7", "name": "Ada", "email": "" } });
    assert_eq!(refused(TASK_ASSIGNED, body(&somebody).to_string()), 422);
}
