//! The queue, on the engine that `[queue]` names.

use anyhow::Context;
use manifest::App;
use queue::{Book, Complaint, QueueProvider, RabbitmqConfig};
use tokio::runtime::Builder;

use crate::app::Options;
use crate::backends::bindings;
use crate::clock::WallClock;
use crate::config::{Config, QUEUE_PASSWORD_VARIABLE};
use crate::report::{Finding, Refusal};

/// Opens the queue for the consumers and schedules of the application. A broker need not be there.
///
/// # Errors
/// [`Refusal::Invalid`] for keys that are not as described; [`Refusal::Failed`] when the book cannot be opened.
pub fn open(app: &App, options: &Options, clock: &WallClock) -> Result<QueueProvider, Refusal> {
    let book = match &options.records {
        Some(records) => records.book.clone(),
        None => Book::File(options.config.state.dir.join("queue.db")),
    };
    let (consumers, crons) = bindings(&[app]);
    let opened = match broker(&options.config)? {
        None => QueueProvider::open_with_cron(book, clock.shared(), consumers, crons),
        Some(broker) => QueueProvider::open_with_broker((book, broker), clock.shared(), consumers, crons),
    };
    Ok(opened.context("the queue cannot be opened")?)
}

/// Logs in to the broker, where there is one, and looks whether it will do.
///
/// # Errors
/// [`Refusal::Invalid`] with what is wrong with it.
pub fn examine(config: &Config) -> Result<(), Refusal> {
    let Some(broker) = broker(config)? else { return Ok(()) };
    let threads = Builder::new_current_thread().enable_all().build().context("cannot start a thread")?;
    let complaints = threads.block_on(broker.probe());
    let finding = |complaint| finding(complaint, &broker);
    if complaints.is_empty() { Ok(()) } else { Err(Refusal::Invalid(complaints.iter().map(finding).collect())) }
}

fn broker(config: &Config) -> Result<Option<RabbitmqConfig>, Refusal> {
    let password = std::env::var(QUEUE_PASSWORD_VARIABLE).ok();
    let hint = "see [queue] in deploy/host.toml";
    config.queue.rabbitmq(password).map_err(|message| Refusal::invalid(Finding::new(message, hint)))
}

fn finding(complaint: &Complaint, broker: &RabbitmqConfig) -> Finding {
    let RabbitmqConfig { user, virtual_host, .. } = broker;
    let rights = || {
        let prefix = broker.prefix.replace('.', "\\.");
        format!(
            "rabbitmqctl set_permissions --vhost '{virtual_host}' '{user}' '^{prefix}' \
             '^({prefix}.*|amq\\.default)$' '^{prefix}'"
        )
    };
    let hint = match complaint {
        Complaint::Unreachable { .. } => "start the broker, or correct queue.url".to_owned(),
        Complaint::Tls { .. } => "correct queue.url and queue.ca_file, or the broker's certificate".to_owned(),
        Complaint::LogIn { .. } => {
            format!("correct queue.url and the password (queue.password_file or {QUEUE_PASSWORD_VARIABLE})")
        }
        Complaint::VirtualHost { .. } => {
            format!("rabbitmqctl add_vhost '{virtual_host}', where it is missing, and {}", rights())
        }
        Complaint::Version { .. } => "upgrade the broker".to_owned(),
        Complaint::Right { .. } => rights(),
        Complaint::Queue { .. } => "choose another queue.prefix, or delete the queue where it is empty".to_owned(),
        Complaint::Blocked { .. } => "give the broker memory or disk: `rabbitmq-diagnostics alarms`".to_owned(),
        Complaint::Other { .. } => "see the broker's log".to_owned(),
    };
    Finding::new(complaint.to_string(), hint)
}
