//! The main job from log-in to closed, through HTTP alone: once undisturbed, and once with the host's power going at
//! random instants, after which all must have come out the same.

mod journey;
mod outcome;
mod power;
mod steps;

use std::collections::BTreeSet;

use journey::{EVERYBODY, Journey};
use power::Power;
use serde_json::Value;
use tests::event_stream::{Event, EventStream};

use super::{host, text};

/// How often the power goes.
const CUTS: usize = 20;

#[test]
fn a_ticket_goes_from_log_in_to_closed() {
    let mut journey = Journey::begin(host(), Power::steady());
    let open = |who| (who, EventStream::open(journey.client(who), "/api/v1/notifications/stream", None));
    let streams = EVERYBODY.map(open);
    steps::all(&mut journey);
    let outcome = outcome::of(&mut journey);
    outcome::is_as_it_should_be(&outcome);
    for (who, mut stream) in streams {
        let events = outcome.entries_of(who);
        let seen: BTreeSet<_> = (0..events.len()).map(|_| entry_in(&stream.next_event())).collect();
        assert_eq!(seen, events, "{who:?} saw each entry as it came");
    }
}

/// The key of the inbox entry that an event tells of.
fn entry_in(event: &Event) -> String {
    assert_eq!(event.name, "notification");
    let data: Value = serde_json::from_str(&event.data).unwrap();
    text(&data["id"])
}

/// The power goes while a request of a randomly chosen step runs, or shortly after: so many requests of an onlooker
/// later, of about a millisecond each. What was under way is asked again unless it turns out to be done.
#[test]
fn a_host_killed_twenty_times_on_the_way_ends_the_same() {
    let power = Power::failing(CUTS, steps::COUNT);
    let told = format!("{power:?}");
    let mut journey = Journey::begin(host(), power);
    // A failure names the instants, so that they can be tried again.
    let walked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| steps::all(&mut journey)));
    assert!(walked.is_ok(), "with {told}");
    let outcome = outcome::of(&mut journey);
    assert_eq!(journey.cuts(), CUTS, "every cut took place");
    outcome::is_as_it_should_be(&outcome);
}

super::on_postgres! {
    a_ticket_goes_from_log_in_to_closed,
    a_host_killed_twenty_times_on_the_way_ends_the_same,
}

super::on_servers! {
    a_ticket_goes_from_log_in_to_closed,
    a_host_killed_twenty_times_on_the_way_ends_the_same,
}
