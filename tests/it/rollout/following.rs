//! `wharf up` follows its files: what its developer builds takes over in the running host.

use tests::host::{Builder, Host};
use tests::load::{Load, Plan};
use tests::proof::within;
use tests::release::{self, MANIFEST};
use tests::versions::Version;

use super::{LIMIT, good, version};

/// `front` is "built" by copying `next.wasm`, whenever `source.txt` changes.
const BUILD: &str = r#"
[component.front.build]
command = "cp next.wasm front.wasm"
watch = ["source.txt"]
"#;

fn builder() -> Builder {
    let manifest = format!("{MANIFEST}{BUILD}");
    release::for_its_developer(&Version::good("v1"), &manifest).with_file("source.txt", b"1")
}

fn write(host: &Host, name: &str, content: &[u8]) {
    std::fs::write(host.builder().folder().join(name), content).unwrap();
}

#[track_caller]
fn until_shown(host: &Host, words: &str) {
    assert!(within(LIMIT, || host.screen().contains(words)), "{words}: {}", host.screen());
}

#[track_caller]
fn until_version(host: &Host, label: &str) {
    assert!(within(LIMIT, || version(host) == label), "{label}: {}", host.screen());
}

#[test]
fn a_source_that_changes_is_built_and_takes_over_under_load() {
    let host = builder().start();
    let load = Load::start(host.http(), "following", &Plan { rate: 50.0, ..Plan::default() });
    for (number, label) in [(2, "v2"), (3, "v3")] {
        write(&host, "next.wasm", &good(label));
        write(&host, "source.txt", format!("{number} changes its length{}", " ".repeat(number)).as_bytes());
        until_version(&host, label);
        until_shown(&host, &format!("r{number} serves"));
    }
    // A file that somebody else has built takes over too.
    write(&host, "front.wasm", &good("v4"));
    until_version(&host, "v4");
    let tally = load.stop();
    assert_eq!(tally.failed, 0, "{:?}", tally.examples());
}

#[test]
fn what_does_not_build_or_cannot_serve_is_told_and_what_served_before_serves_on() {
    let host = builder().start();
    // There is no `next.wasm` to copy.
    write(&host, "source.txt", b"no longer one character");
    until_shown(&host, "front was not built; what served before serves on");
    assert_eq!(version(&host), "v1");
    write(&host, "front.wasm", b"not a component");
    until_shown(&host, "not deployed:");
    assert_eq!(version(&host), "v1");
    write(&host, "front.wasm", &good("v2"));
    until_version(&host, "v2");
}
