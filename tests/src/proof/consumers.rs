//! Experiment 5: two versions of a consumer at once, half the people each; no message is lost, none has two effects.

use std::process::Stdio;
use std::time::Duration;

use crate::load::{Kind, Load, Plan};
use crate::operator::Operator;
use crate::release;
use crate::versions::Version;

use super::accounts::settle;
use super::{Claim, Claims, within};

/// How large.
#[derive(Clone, Debug)]
pub struct Size {
    /// Messages.
    pub messages: u64,
    /// Messages a second.
    pub rate: f64,
}

/// Runs it.
pub fn run(size: &Size) -> Vec<Claim> {
    let host = release::builder(&Version::good("one")).with_config(&release::rollout(1.0, 10)).start();
    let operator = Operator::of(&host.state());
    let wasm = Version::good("two").wasm();
    let mut deploy = operator.deploying_both(&wasm, "50,100").stdout(Stdio::null()).spawn().unwrap();
    let half = within(Duration::from_mins(1), || operator.status()["rollout"]["weight"] == 50);
    let paused = operator.run(&["pause"]);
    let plan = Plan { rate: size.rate, clients: 400, mix: vec![(Kind::Work, 1)], ..Plan::default() };
    let load = Load::start(host.http(), "consumers", &plan);
    let limit = Duration::from_secs_f64(f64::from(u32::try_from(size.messages).unwrap()) / size.rate * 2.0 + 20.0);
    within(limit, || load.seen(|tally| tally.requests >= size.messages));
    let tally = load.stop();
    let account = settle(&host.state(), &tally);
    let promoted = operator.run(&["promote"]);
    let code = deploy.wait().unwrap().code();
    let mut claims = Claims::of(5);
    claims.add(
        "half the people get the new release, held there",
        "50 %, paused",
        format!("{half}, {}", paused.code),
        half && paused.code == 0,
    );
    claims.none(&format!("of {} requests failed", tally.requests), tally.failed, &tally.examples());
    claims.none(&format!("of {} messages lost", tally.sent.len()), account.lost_messages, &account.examples);
    claims.none("messages handled twice", account.double_messages, &account.examples);
    let by = |version: &str| {
        account.handled.iter().filter(|((handler, _), _)| handler == version).map(|(_, count)| count).sum::<u64>()
    };
    let (one, two) = (by("one"), by("two"));
    let share = 100 * two / (one + two).max(1);
    // People go to a side, not messages: of 400 people five standard deviations are 12.5 %.
    claims.add(
        "share of the new version",
        "37 to 63 %",
        format!("{share} %: {one} and {two}"),
        (37..=63).contains(&share),
    );
    let stray: u64 =
        account.handled.iter().filter(|((handler, sender), _)| handler != sender).map(|(_, count)| count).sum();
    claims.none("messages handled by another generation than sent them", stray, &[]);
    claims.add(
        "promoted afterwards",
        "exit 0",
        format!("{} and {code:?}", promoted.code),
        promoted.code == 0 && code == Some(0),
    );
    claims.list()
}
