//! Experiment 2: the host is killed in the middle of a deploy, at each durable step and at random instants.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use ureq::SendBody;

use crate::client::Client;
use crate::host::{Builder, Host};
use crate::operator::{Operator, Told, told};
use crate::release;
use crate::versions::Version;

use super::{Claim, Claims, lanes, largest, median, pause, within};

/// How large.
#[derive(Clone, Debug)]
pub struct Size {
    /// Strategies whose every step is tried.
    pub strategies: Vec<&'static str>,
    /// Only every n-th step.
    pub stride: usize,
    /// Random instants.
    pub instants: u32,
    /// Trials at once.
    pub at_once: usize,
}

/// When the host dies.
#[derive(Clone, Copy, Debug)]
enum Death {
    /// At the n-th durable step since it started.
    Step(usize),
    /// This long after the deploy began.
    After(Duration),
}

/// What one trial saw.
#[derive(Debug)]
struct Seen {
    name: String,
    died: bool,
    /// Seconds from starting the process to the first byte of an answer.
    first_byte: f64,
    problem: Option<String>,
    is_new: bool,
}

/// More steps than a deploy has.
const STEPS_MAX: usize = 200;
/// Different people who ask after the restart.
const PEOPLE: u32 = 20;
const OLD: &str = "old old";
const NEW: &str = "new new";

/// Runs it.
pub fn run(size: &Size) -> Vec<Claim> {
    let base = prepared();
    let mut claims = Claims::of(2);
    let mut all = Vec::new();
    for strategy in &size.strategies {
        let steps = steps(&base, strategy, size);
        let died = steps.iter().filter(|seen| seen.died).count();
        let what = format!("durable steps of a deploy `{strategy}` at which the host was killed");
        claims.add(&what, "> 0", died, died > 0);
        all.extend(steps);
    }
    let instants = instants(&base, size);
    let died = instants.iter().filter(|seen| seen.died).count();
    claims.tell("random instants at which it was killed", died);
    all.extend(instants);
    let wrong: Vec<_> =
        all.iter().filter_map(|seen| Some(format!("{}: {}", seen.name, seen.problem.as_ref()?))).collect();
    let what = "after the restart: not exactly one generation, data gone, or the same deploy not possible";
    claims.none(what, u64::try_from(wrong.len()).unwrap(), &wrong);
    let times: Vec<_> = all.iter().map(|seen| seen.first_byte).collect();
    let (new, slowest) = (all.iter().filter(|seen| seen.is_new).count(), largest(&times));
    claims.tell("the new generation served after the restart", format!("{new} of {}", all.len()));
    let seen = format!("median {:.2} s, longest {slowest:.2} s", median(times));
    claims.add("from starting the process to the first byte", "<= 2 s", seen, slowest <= 2.0);
    claims.list()
}

/// A host that has served the old version, and stopped; both versions are compiled.
fn prepared() -> Builder {
    let builder = release::builder(&Version::good("old")).with_config(&release::rollout(0.01, 2));
    let warm = builder.copy().start();
    let operator = Operator::of(&warm.state());
    operator.deploy_both(&Version::good("new").wasm(), "now").expect(0);
    drop(warm);
    let host = builder.start();
    host.client().send("POST", "/write?id=before", &[], SendBody::none()).expect(200);
    host.stop().1
}

/// Dies at every step until there is none left.
fn steps(base: &Builder, strategy: &str, size: &Size) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut next = 1;
    // A batch at a time: how many steps there are is known when one survives.
    while next < STEPS_MAX && seen.iter().all(|seen: &Seen| seen.died) {
        let batch: Vec<_> = (0..size.at_once).map(|n| next + n * size.stride).collect();
        next += size.at_once * size.stride;
        seen.extend(lanes::run(batch, size.at_once, |step| trial(base, Death::Step(step), strategy)));
    }
    seen
}

fn instants(base: &Builder, size: &Size) -> Vec<Seen> {
    let host = base.copy().start();
    let operator = Operator::of(&host.state());
    let begun = Instant::now();
    deploy(&operator, "50,100", || true).expect(0);
    // Some of them after its end.
    let span = begun.elapsed() * 11 / 10;
    drop(host);
    // Spread evenly, each moved a little: the golden ratio's multiples fall everywhere.
    let at = |n: u32| span.mul_f64((f64::from(n) * 0.618_033_988_75).fract());
    let deaths = (0..size.instants).map(at).collect();
    lanes::run(deaths, size.at_once, |after| trial(base, Death::After(after), "50,100"))
}

