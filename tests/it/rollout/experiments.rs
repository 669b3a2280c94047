//! Two of the five experiments of `make prove-deploys`, small. The others take minutes, or need a machine of their own to
//! say anything; crashes at every step are also in `host/control`, leaks of a generation in `host/router`.

use std::time::Duration;

use tests::proof::{Builds, assert_all, consumers, swaps};

#[test]
fn deploys_in_a_row_under_load_harm_nobody() {
    let size = swaps::Size {
        builds: Builds { deploys: 8, new: 6 },
        rate: 60.0,
        streams: 20,
        steady: Duration::from_secs(2),
        rollbacks: 2,
        pace: 0.01,
        // The tests beside this one are noise far above the promise; it is measured by `make prove-deploys`.
        p99_ratio: f64::INFINITY,
    };
    assert_all(&swaps::run(&size));
}

#[test]
fn two_versions_of_a_consumer_share_the_messages() {
    assert_all(&consumers::run(&consumers::Size { messages: 200, rate: 50.0 }));
}
