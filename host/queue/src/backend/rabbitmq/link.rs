//! One connection to the broker: opened with a bound, watched, and cut off when it is given up.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_rs::Runtime;
use futures::StreamExt;
use lapin::auth::AuthProvider;
use lapin::options::QueueDeclareOptions;
use lapin::types::{FieldTable, LongString, ShortString};
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use lapin::{AsyncTcpStream, Channel, Connection, ConnectionProperties};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;

use super::complaint::{Complaint, is_missing};
use super::config::{BrokerTls, RabbitmqConfig};
use super::kit::Kit;
use super::tls;
use super::version::Version;
use super::wire::{Greeting, Line, Wire};
use super::young::Young;

/// Longest time until a connection is there: a broker that is busy takes a second or two.
const OPEN_WAIT: Duration = Duration::from_secs(5);
/// Longest time to say goodbye; the broker notices the end of the stream all the same.
const CLOSE_WAIT: Duration = Duration::from_millis(500);
/// Seconds between signs of life; after two without one the connection counts as broken.
const HEARTBEAT_S: u16 = 5;
/// Bytes in a frame: lapin sets 64 of them aside for each connection.
const FRAME_BYTES: u32 = 64 << 10;
/// How often a connection is looked at, beside what it tells by itself.
const LOOK: Duration = Duration::from_millis(500);
/// What the protocol has room for.
const VIRTUAL_HOST_BYTES_MAX: usize = 255;
/// Deliveries of a message that the broker counts before it drops it. The book counts attempts; what the broker
/// counts, and since 4.0 bounds at 20, are lost connections.
const DELIVERIES_MAX: i32 = i32::MAX;

/// What every connection to the broker works with.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Arc<RabbitmqConfig>,
    pub(super) young: Arc<Young>,
}

/// A connection.
pub(super) struct Link {
    address: Address,
    /// Queues that are there, as far as this connection knows.
    known: Mutex<BTreeSet<String>>,
    connection: Connection,
    cut: CancellationToken,
}

/// Logs in without putting the password where lapin might show it.
struct Password(Arc<RabbitmqConfig>);

impl AuthProvider for Password {
    fn mechanism(&self) -> ShortString {
        "PLAIN".into()
    }

    fn auth_starter(&self) -> Result<LongString, String> {
        Ok(format!("\0{}\0{}", self.0.user, self.0.password).into())
    }
}

impl Link {
    /// Opens a connection, within 5 s. `purpose` is shown to the operator of the broker.
    pub(super) async fn open(address: &Address, purpose: &str) -> Result<Self, Complaint> {
        let config = &address.config;
        let cut = CancellationToken::new();
        let guard = cut.clone().drop_guard();
        let late = |_| Complaint::unreachable(config, &"no answer within 5 s");
        let (connection, greeting) = timeout(OPEN_WAIT, Self::connect(config, purpose, &cut)).await.map_err(late)??;
        if let Some(version) = Version::of_greeting(&greeting.bytes()).filter(|version| *version < Version::MIN) {
            return Err(Complaint::Version { version });
        }
        drop(guard.disarm());
        Ok(Self { address: address.clone(), known: Mutex::default(), connection, cut })
    }

    async fn connect(
        config: &Arc<RabbitmqConfig>,
        purpose: &str,
        cut: &CancellationToken,
    ) -> Result<(Connection, Greeting), Complaint> {
        if config.virtual_host.len() > VIRTUAL_HOST_BYTES_MAX {
            return Err(Complaint::Other { reason: "the name of the virtual host is too long".to_owned() });
        }
        let tcp = TcpStream::connect((config.host.as_str(), config.port));
        let tcp = tcp.await.map_err(|error| Complaint::unreachable(config, &error))?;
        tcp.set_nodelay(true).map_err(|error| Complaint::unreachable(config, &error))?;
        let line: Box<dyn Line> = match config.tls {
            BrokerTls::Disable => Box::new(tcp),
            BrokerTls::Verify => Box::new(tls::connect(config, tcp).await?),
        };
        let greeting = Greeting::default();
        let wire = Mutex::new(Some(Wire::new(line, greeting.clone(), cut.clone())));
        let take = async move |_: AMQPUri, _: Runtime<Kit>| {
            let wire = wire.lock().unwrap_or_else(PoisonError::into_inner).take();
            // lapin asks once: its own recovery is off.
            wire.map(AsyncTcpStream::Plain)
                .ok_or_else(|| lapin::Error::from(io::Error::from(io::ErrorKind::NotConnected)))
        };
        let properties = ConnectionProperties::default()
            .with_connection_name(format!("wharf {purpose}").into())
            .with_auth_provider(Password(Arc::clone(config)));
        let connection = Connection::connector(uri(config), Runtime::new(Kit::current()), take, properties).await;
        Ok((connection.map_err(|error| Complaint::of_opening(config, &error))?, greeting))
    }

