//! What a person is told of, they are told of once, however often the message comes.

use std::thread::JoinHandle;

use serde_json::json;
use tests::client::Client;
use tests::event_stream::EventStream;
use tests::host::Host;
use tests::operator::Operator;
use tests::people::{Role, sign_in};
use tests::powers::until;
use ureq::SendBody;

use super::{TICKETS, approve, entries, host, mails, queue, settle, submit};

/// Longer than the longest pause between two attempts.
const PAUSE_MAX_S: u64 = 301;

/// While no mail can be written every delivery fails after the entry is made. The message is tried until it is dead,
/// and once more when the operator asks for it.
#[test]
fn a_message_delivered_many_times_makes_one_entry_one_event_and_one_mail() {
    let host = host();
    let (employee, coordinator) = (sign_in(&host, Role::Employee), sign_in(&host, Role::Coordinator));
    let mut stream = EventStream::open(&employee, "/api/v1/notifications/stream", None);
    let (number, next) = (submit(&employee, "first"), submit(&employee, "second"));
    settle(&host, &employee, &coordinator);
    let (writable, away) = (host.state().join("mail/.partial"), host.state().join("mail/.away"));
    std::fs::rename(&writable, &away).unwrap();

    approve(&coordinator, &number).expect(200);
    until("every attempt failed", || {
        let queue = queue(&host);
        if queue["delayed"] != 0 {
            host.advance_clock(PAUSE_MAX_S);
        }
        queue["dead"] == 1
    });
    assert!(queue(&host)["retried_total"].as_u64().unwrap() >= 7, "{}", queue(&host));
    let refresh =
        |client: &Client| client.send("POST", "/api/v1/auth/token/refresh", &[], SendBody::none()).expect(200);
    refresh(&employee);
    refresh(&coordinator);
    assert_eq!((entries(&employee, &number).len(), mails(&host, &number).len()), (1, 0));

    std::fs::rename(&away, &writable).unwrap();
    Operator::of(&host.state()).run(&["queue", "redrive", "notification-worker", "--all"]).expect(0);
    until("it is handled", || queue(&host)["depth"] == 0 && queue(&host)["dead"] == 0);
    assert_eq!((entries(&employee, &number).len(), mails(&host, &number).len()), (1, 1));

    approve(&coordinator, &next).expect(200);
    assert!(stream.next_event().data.contains(&number));
    assert!(stream.next_event().data.contains(&next), "no second event for the first ticket");
}

/// Slower than ten in a minute.
const BETWEEN_MAILS_S: u64 = 7;

/// When the host's power goes.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So many requests of an onlooker, of about a millisecond each, after the approval was sent.
    Requests(u32),
    /// The approval was answered.
    Answered,
    /// The entry is in the inbox; the mail may not be written.
    Entry,
    /// The mail is written; the message may not be acknowledged.
    Mail,
}

const MOMENTS: [Moment; 16] = [
    Moment::Answered,
    Moment::Entry,
    Moment::Mail,
    Moment::Requests(0),
    Moment::Requests(3),
    Moment::Requests(6),
    Moment::Requests(8),
    Moment::Requests(10),
    Moment::Requests(12),
    Moment::Requests(14),
    Moment::Requests(16),
    Moment::Requests(18),
    Moment::Requests(21),
    Moment::Requests(25),
    Moment::Requests(32),
    Moment::Requests(48),
];

/// Approves in the background; the answer's status, unless the host went first.
fn approve_meanwhile(coordinator: &Client, number: &str) -> JoinHandle<u16> {
    let (coordinator, number) = (coordinator.copy(), number.to_owned());
    // The client panics on a broken connection, which ends this thread and nothing else.
    std::thread::spawn(move || approve(&coordinator, &number).status)
}

fn wait_for(moment: Moment, host: &Host, approval: &JoinHandle<u16>, about: (&Client, &str)) {
    let onlooker = host.admin();
    let looks = || onlooker.get("/livez").expect(200);
    let (employee, number) = about;
    match moment {
        Moment::Requests(requests) => (0..requests).for_each(|_| drop(looks())),
        Moment::Answered => until("answered", || looks().status == 200 && approval.is_finished()),
        Moment::Entry => until("there is an entry", || !entries(employee, number).is_empty()),
        Moment::Mail => until("there is a mail", || looks().status == 200 && !mails(host, number).is_empty()),
    }
}

/// The power goes at moments all along the way from the approval to the mail.
#[test]
fn a_host_killed_on_the_way_tells_the_requester_once() {
    let mut host = host();
    let (mut employee, mut coordinator) = (sign_in(&host, Role::Employee), sign_in(&host, Role::Coordinator));
    let mut approvals = Vec::new();
    for moment in MOMENTS {
        let number = submit(&employee, &format!("{moment:?}"));
        let approval = approve_meanwhile(&coordinator, &number);
        wait_for(moment, &host, &approval, (&employee, &number));
        host = host.kill().start();
        // A person gets at most ten mails in a minute.
        host.advance_clock(BETWEEN_MAILS_S);
        approvals.push((moment, number, approval.join().ok()));
        (employee, coordinator) = (employee.at(host.http()), coordinator.at(host.http()));
    }
    for (moment, number, answered) in &approvals {
        let ticket = coordinator.get(&format!("{TICKETS}{number}")).expect(200).json();
        match answered {
            None if ticket["status"] == "New" => drop(approve(&coordinator, number).expect(200)),
            None => assert_eq!(ticket["status"], "Open"),
            Some(status) => assert_eq!((*status, &ticket["status"]), (200, &json!("Open")), "{moment:?}: promised"),
        }
    }
    settle(&host, &employee, &coordinator);
    until("every mail had its turn", || {
        let waits = approvals.iter().any(|(_, number, _)| mails(&host, number).is_empty());
        // Those that were only now approved may be too many for this minute.
        if waits {
            host.advance_clock(1);
        }
        !waits
    });
    (employee, coordinator) = (sign_in(&host, Role::Employee), sign_in(&host, Role::Coordinator));
    for (moment, number, _) in &approvals {
        let told = [entries(&employee, number).len(), mails(&host, number).len(), entries(&coordinator, number).len()];
        assert_eq!(told, [1, 1, 1], "entries, mails and the coordinator's entries: {moment:?}");
    }
}
