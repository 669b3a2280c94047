//! What people are in the middle of when something is deployed.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use tests::event_stream::EventStream;
use tests::host::Host;
use tests::proof::within;
use tests::release::{self, MANIFEST, rows};
use tests::versions::Version;
use ureq::SendBody;

use super::{Deploy, LIMIT, builder, good, patient, start, until_ended, until_weight, version, version_for};

fn post(host: &Host, path: &str, person: u32) -> String {
    let client = host.client();
    client.set_cookie("wharf-client", &format!("{person:032x}"));
    client.send("POST", path, &[], SendBody::none()).expect(200).text()
}

#[test]
fn an_event_stream_survives_every_deploy() {
    let (host, operator) = start(builder());
    let mut streams: Vec<_> =
        (0..5).map(|_| EventStream::open(&host.client(), "/events?channel=news:all", None)).collect();
    for number in 1..=4 {
        operator.deploy("front", &good(&format!("v{}", number + 1)), "now").expect(0);
        post(&host, &format!("/publish?channel=news:all&data={number}"), 0);
    }
    for stream in &mut streams {
        let seen: Vec<_> = (0..4).map(|_| stream.next_event().data).collect();
        assert_eq!(seen, ["1", "2", "3", "4"]);
    }
}

/// An upload of 300,000 bytes, of which 100,000 are sent: `100 Continue` says that somebody reads them.
struct Upload {
    socket: TcpStream,
    lines: BufReader<TcpStream>,
}