    pub(super) fn config(&self) -> &RabbitmqConfig {
        &self.address.config
    }

    /// Whether it stands, for all that is known.
    pub(super) fn stands(&self) -> bool {
        self.connection.status().connected() && !self.cut.is_cancelled()
    }

    /// Whether the broker has said that it reads nothing from here at the moment.
    pub(super) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Returns when the connection is gone. To be called once.
    pub(super) async fn lost(&self) {
        let mut events = std::pin::pin!(self.connection.events_listener());
        let mut look = interval(LOOK);
        while self.stands() {
            tokio::select! {
                // An error may be that of one channel alone, as when a queue is looked for that is not there.
                event = events.next() => if event.is_none() {
                    return;
                },
                _ = look.tick() => {}
                () = self.cut.cancelled() => return,
            }
        }
    }

    pub(super) async fn channel(&self) -> Result<Channel, Complaint> {
        self.connection.create_channel().await.map_err(|error| self.complaint(&error))
    }

    /// Makes the queue where it is not there, and returns when it can be sent to.
    pub(super) async fn declare(&self, queue: &str) -> Result<(), Complaint> {
        // On a channel of its own, which a refusal ends.
        let channel = self.channel().await?;
        self.declare_on(&channel, queue).await?;
        drop(channel.close(200, "done".into()).await);
        self.address.young.grown(queue).await;
        Ok(())
    }

    /// Makes the queue where it is not there and says how many messages are ready in it. A refusal ends the channel.
    pub(super) async fn declare_on(&self, channel: &Channel, queue: &str) -> Result<u64, Complaint> {
        let name = self.config().name(queue)?;
        let unknown = !self.known().contains(queue);
        if unknown && !self.is_there(name.clone()).await? {
            self.address.young.forgotten(queue).await;
            self.address.young.made(queue);
        }
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), LongString::from("quorum").into());
        // One host at a time works a queue, so that order inside a group holds across hosts.
        arguments.insert("x-single-active-consumer".into(), true.into());
        arguments.insert("x-delivery-limit".into(), DELIVERIES_MAX.into());
        let declared = channel.queue_declare(name, options, arguments).await;
        let ready = declared.map_err(|error| self.complaint(&error))?.message_count();
        self.known().insert(queue.to_owned());
        self.address.young.seen(queue);
        Ok(ready.into())
    }

    async fn is_there(&self, name: ShortString) -> Result<bool, Complaint> {
        let channel = self.channel().await?;
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        match channel.queue_declare(name, options, FieldTable::default()).await {
            Ok(_) => {
                drop(channel.close(200, "done".into()).await);
                Ok(true)
            }
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(self.complaint(&error)),
        }
    }

    /// The queue may be there no longer.
    pub(super) fn doubt(&self, queue: &str) {
        self.known().remove(queue);
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn complaint(&self, error: &lapin::Error) -> Complaint {
        Complaint::of(self.config(), error)
    }

    /// Gives the connection up: whatever waits for it ends with an error.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }

    /// Says goodbye, within half a second, so that the broker gives what it brought to another at once.
    pub(super) async fn close(&self) {
        drop(timeout(CLOSE_WAIT, self.connection.close(200, "done".into())).await);
        self.cut();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut();
    }
}

fn uri(config: &RabbitmqConfig) -> AMQPUri {
    AMQPUri {
        // Encrypted or not is settled below.
        scheme: AMQPScheme::AMQP,
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo { username: config.user.clone(), password: String::new() },
            host: config.host.clone(),
            port: config.port,
        },
        vhost: config.virtual_host.clone(),
        query: AMQPQueryString {
            heartbeat: Some(HEARTBEAT_S),
            frame_max: Some(FRAME_BYTES),
            ..AMQPQueryString::default()
        },
    }
}
