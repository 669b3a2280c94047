//! A host has room for so many instances: those that are idle give way to those that are needed.

use tests::release;
use tests::versions::Version;

use super::{good, start, version};

#[test]
fn idle_instances_give_way_to_another_component_and_to_a_new_version() {
    let config = format!("{}\n[pool]\ninstances = 2", release::rollout(0.05, 5));
    let (host, operator) = start(release::builder(&Version::good("v1")).with_config(&config));
    // Two at once: both places are taken by the first component, and stay idle.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| host.client().get("/slow?ms=300").expect(200));
        }
    });
    // The second component has to begin.
    assert_eq!(host.client().get("/mix").expect(200).text(), "v1 v1");
    // And so has a new version, for which neither makes room by itself.
    for label in ["v2", "v3"] {
        operator.deploy("front", &good(label), "now").expect(0);
        assert_eq!(version(&host), label);
        assert_eq!(host.client().get("/mix").expect(200).text(), format!("{label} v1"));
    }
}

#[test]
fn without_room_a_request_waits_for_it_and_is_told_when_there_is_none() {
    let config = format!("{}\n[pool]\ninstances = 1", release::rollout(0.05, 5));
    let (host, _operator) = start(release::builder(&Version::good("v1")).with_config(&config));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| host.client().get("/slow?ms=300").expect(200));
        }
    });
    // A request whose child call needs a second instance: the call is answered 503, which the fixture passes on.
    let answer = host.client().get("/mix").expect(502).text();
    assert!(answer.contains("503"), "{answer}");
    assert_eq!(version(&host), "v1");
}
