//! A database server and a broker of their own, a network to the broker that can be cut, and a host on them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use instances::{Postgres, Proxy, Rabbit};
use ureq::SendBody;

use crate::client::Client;
use crate::host::{Builder, Host};
use crate::load::Tally;
use crate::postgres::ROLE;
use crate::release;
use crate::versions::Version;

use super::Disturbance;
use super::onlooker::Onlooker;
use crate::proof::{pause, within};

/// The database of the application, after the prefix of the host.
pub(super) const DATABASE: &str = "durable_release_db";
/// Longest wait for the last message.
const DRAIN: Duration = Duration::from_mins(3);

/// What the host works with.
pub(super) struct Engines {
    postgres: Postgres,
    rabbit: Rabbit,
    network: Proxy,
    onlooker: Mutex<Onlooker>,
    builder: Builder,
    address: String,
}

/// Messages against their effects.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) lost: u64,
    pub(super) double: u64,
    pub(super) examples: Vec<String>,
}

/// Of an application whose worker has more to do than that of other experiments: messages that are handled at the same
/// time share the commits of the queue and of the database.
fn manifest() -> String {
    let (few, many) = ("concurrency = 4,", "concurrency = 16,");
    assert!(release::MANIFEST.contains(few), "the worker's concurrency is no longer {few}");
    release::MANIFEST.replace(few, many)
}

impl Engines {
    pub(super) fn start() -> Self {
        let postgres = Postgres::start();
        let role = ROLE;
        postgres.psql("postgres", &format!("create role {role} login createdb createrole password '{role}'"));
        let rabbit = Rabbit::start();
        let network = Proxy::start(rabbit.port());
        // A host that starts again is where people ask.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let builder = release::with_manifest(&Version::good("one"), &manifest());
        let builder = builder.with("--listen").with(&address);
        let builder = builder.with("--log").with("info,access=off");
        let password = builder.folder().join("sql-password");
        std::fs::write(&password, role).unwrap();
        let sql = format!(
            "[sql]\nengine = \"postgres\"\nurl = \"postgres://{role}@127.0.0.1:{}/postgres\"\npassword_file = \"{}\"\n\
             prefix = \"durable_\"\n",
            postgres.port(),
            password.display()
        );
        let broker_password = builder.folder().join("broker-password");
        std::fs::write(&broker_password, "guest").unwrap();
        let queue = format!(
            "[queue]\nengine = \"rabbitmq\"\nurl = \"amqp://guest@127.0.0.1:{}/{}\"\npassword_file = \"{}\"\n",
            network.port(),
            rabbit.virtual_host(),
            broker_password.display()
        );
        let builder = builder.with_config(&sql).with_config(&queue);
        let onlooker = Mutex::new(Onlooker::new(&postgres));
        Self { postgres, rabbit, network, onlooker, builder, address: format!("http://{address}") }
    }

    pub(super) fn host(&self) -> Host {
        self.builder.clone().start()
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Does it and undoes it; returns when the servers work again.
    pub(super) fn disturb(&self, what: Disturbance) {
        match what {
            Disturbance::BrokerKilled => {
                self.rabbit.kill();
                self.rabbit.start_again();
            }
            Disturbance::DatabaseStopped => {
                self.postgres.stop_immediately();
                self.postgres.start_again();
            }
            Disturbance::NetworkCut(time) => {
                self.network.cut();
                pause(time);
                self.network.restore();
            }
            Disturbance::MemoryAlarm(time) => {
                self.rabbit.set_memory_alarm(true);
                pause(time);
                self.rabbit.set_memory_alarm(false);
            }
            Disturbance::HostKilled => unreachable!("who has the host kills it"),
        }
    }

    /// Whether a message that is sent now is handled in this time.
    pub(super) fn is_quick(&self, id: &str, limit: Duration) -> bool {
        let begun = Instant::now();
        let client = Client::new(&self.address);
        let sent = client.try_send("POST", &format!("/work?id={id}"), &[], SendBody::none());
        let id = [id.to_owned()];
        sent.is_ok_and(|answer| answer.status == 200)
            && within(limit.saturating_sub(begun.elapsed()), || self.handled(&id) == 1)
    }

    /// How many of these messages have been handled; none while the database is away.
    pub(super) fn handled(&self, ids: &[String]) -> usize {
        self.onlooker.lock().unwrap().handled(ids).unwrap_or_default()
    }

    /// Waits for the last message that was accepted, and counts.
    pub(super) fn account(&self, tally: &Tally) -> Account {
        let rows = || {
            let text = self.postgres.psql(DATABASE, "select id, count(*) from handled group by id");
            let pair =
                |line: &str| line.split_once('|').map(|(id, count)| (id.to_owned(), count.parse::<u64>().unwrap()));
            text.lines().filter_map(pair).collect::<BTreeMap<_, _>>()
        };
        let sent: BTreeSet<_> = tally.sent.iter().collect();
        let mut handled = rows();
        within(DRAIN, || {
            handled = rows();
            sent.iter().all(|id| handled.contains_key(*id))
        });
        let mut account = Account::default();
        let lost: Vec<_> = sent.iter().filter(|id| !handled.contains_key(**id)).collect();
        let double: Vec<_> = handled.iter().filter(|(_, count)| **count > 1).collect();
        account.lost = u64::try_from(lost.len()).unwrap();
        account.double = u64::try_from(double.len()).unwrap();
        account.examples.extend(lost.iter().take(3).map(|id| format!("{id} was not handled")));
        account.examples.extend(double.iter().take(3).map(|(id, count)| format!("{id} was handled {count} times")));
        account
    }
}