fn trial(base: &Builder, death: Death, strategy: &str) -> Seen {
    let name = format!("{death:?} of `{strategy}`");
    let builder = base.copy();
    let doomed = match death {
        Death::Step(step) => builder.clone().with_environment("WHARF_TEST_CRASH_AT", &step.to_string()),
        Death::After(_) => builder.clone(),
    };
    let died = match doomed.try_start() {
        Ok(host) => deploy_and_die(host, death, strategy),
        Err(_) => true,
    };
    let begun = Instant::now();
    let host = builder.start();
    let answer = host.client().get("/");
    let first_byte = begun.elapsed().as_secs_f64();
    let mut problem = (answer.status != 200).then(|| format!("{} {}", answer.status, answer.text()));
    let mut is_new = false;
    match (problem.is_some(), generation(&host)) {
        (true, _) => {}
        (false, Ok(new)) => {
            is_new = new;
            problem = again(&host, strategy, new).err();
        }
        (false, Err(reason)) => problem = Some(reason),
    }
    Seen { name, died, first_byte, problem, is_new }
}

/// Whether the host died while it deployed.
fn deploy_and_die(mut host: Host, death: Death, strategy: &str) -> bool {
    let operator = Operator::of(&host.state());
    let pid = host.pid();
    let told = std::thread::scope(|scope| {
        if let Death::After(time) = death {
            let host = &host;
            scope.spawn(move || {
                pause(time);
                host.signal("KILL");
            });
        }
        // The command would wait for the host to come back, which it does only afterwards.
        deploy(&operator, strategy, || lives(pid))
    });
    if told.code == 0 {
        // The last steps come when the old release is given up.
        within(Duration::from_secs(10), || !host.runs() || settled(&operator));
    } else {
        within(Duration::from_secs(2), || !host.runs());
    }
    !host.runs()
}

/// Whether the process runs: one that has ended stays in the table until somebody asks for its status.
fn lives(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = status.rsplit_once(')').map_or("", |(_, rest)| rest.trim_start());
    !state.is_empty() && !state.starts_with(['Z', 'X'])
}

/// Deploys the new version, and promotes it where it would wait for people, for as long as the host lives.
fn deploy(operator: &Operator, strategy: &str, lives: impl Fn() -> bool) -> Told {
    let mut command = operator.deploying_both(&Version::good("new").wasm(), strategy);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut at = 0;
    within(Duration::from_mins(1), || {
        if strategy != "now" {
            let weight = operator.run(&["status"]).json()["rollout"]["weight"].as_u64().unwrap_or_default();
            if weight > at && operator.run(&["promote"]).code == 0 {
                at = weight;
            }
        }
        child.try_wait().unwrap().is_some() || !lives()
    });
    drop(child.kill());
    told(&child.wait_with_output().unwrap())
}

fn settled(operator: &Operator) -> bool {
    let status = operator.run(&["status"]);
    let status = status.json();
    status["rollout"].is_null() && status["retiring"].as_object().is_none_or(serde_json::Map::is_empty)
}

/// Whether everybody gets the new generation; everybody has to get the same one.
fn generation(host: &Host) -> Result<bool, String> {
    let people: BTreeSet<_> = (0..PEOPLE).map(|person| mix(&host.client(), person)).collect();
    match people.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [OLD] => Ok(false),
        [NEW] => Ok(true),
        _ => Err(format!("people got {people:?}")),
    }
}

fn mix(client: &Client, person: u32) -> String {
    client.set_cookie("wharf-client", &format!("{person:032x}"));
    client.get("/mix").text()
}

/// The same deploy, run again.
fn again(host: &Host, strategy: &str, new: bool) -> Result<(), String> {
    let operator = Operator::of(&host.state());
    let kept = host.client().get("/read?id=before").text();
    if kept != "1" {
        return Err(format!("the row from before the deploy: {kept}"));
    }
    let told = deploy(&operator, strategy, || true);
    // What serves already cannot be deployed: refused, and that it serves is what was wanted.
    if told.code != 0 && !(new && told.code == 2) {
        return Err(format!("again: {} {}{}", told.code, told.out.trim(), told.errors.trim()));
    }
    match generation(host) {
        Ok(true) => Ok(()),
        other => Err(format!("after the second deploy: {other:?}")),
    }
}