impl Upload {
    fn begin(host: &Host) -> Self {
        let address = host.http().trim_start_matches("http://").to_owned();
        let mut socket = TcpStream::connect(&address).unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        let head = format!(
            "POST /upload HTTP/1.1\r\nHost: {address}\r\nExpect: 100-continue\r\nContent-Length: 300000\r\nConnection: close\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).unwrap();
        let mut lines = BufReader::new(socket.try_clone().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 100"), "{line}");
        socket.write_all(&vec![b'x'; 100_000]).unwrap();
        Self { socket, lines }
    }

    fn finish(&mut self) -> String {
        self.socket.write_all(&vec![b'x'; 200_000]).unwrap();
        self.answer()
    }

    fn answer(&mut self) -> String {
        let mut answer = String::new();
        self.lines.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn an_upload_under_way_ends_where_it_began() {
    let (host, operator) = start(builder());
    let mut upload = Upload::begin(&host);
    let deploy = Deploy::begin(&operator, "front", &good("v2"), "now");
    assert!(within(LIMIT, || version(&host) == "v2"), "the new version serves");
    let answer = upload.finish();
    assert!(answer.contains("HTTP/1.1 200") && answer.contains("x-version: v1"), "{answer}");
    assert!(answer.contains("\r\n300000 "), "{answer}");
    deploy.wait().expect(0);
}

/// A version that comes back while its former release still finishes shares its components, and is not cut with it.
#[test]
fn a_version_that_comes_back_outlives_the_drain_limit_of_its_former_release() {
    let (host, operator) = start(release::builder(&Version::good("v1")).with_config(&release::rollout(0.05, 1)));
    let mut upload = Upload::begin(&host);
    operator.deploy("front", &good("v2"), "now").expect(0);
    operator.deploy("front", &good("v1"), "now").expect(0);
    assert!(within(LIMIT, || host.log().contains("cut at the drain limit")), "{}", host.log());
    assert_eq!(version(&host), "v1");
    assert!(upload.finish().contains("x-version: v1"));
    assert_eq!(version(&host), "v1");
}

/// What is over its drain limit is ended, and told that it can be sent again.
#[test]
fn what_does_not_finish_in_time_is_cut() {
    let (host, operator) = start(release::builder(&Version::good("v1")).with_config(&release::rollout(0.05, 1)));
    let mut upload = Upload::begin(&host);
    operator.deploy("front", &good("v2"), "now").expect(0);
    let answer = upload.answer();
    assert!(answer.contains("HTTP/1.1 503") && answer.contains("replaced"), "{answer}");
    let gone = |status: &serde_json::Value| status["retiring"].as_object().is_none_or(serde_json::Map::is_empty);
    super::until_status(&operator, "the old release is gone", gone);
    assert_eq!(version(&host), "v2");
}

#[test]
fn a_message_stays_on_the_generation_that_sent_it() {
    let (host, operator) = start(patient());
    let _deploy = Deploy::of(operator.deploying_both(&good("v2"), "50,100"));
    until_weight(&operator, 50);
    for person in 0..60 {
        assert_eq!(post(&host, &format!("/work?id=m-{person}"), person), "sent");
    }
    let handled = || rows(&host.state(), "SELECT id, handler, sender FROM handled");
    assert!(within(LIMIT, || handled().len() >= 60), "{:?}", handled());
    let handled = handled();
    assert!(handled.iter().all(|row| row[1] == row[2]), "{handled:?}");
    assert_eq!(handled.iter().map(|row| &row[0]).collect::<BTreeSet<_>>().len(), 60, "each once");
    let senders: BTreeSet<_> = handled.iter().map(|row| row[2].as_str()).collect();
    assert_eq!(senders, BTreeSet::from(["v1", "v2"]), "both sent some");
}

#[test]
fn a_message_of_a_release_that_is_gone_is_handled_by_the_one_that_serves() {
    let (host, operator) = start(builder());
    post(&host, "/work?id=late&delay_ms=600000", 0);
    operator.deploy_both(&good("v2"), "now").expect(0);
    let gone = |status: &serde_json::Value| status["retiring"].as_object().is_none_or(serde_json::Map::is_empty);
    super::until_status(&operator, "the old release is gone", gone);
    host.advance_clock(601);
    let handled = || rows(&host.state(), "SELECT handler, sender FROM handled");
    assert!(within(LIMIT, || !handled().is_empty()), "the message is lost");
    assert_eq!(handled(), [["v2", "v1"]]);
}

#[test]
fn a_schedule_runs_once_for_each_slot_also_between_two_releases() {
    let (host, operator) = start(patient());
    let _deploy = Deploy::of(operator.deploying_both(&good("v2"), "50,100"));
    until_weight(&operator, 50);
    let slots = || rows(&host.state(), "SELECT slot FROM ticks");
    for hour in 1..=6 {
        host.advance_clock(3_600);
        assert!(within(LIMIT, || slots().len() >= hour), "{hour}: {:?}", slots());
    }
    let slots = slots();
    let different: BTreeSet<_> = slots.iter().collect();
    assert_eq!((slots.len(), different.len()), (6, 6), "{slots:?}");
}

#[test]
fn a_page_that_is_open_still_finds_the_files_of_its_release() {
    let manifest =
        MANIFEST.replace("[component.front.tool.wharf]\n", "[component.front.tool.wharf]\nassets = \"/assets.json\"\n");
    assert_ne!(manifest, MANIFEST);
    let builder = release::with_manifest(&Version::good("v1"), &manifest);
    let (host, operator) = start(builder.with_config(&release::rollout(0.05, 5)));
    let file = |label: &str| host.client().get(&format!("/assets/{label}.txt"));
    assert_eq!(file("v1").expect(200).text(), "v1");
    operator.deploy("front", &good("v2"), "now").expect(0);
    operator.deploy("front", &good("v3"), "now").expect(0);
    for label in ["v1", "v2", "v3"] {
        assert_eq!(file(label).expect(200).text(), label);
    }
    file("v4").expect(404);
    let host = host.kill().start();
    for label in ["v1", "v2", "v3"] {
        assert_eq!(host.client().get(&format!("/assets/{label}.txt")).expect(200).text(), label, "after a restart");
    }
}

/// A rollout that is ended takes people back; what they wrote meanwhile is there.
#[test]
fn nothing_is_lost_when_a_rollout_is_ended() {
    let (host, operator) = start(patient());
    let deploy = Deploy::of(operator.deploying_both(&good("v2"), "50,100"));
    until_weight(&operator, 50);
    let person = (0..100).find(|person| version_for(&host, *person) == "v2").unwrap();
    post(&host, "/work?id=kept", person);
    operator.run(&["abort"]).expect(0);
    assert_eq!(version_for(&host, person), "v1", "at once");
    assert_eq!(until_ended(&operator)["outcome"], "aborted");
    deploy.wait().expect(1);
    let handled = || rows(&host.state(), "SELECT id, sender FROM handled");
    assert!(within(LIMIT, || !handled().is_empty()));
    assert_eq!(handled(), [["kept", "v2"]]);
}
