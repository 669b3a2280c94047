//! The fixture and the load themselves, on a host at rest: what later tests count, they count right.

use tests::load::{Kind, Load, Plan};
use tests::proof::within;
use tests::release::{self, rows};
use tests::versions::Version;

#[test]
fn a_load_finds_nothing_wrong_with_a_host_at_rest() {
    let host = release::builder(&Version::good("v1")).start();
    let mix = vec![(Kind::Read, 4), (Kind::Write, 2), (Kind::Work, 2), (Kind::Mix, 2), (Kind::Upload(64), 1)];
    let load = Load::start(host.http(), "rest", &Plan { rate: 100.0, mix, streams: 20, ..Plan::default() });
    assert!(within(super::LIMIT, || load.seen(|tally| tally.requests >= 200)));
    let tally = load.stop();
    assert_eq!(tally.failed, 0, "{:?}", tally.examples());
    assert_eq!((tally.streams.opened, tally.streams.dropped), (20, 0), "{:?}", tally.streams);
    assert_eq!((tally.streams.missing, tally.streams.again), (0, 0), "{:?}", tally.streams);
    assert!(tally.streams.events >= 20, "{:?}", tally.streams);
    assert_eq!(tally.mixes.keys().collect::<Vec<_>>(), ["v1 v1"]);
    assert_eq!(rows(&host.state(), "SELECT id FROM writes").len(), tally.written.len());
    let handled = || rows(&host.state(), "SELECT id FROM handled").len();
    assert!(within(super::LIMIT, || handled() >= tally.sent.len()), "{} of {}", handled(), tally.sent.len());
    assert_eq!(handled(), tally.sent.len());
}

#[test]
fn a_version_behaves_as_its_block_says() {
    let bad = Version::good("bad").with_errors(50).trapping_at("/report").with_failing_worker();
    let host = release::builder(&bad).start();
    let client = host.client();
    client.get("/report").expect(500);
    let answers: Vec<_> = (0..100).map(|_| client.get("/").status).collect();
    let failed = answers.iter().filter(|status| **status == 500).count();
    assert!((20..=80).contains(&failed), "{failed} of 100");
    assert_eq!(client.get("/assets.json").expect(200).text(), "[\"/assets/bad.txt\"]");
}

/// No instance can be made of it: everything it is asked fails, and the host goes on.
#[test]
fn a_version_that_traps_at_its_start_answers_nothing() {
    let host = release::builder(&Version::good("bad").trapping_at_start()).start();
    let answer = host.client().get("/");
    assert!(answer.status >= 500, "{}", answer.text());
    host.admin().get("/livez").expect(200);
}
