//! `wharf:queue` for guests: converts, and nothing else.

use wasmtime::component::{Accessor, HasData, Linker, ResourceTable};

use crate::bindings::wharf::queue::queue as wit;
use crate::message::DELAY_MS_MAX;
use crate::{Error, Message, QueueCtx};

/// The queue's part of a store.
pub struct QueueView<'a> {
    /// What the instance may send.
    pub ctx: &'a mut QueueCtx,
    /// The store's resources; the queue has none of its own.
    pub table: &'a mut ResourceTable,
}

/// A store that has a queue.
pub trait HasQueue: Send {
    /// The queue's part.
    fn queue(&mut self) -> QueueView<'_>;
}

/// Links `wharf:queue/queue@0.1.0`.
///
/// # Errors
/// The interface is linked already.
pub fn add_to_linker<T: HasQueue + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    wit::add_to_linker::<T, HasQueueData>(linker, T::queue)
}

struct HasQueueData;

impl HasData for HasQueueData {
    type Data<'a> = QueueView<'a>;
}

impl wit::Host for QueueView<'_> {}

impl<T: Send> wit::HostWithStore<T> for HasQueueData {
    async fn send(accessor: &Accessor<T, Self>, message: wit::Message) -> wasmtime::Result<Result<String, wit::Error>> {
        let ctx = accessor.with(|mut access| access.get().ctx.clone());
        let sent = match convert(&ctx, message) {
            Ok(message) => ctx.send(message).await,
            Err(error) => Err(error),
        };
        Ok(sent.map_err(|error| refuse(&ctx, &error)))
    }
}

fn convert(ctx: &QueueCtx, message: wit::Message) -> Result<Message, Error> {
    // Before anything else: what a component may not send it learns nothing about.
    ctx.check(&message.topic)?;
    if message.delay_ms > DELAY_MS_MAX {
        return Err(Error::invalid("delay-ms", format!("must be at most {DELAY_MS_MAX}")));
    }
    let sent_at_us = ctx.now_us();
    let delay_us = i64::try_from(message.delay_ms.saturating_mul(1000)).unwrap_or(i64::MAX);
    let mut sent = Message::new(ctx.component(), &message.topic, &message.content_type, message.body);
    if let Some(id) = message.id {
        sent.id = id;
    }
    sent.subject = message.subject;
    sent.group_key = message.group_key;
    sent.dedupe_key = message.dedupe_key;
    sent.priority = message.priority;
    sent.sent_at_us = sent_at_us;
    sent.deliver_at_us = if delay_us == 0 { 0 } else { sent_at_us.saturating_add(delay_us) };
    Ok(sent)
}

fn refuse(ctx: &QueueCtx, error: &Error) -> wit::Error {
    match error {
        Error::Denied { .. } => wit::Error::Denied,
        Error::Unbound { .. } | Error::NoQueue { .. } => wit::Error::NotFound,
        Error::TooLarge { limit } => wit::Error::TooLarge(*limit),
        Error::Invalid { .. } => wit::Error::Invalid(error.to_string()),
        Error::Timeout => wit::Error::Timeout,
        Error::Full { .. } | Error::Unavailable { .. } => wit::Error::Unavailable("try again later".to_owned()),
        Error::Store { .. } | Error::Config { .. } | Error::Book(_) => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!(component = ctx.component(), error = %error, cause, "sending a message failed");
            wit::Error::Unavailable("try again later".to_owned())
        }
    }
}
