//! What `make prove-durability` shows at full size, small: everything that can go wrong with servers and hosts, once.

use std::time::Duration;

use tests::proof::assert_all;
use tests::proof::durability::{self, Disturbance, Size};

#[test]
fn nothing_is_lost_or_done_twice_whatever_goes_wrong_with_servers_and_hosts() {
    let time = Duration::from_secs(3);
    let once = [Disturbance::NetworkCut(time), Disturbance::MemoryAlarm(time)];
    let disturbances = Disturbance::mixed(1, 1, 1, &once);
    assert_all(&durability::run(&Size { messages: 400, rate: 40.0, batch: 2, disturbances, timed: false }));
}
