//! The host's records on the database server: what is left when the machine is not.

use tests::operator::Operator;
use tests::powers::until;

use super::{Builder, builder, good, start, until_ended, version};

fn on_server() -> Builder {
    builder().on_postgres().with_records_on_postgres()
}

#[test]
fn another_machine_with_the_same_configuration_serves_what_was_deployed() {
    let (host, operator) = start(on_server());
    operator.deploy("front", &good("v2"), "now").expect(0);
    host.client().get("/write?id=kept").expect(200);
    let there = host.kill().elsewhere();
    assert!(!there.state().exists(), "the new machine has nothing");
    let (host, operator) = start(there);
    assert_eq!(host.client().get("/mix").expect(200).text(), "v2 v1");
    assert_eq!(host.client().get("/read?id=kept").expect(200).text(), "1");
    // It has the way back too, and the next number.
    operator.run(&["rollback"]).expect(0);
    assert_eq!(version(&host), "v1");
    operator.deploy("back", &good("v3"), "now").expect(0);
    assert_eq!(operator.live(), "r4", "r3 is the way back");
    assert_eq!(host.client().get("/mix").expect(200).text(), "v1 v3");
}

#[test]
fn a_host_with_a_folder_takes_its_releases_to_the_server() {
    let (host, operator) = start(builder().on_postgres());
    operator.deploy("front", &good("v2"), "now").expect(0);
    let (host, _) = start(host.kill().with_records_on_postgres());
    assert_eq!(version(&host), "v2");
    let (host, _) = start(host.kill().elsewhere());
    assert_eq!(version(&host), "v2");
}

#[test]
fn of_two_hosts_on_one_journal_one_is_told_that_the_other_has_changed_it() {
    let (host, operator) = start(on_server());
    let other = on_the_same(&host);
    let theirs = Operator::of(&other.state());
    operator.deploy("front", &good("v2"), "now").expect(0);
    until_ended(&operator);
    let refused = theirs.deploy("front", &good("v3"), "now").expect(2);
    assert!(refused.errors.contains("another host"), "{}{}", refused.out, refused.errors);
    assert_eq!(version(&host), "v2");
    assert_eq!(version(&other), "v1", "what it serves is what it had");
}

/// A second host beside a running one.
fn on_the_same(host: &tests::host::Host) -> tests::host::Host {
    host.builder().elsewhere().start()
}

#[test]
fn what_a_lost_machine_had_promised_to_deliver_another_one_delivers() {
    let (host, _) = start(on_server());
    host.client().get("/send?id=late&delay_ms=3600000").expect(200);
    let (host, _) = start(host.kill().elsewhere());
    let work = || {
        let queues = host.admin().get("/queues").expect(200).json()["queues"].clone();
        let queue = queues.as_array().unwrap().iter().find(|queue| queue["queue"] == "work").unwrap();
        ["delayed", "handled_total", "depth"].map(|name| queue[name].as_u64().unwrap())
    };
    assert_eq!(work(), [1, 0, 1]);
    host.advance_clock(3_601);
    until("it is handled", || work() == [0, 1, 0]);
}
