//! What a tired person reads.

use admin::Rate;
use rollout::ReleaseId;

use super::*;

fn view(queue: &str) -> QueueView {
    QueueView {
        queue: queue.to_owned(),
        component: Some("mailer".to_owned()),
        rate: Rate { per_minute: 0.0, window_s: 300 },
        ..QueueView::default()
    }
}

fn letter() -> DeadLetterView {
    DeadLetterView {
        id: "m-1".to_owned(),
        topic: "ticket.approved".to_owned(),
        source: "tickets".to_owned(),
        release: Some(ReleaseId(3)),
        sent_at_us: 1_700_000_000_000_000,
        attempts: 8,
        reason: "the component answered 503".to_owned(),
        status: Some(503),
        response: "no\x1b[2J room".to_owned(),
        dead_at_us: 1_700_000_060_000_000,
        content_type: "application/json".to_owned(),
        body_bytes: 1,
        body: None,
    }
}

#[test]
fn queues_are_a_table_with_what_each_release_has_to_do_with_them() {
    let release = |release, waiting, dead, handled, failed| QueueRelease {
        release: Some(ReleaseId(release)),
        waiting,
        dead,
        handled,
        failed,
    };
    let busy = QueueView {
        paused: true,
        depth: 12,
        ready: 10,
        away: 7,
        delayed: 1,
        in_flight: 1,
        dead: 2,
        oldest_age_s: 130,
        rate: Rate { per_minute: 8.4, window_s: 300 },
        retried_total: 12,
        releases: vec![release(1, 1, 2, 120, 9), release(2, 4, 0, 8, 0)],
        ..view("notification-worker")
    };
    let left = QueueView {
        component: None,
        releases: vec![QueueRelease { waiting: 1, ..release(1, 0, 0, 0, 0) }],
        ..view("old")
    };
    insta::assert_snapshot!(queues(&[view("cron:tickets"), busy, left]), @"
    queue                     ready delayed in flight  oldest per min retries  dead
    cron:tickets                  0       0         0       -     0.0       0     0
    notification-worker          10       1         1   2 min     8.4      12     2  paused
      r1    sent: 1 waiting, 2 dead; handled: 120, 9 failed
      r2    sent: 4 waiting, 0 dead; handled: 8, 0 failed
      ?     sent: 7 waiting with the broker
    old                           0       0         0       -     0.0       0     0  nobody handles it
      r1    sent: 1 waiting, 0 dead; handled: 0, 0 failed
    per min: handled over the last 5 min; retries and releases: since the start
    ");
    assert_eq!(queues(&[]), "there are no queues");
}

#[test]
fn dead_letters_say_why_in_lines_that_steer_no_terminal() {
    let plain = DeadLetterView { release: None, attempts: 1, status: None, response: String::new(), ..letter() };
    let long =
        DeadLetterView { id: "m-3".to_owned(), response: "x".repeat(300), body: Some("{\n}".to_owned()), ..letter() };
    let shown = dead_letters("mails", &[letter(), plain, long]).replace(&"x".repeat(200), "(200 times x)");
    insta::assert_snapshot!(shown, @"
    m-1  ticket.approved  from tickets r3, sent at 2023-11-14 22:13:20 UTC
      given up at 2023-11-14 22:14:20 UTC after 8 attempts: the component answered 503
      last answer 503: no [2J room
    m-1  ticket.approved  from tickets, sent at 2023-11-14 22:13:20 UTC
      given up at 2023-11-14 22:14:20 UTC after 1 attempt: the component answered 503
    m-3  ticket.approved  from tickets r3, sent at 2023-11-14 22:13:20 UTC
      given up at 2023-11-14 22:14:20 UTC after 8 attempts: the component answered 503
      last answer 503: (200 times x)...
      body, 1 byte of application/json: { }
    ");
    assert_eq!(dead_letters("mails", &[]), "mails has no dead letters");
}

#[test]
fn what_was_done_is_said_with_what_was_not() {
    let changed = Changed { queue: "mails".to_owned(), count: 1, absent: vec!["m-9".to_owned()], paused: true };
    insta::assert_snapshot!(redriven(&changed), @"
    1 dead letter of mails back in the queue
    mails is paused: they wait until `wharf queue resume mails`
    no dead letter of mails: m-9
    ");
    insta::assert_snapshot!(discarded(&changed), @"
    1 dead letter of mails discarded
    no dead letter of mails: m-9
    ");
    let state = |paused| Paused { queue: "mails".to_owned(), paused, depth: 1 };
    insta::assert_snapshot!(paused(&state(true)), @"mails is paused with 1 message; more are accepted and wait, until `wharf queue resume mails`");
    insta::assert_snapshot!(paused(&state(false)), @"mails is worked again, with 1 message in it");
}
