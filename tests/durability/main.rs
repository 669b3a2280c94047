//! `make prove-durability`: messages on PostgreSQL and RabbitMQ that are killed, stopped, cut off and full, as a table.
//!
//! `--small` takes a minute, `--quarter` five.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use tests::proof::durability::{self, Disturbance, Size};
use tests::proof::markdown;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let size = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => full(),
        ["--quarter"] => quarter(),
        ["--small"] => small(),
        _ => {
            eprintln!("usage: durability [--quarter|--small]");
            return ExitCode::from(64);
        }
    };
    let begun = Instant::now();
    let claims = durability::run(&size);
    let text = markdown(&claims, begun.elapsed());
    println!("{text}");
    std::fs::write(tests::paths::root().join("target/prove-durability.md"), &text).unwrap();
    if claims.iter().all(|claim| claim.holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the promise is about, in eighteen minutes. Two cores send, carry and handle: hence batches, and a rate of a third of
/// what they can handle, so that what a minute's cut has left is caught up with in half of one.
fn full() -> Size {
    let once = [Disturbance::NetworkCut(Duration::from_mins(1)), Disturbance::MemoryAlarm(Duration::from_secs(20))];
    Size { messages: 200_000, rate: 190.0, batch: 8, disturbances: Disturbance::mixed(10, 10, 20, &once), timed: true }
}

/// The same pace, for whoever changes something here.
fn quarter() -> Size {
    let Size { messages, .. } = full();
    let once = [Disturbance::NetworkCut(Duration::from_secs(20)), Disturbance::MemoryAlarm(Duration::from_secs(10))];
    Size { messages: messages / 4, disturbances: Disturbance::mixed(3, 3, 5, &once), ..full() }
}

/// One of each.
fn small() -> Size {
    let once = [Disturbance::NetworkCut(Duration::from_secs(8)), Disturbance::MemoryAlarm(Duration::from_secs(5))];
    Size { messages: 2_000, rate: 50.0, batch: 4, disturbances: Disturbance::mixed(1, 1, 1, &once), timed: true }
}
