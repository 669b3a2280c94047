//! Components are swapped while people use them: what an operator can do, and what people notice of it, which is nothing.

mod experiments;
mod following;
mod migrations;
mod notice;
mod records;
mod refusals;
mod rest;
mod room;
mod stages;
mod sticking;
mod verbs;

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use tests::host::{Builder, Host};
use tests::operator::{Operator, Told, told};
use tests::proof::within;
use tests::release;
use tests::versions::Version;

/// Longest wait for something that happens by itself.
const LIMIT: Duration = Duration::from_secs(30);

/// Both components at `v1`; holds are a twentieth of what they are for users.
fn builder() -> Builder {
    release::builder(&Version::good("v1")).with_config(&release::rollout(0.05, 5))
}

fn start(builder: Builder) -> (Host, Operator) {
    let host = builder.start();
    let operator = Operator::of(&host.state());
    (host, operator)
}

/// With holds that do not end by themselves in the time of a test.
fn patient() -> Builder {
    release::builder(&Version::good("v1")).with_config(&release::rollout(10.0, 5))
}

fn good(label: &str) -> Vec<u8> {
    Version::good(label).wasm()
}

/// The version that answers somebody without a cookie.
fn version(host: &Host) -> String {
    host.client().get("/").expect(200).text()
}

/// The version that answers this person.
fn version_for(host: &Host, person: u32) -> String {
    let client = host.client();
    client.set_cookie("wharf-client", &format!("{person:032x}"));
    client.get("/").expect(200).text()
}

/// A deploy under way, ended with the test where it is not waited for.
struct Deploy(Option<Child>);

impl Deploy {
    fn begin(operator: &Operator, component: &str, wasm: &[u8], strategy: &str) -> Self {
        Self::of(operator.deploying(component, wasm, strategy))
    }

    fn of(mut command: std::process::Command) -> Self {
        Self(Some(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
    }

    fn wait(mut self) -> Told {
        told(&self.0.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Deploy {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Waits until `status` says what is wanted.
#[track_caller]
fn until_status(operator: &Operator, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    let seen = within(LIMIT, || {
        last = operator.status();
        wanted(&last)
    });
    assert!(seen, "{what}: {last:#}");
    last
}

/// Waits until the new release has this weight.
#[track_caller]
fn until_weight(operator: &Operator, weight: u64) {
    until_status(operator, "the weight", |status| status["rollout"]["weight"] == weight);
}

/// Waits until no rollout is under way, and tells how the last one ended.
#[track_caller]
fn until_ended(operator: &Operator) -> Value {
    until_status(operator, "the rollout ends", |status| status["rollout"].is_null())["ended"].clone()
}
