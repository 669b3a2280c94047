//! How a session begins, goes on and ends, and who does not get one.

use serde_json::{Value, json};
use tests::client::{Answer, Client};
use tests::host::Host;
use tests::people::{Person, Role, person, sign_in};
use ureq::SendBody;

use super::{INBOX, TICKETS, host, problem, text};

const ME: &str = "/api/v1/auth/me";
const MINUTE_S: u64 = 60;
const DAY_S: u64 = 24 * 60 * MINUTE_S;

fn log_in(host: &Host, email: &str, password: &str) -> Answer {
    host.client().post("/api/v1/auth/login", &json!({ "email": email, "password": password }))
}

fn refresh(client: &Client) -> Answer {
    client.send("POST", "/api/v1/auth/token/refresh", &[], SendBody::none())
}

fn log_out(client: &Client) -> Answer {
    client.send("POST", "/api/v1/auth/logout", &[], SendBody::none())
}

/// How long to wait, as both the header and the document say it.
#[track_caller]
fn wait_of(answer: Answer, status: u16) -> u64 {
    let header: u64 = answer.header("retry-after").parse().expect("seconds");
    let document = problem(answer, status);
    assert_eq!(document["retry_after_s"], header, "{document}");
    header
}

/// Everything of a refusal that a guesser could compare.
fn told(answer: Answer, status: u16) -> Value {
    let mut document = problem(answer, status);
    document["instance"].take();
    document
}

#[test]
fn guesses_are_answered_alike_and_the_tenth_locks_for_fifteen_minutes() {
    let host = host();
    let Person { email, password, .. } = person(&host, Role::Employee);
    let upper_case = email.to_uppercase();
    log_in(&host, &upper_case, &password).expect(200);
    for failure in 1..=9 {
        let known = told(log_in(&host, &email, "a wrong guess"), 401);
        let unknown = told(log_in(&host, "nobody@example.org", "a wrong guess"), 401);
        assert_eq!(known, unknown, "failure {failure}");
        let left = (failure >= 5).then(|| (10 - failure).to_string());
        let detail = text(&known["detail"]);
        assert!(left.is_none_or(|left| failure == 9 || detail.contains(&left)), "{detail}");
    }
    let wait = wait_of(log_in(&host, &email, "a wrong guess"), 423);
    assert_eq!(wait, 15 * MINUTE_S);
    assert_eq!(wait_of(log_in(&host, "nobody@example.org", "a wrong guess"), 423), wait, "unknown people lock too");
    assert!(wait_of(log_in(&host, &email, &password), 423) <= wait, "the right password opens no lock");
    sign_in(&host, Role::Colleague);

    host.advance_clock(wait / 2);
    let rest = wait_of(log_in(&host, &email, &password), 423);
    assert!(rest <= wait / 2, "{rest}");
    host.advance_clock(rest);
    log_in(&host, &email, &password).expect(200);
    let again = told(log_in(&host, &email, "a wrong guess"), 401);
    assert_eq!(again, told(log_in(&host, "other@example.org", "a wrong guess"), 401), "the count starts anew");
}

#[test]
fn an_address_that_fails_on_many_accounts_is_shut_out_of_all_for_a_while() {
    let host = host();
    let Person { email, password, .. } = person(&host, Role::Employee);
    for guess in 0..50 {
        log_in(&host, &format!("guess{guess}@example.org"), "a wrong guess").expect(401);
    }
    let wait = wait_of(log_in(&host, &email, &password), 429);
    assert!((1..=15 * MINUTE_S).contains(&wait), "{wait}");
    host.advance_clock(wait);
    log_in(&host, &email, &password).expect(200);
}

#[test]
fn who_is_not_approved_or_needs_a_code_learns_so_after_the_right_password_only() {
    let host = host();
    for role in [Role::Pending, Role::WithCodes] {
        let Person { email, password, .. } = person(&host, role);
        let answer = log_in(&host, &email, &password);
        assert!(answer.headers.get("set-cookie").is_none());
        if role == Role::Pending {
            problem(answer, 403);
        } else {
            assert_eq!(answer.expect(200).json()["otp_required"], true);
        }
        let wrong = told(log_in(&host, &email, "a wrong guess"), 401);
        assert_eq!(wrong, told(log_in(&host, &format!("{role:?}@example.org"), "a wrong guess"), 401));
    }
}

#[test]
fn an_access_token_ends_after_ten_minutes_and_a_refresh_gives_the_next() {
    let host = host();
    let client = sign_in(&host, Role::Employee);
    host.advance_clock(9 * MINUTE_S);
    client.get(ME).expect(200);
    host.advance_clock(MINUTE_S + 1);
    // The cookie lives no longer either; a browser would not send it. Here it still is.
    let old = client.cookie("access_token").unwrap();
    for path in [ME, TICKETS, INBOX, "/api/v1/notifications/stream"] {
        problem(client.get(path), 401);
    }
    let answer = refresh(&client).expect(200);
    assert_eq!(answer.json(), json!({ "expires_in": 600 }));
    assert_ne!(client.cookie("access_token").unwrap(), old);
    for path in [ME, TICKETS, INBOX] {
        client.get(path).expect(200);
    }
    problem(refresh(&host.client()), 401);
}

#[test]
fn a_refresh_token_used_twice_ends_the_session_of_whoever_has_it() {
    let host = host();
    let (client, other) = (sign_in(&host, Role::Employee), sign_in(&host, Role::Employee));
    let thief = client.copy();
    refresh(&client).expect(200);
    let successor = client.copy();
    let answer = refresh(&thief);
    let cleared: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert!(
        cleared.len() == 2 && cleared.iter().all(|line| line.to_str().unwrap().contains("Max-Age=0")),
        "{cleared:?}"
    );
    problem(answer, 401);
    problem(refresh(&client), 401);
    problem(refresh(&successor), 401);
    refresh(&other).expect(200);
    sign_in(&host, Role::Employee).get(ME).expect(200);
}

#[test]
fn a_session_ends_by_logging_out_and_by_lying_idle() {
    let host = host();
    let client = sign_in(&host, Role::Employee);
    let copy = client.copy();
    let answer = log_out(&client).expect(204);
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(client.cookies(), "");
    problem(client.get(ME), 401);
    problem(refresh(&copy), 401);
    log_out(&client).expect(204);

    let (used, idle) = (sign_in(&host, Role::Employee), sign_in(&host, Role::Colleague));
    for _ in 0..2 {
        host.advance_clock(4 * DAY_S);
        refresh(&used).expect(200);
    }
    problem(refresh(&idle), 401);
    for _ in 0..4 {
        host.advance_clock(5 * DAY_S);
        refresh(&used).expect(200);
    }
    host.advance_clock(2 * DAY_S + MINUTE_S);
    problem(refresh(&used), 401);
}
