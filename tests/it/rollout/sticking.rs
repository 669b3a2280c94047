//! Who gets which release: a person stays where they are, testers go where they want.

use std::collections::BTreeSet;

use tests::operator::Operator;
use ureq::SendBody;

use super::{Deploy, good, patient, start, until_weight, version, version_for};

const PEOPLE: u32 = 400;

/// Those who get `v2`.
fn on_the_new_one(host: &tests::host::Host) -> BTreeSet<u32> {
    (0..PEOPLE).filter(|person| version_for(host, *person) == "v2").collect()
}

#[test]
fn nobody_goes_back_while_the_weight_grows() {
    let (host, operator) = start(patient());
    let deploy = Deploy::begin(&operator, "front", &good("v2"), "5,25,50,100");
    let mut before = BTreeSet::new();
    let nobody = version(&host);
    for weight in [5_usize, 25, 50, 100] {
        until_weight(&operator, u64::try_from(weight).unwrap());
        let now = on_the_new_one(&host);
        assert!(now.is_superset(&before), "somebody went back at {weight} %");
        assert_eq!(now, on_the_new_one(&host), "asked again at {weight} %");
        // Five standard deviations of 400 people are at most 50 of them.
        let expected = 4 * weight;
        assert!(now.len().abs_diff(expected) <= 50, "{} of 400 at {weight} %", now.len());
        before = now;
        operator.run(&["promote"]).expect(0);
    }
    deploy.wait().expect(0);
    assert_eq!(before.len(), 400);
    assert_eq!((nobody.as_str(), version(&host).as_str()), ("v1", "v2"));
}

#[test]
fn somebody_without_a_cookie_stays_too() {
    let (host, operator) = start(patient());
    let _deploy = Deploy::begin(&operator, "front", &good("v2"), "50,100");
    until_weight(&operator, 50);
    let first = version(&host);
    assert!((0..20).all(|_| version(&host) == first));
    // A browser keeps whatever cookie it was given.
    let browser = host.client();
    assert!((0..20).all(|_| browser.get("/").expect(200).text() == first));
}

#[test]
fn a_tester_with_the_token_chooses_and_is_told_the_release() {
    let (host, operator) = start(patient());
    let _deploy = Deploy::begin(&operator, "front", &good("v2"), "1,100");
    until_weight(&operator, 1);
    for person in 0..10 {
        let client = host.client();
        client.set_cookie("wharf-client", &format!("{person:032x}"));
        for (release, version) in [("r1", "v1"), ("r2", "v2"), ("r1", "v1")] {
            let answer = operator.ask(&client, "/", Some(release)).expect(200);
            assert_eq!((answer.text().as_str(), answer.header("x-wharf-release")), (version, release));
        }
        // Without a wish a tester is a person like others, and is told where they are.
        let answer = operator.ask(&client, "/", None).expect(200);
        let told = answer.header("x-wharf-release").to_owned();
        assert_eq!((told.as_str(), answer.text()), (if answer.text() == "v1" { "r1" } else { "r2" }, answer.text()));
    }
    let gone = operator.ask(&host.client(), "/", Some("r77"));
    assert!(gone.status >= 400, "a release that is not there answers nobody: {}", gone.text());
}

/// A strategy that begins at 0 % is a release for testers, until an operator wants it for others.
#[test]
fn at_0_percent_testers_alone_reach_the_new_release_until_it_is_promoted() {
    // Holds that are over at once: nothing but the operator's word moves it on.
    let (host, operator) = start(super::builder());
    let deploy = Deploy::begin(&operator, "front", &good("v2"), "0,100");
    super::until_status(&operator, "the first step", |status| status["rollout"]["phase"] == "shift");
    let reaches = || operator.ask(&host.client(), "/", Some("r2")).expect(200).text();
    assert!(super::within(super::LIMIT, || reaches() == "v2"));
    assert!((0..PEOPLE).all(|person| version_for(&host, person) == "v1"));
    let status = super::until_status(&operator, "what it waits for is told", |status| {
        status["rollout"]["verdict"].as_str().is_some_and(|verdict| verdict.contains("wharf promote"))
    });
    assert_eq!((&status["rollout"]["weight"], &status["live"]["id"]), (&0.into(), &"r1".into()), "{status:#}");
    operator.run(&["promote"]).expect(0);
    deploy.wait().expect(0);
    assert!((0..PEOPLE).all(|person| version_for(&host, person) == "v2"));
}

#[test]
fn the_header_of_testers_means_nothing_without_the_token() {
    let (host, operator) = start(patient());
    let _deploy = Deploy::begin(&operator, "front", &good("v2"), "1,100");
    until_weight(&operator, 1);
    let person = (0..PEOPLE).find(|person| version_for(&host, *person) == "v1").unwrap();
    let client = host.client();
    client.set_cookie("wharf-client", &format!("{person:032x}"));
    for headers in [
        &[("x-wharf-release", "r2")][..],
        &[("x-wharf-release", "r2"), ("x-wharf-token", "")],
        &[("x-wharf-release", "r2"), ("x-wharf-token", "guess")],
    ] {
        let answer = client.send("GET", "/", headers, SendBody::none()).expect(200);
        assert_eq!(answer.text(), "v1", "{headers:?}");
        assert_eq!(answer.header("x-wharf-release"), "", "{headers:?}");
    }
    assert!(operator.token().len() >= 32, "not to be guessed");
}

/// Both components change in one release: an answer that names two versions was made by two generations.
#[test]
fn a_request_and_its_child_calls_stay_on_one_generation() {
    let (host, operator) = start(patient());
    let deploy = Deploy::of(operator.deploying_both(&good("v2"), "50,100"));
    until_weight(&operator, 50);
    let answers: BTreeSet<_> = (0..PEOPLE).map(|person| mix(&host, &operator, person)).collect();
    assert_eq!(answers, BTreeSet::from(["v1 v1".to_owned(), "v2 v2".to_owned()]));
    operator.run(&["promote"]).expect(0);
    until_weight(&operator, 100);
    operator.run(&["promote"]).expect(0);
    deploy.wait().expect(0);
}

/// What a person's request and its child call say, and a tester's who chose the other release.
fn mix(host: &tests::host::Host, operator: &Operator, person: u32) -> String {
    let client = host.client();
    client.set_cookie("wharf-client", &format!("{person:032x}"));
    let mine = client.get("/mix").expect(200).text();
    if person < 10 {
        let (other, expected) = if mine == "v1 v1" { ("r2", "v2 v2") } else { ("r1", "v1 v1") };
        assert_eq!(operator.ask(&client, "/mix", Some(other)).expect(200).text(), expected);
    }
    mine
}
