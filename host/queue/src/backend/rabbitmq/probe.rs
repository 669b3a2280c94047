//! Tries a broker before it is relied on, and names what is wrong.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{BasicProperties, Channel};
use tokio::time::timeout;

use super::complaint::Complaint;
use super::config::RabbitmqConfig;
use super::link::{Address, Link};

/// Bound of the whole attempt.
const PROBE_WAIT: Duration = Duration::from_secs(10);
/// Longest wait for the broker to take a message: one that is blocked never does.
const TAKE_WAIT: Duration = Duration::from_secs(3);

impl RabbitmqConfig {
    /// Logs in and looks whether the broker will do; what is wrong, nothing if all is well. Within 10 s, on a tokio
    /// runtime. Makes one queue of this connection's own, which is gone with it.
    pub async fn probe(&self) -> Vec<Complaint> {
        let address = Address { config: Arc::new(self.clone()), young: Arc::default() };
        match timeout(PROBE_WAIT, examine(&address)).await {
            Ok(Ok(())) => Vec::new(),
            Ok(Err(complaint)) => vec![complaint],
            Err(_) => vec![Complaint::unreachable(self, &"no answer within 10 s")],
        }
    }
}

async fn examine(address: &Address) -> Result<(), Complaint> {
    let link = Link::open(address, "check").await?;
    let channel = link.channel().await?;
    let result = exchange(&link, &channel, link.config().name(&format!("probe.{}", uuid::Uuid::new_v4()))?).await;
    link.close().await;
    result
}

/// Needs the rights that a queue does: to make it, to write to it and to read from it.
async fn exchange(link: &Link, channel: &Channel, name: ShortString) -> Result<(), Complaint> {
    let complain = |error: lapin::Error| link.complaint(&error);
    let own = QueueDeclareOptions { exclusive: true, auto_delete: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(name.clone(), own, FieldTable::default()).await.map_err(complain)?;
    channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(complain)?;
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    let sent = channel.basic_publish("".into(), name.clone(), options, b"probe", properties).await.map_err(complain)?;
    let Ok(taken) = timeout(TAKE_WAIT, sent).await else {
        let reason = "it confirmed nothing within 3 s; it may be short of memory or disk".to_owned();
        return Err(Complaint::Blocked { reason });
    };
    taken.map_err(complain)?;
    channel.basic_get(name, BasicGetOptions::default()).await.map_err(complain)?;
    Ok(())
}
