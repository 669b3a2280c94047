//! The process-wide side: who may send, from which address, through what.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::compose::compose;
use crate::{Address, Error, FolderTransport, MailCtx, Message, Outgoing, Transport};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Longest one `send` may take where the request's deadline is later or none has begun: 30 s.
pub const SEND_MAX: Duration = Duration::from_secs(30);

/// Bytes of the digest that make an id: 128 bits are far beyond chance, and the file name stays readable.
const ID_BYTES: usize = 16;

/// Mail for all components. Clones share one transport.
#[derive(Clone)]
pub struct MailProvider {
    shared: Arc<Shared>,
}

struct Shared {
    from: Address,
    transport: Box<dyn Transport>,
    clock: Clock,
}

impl MailProvider {
    /// Mail into a folder of `.eml` files, made where it is absent. Blocks on the file system.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a `from` that is no single address, [`Error::Unavailable`] for the folder.
    pub fn open(dir: PathBuf, from: impl AsRef<str>, clock: Clock) -> Result<Self, Error> {
        Self::new(FolderTransport::open(dir)?, from, clock)
    }

    /// Mail through a transport of the caller's.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a `from` that is no single address.
    pub fn new(transport: impl Transport, from: impl AsRef<str>, clock: Clock) -> Result<Self, Error> {
        let from = Address::parse("from", from.as_ref())?;
        Ok(Self { shared: Arc::new(Shared { from, transport: Box::new(transport), clock }) })
    }

    /// What one instance of the component gets; answers `denied` where the manifest does not grant mail.
    pub fn prepare(&self, component: &manifest::Component) -> MailCtx {
        MailCtx::new(&component.id, component.grants.mail.then(|| self.mailer(&component.id)))
    }

    /// The sending side of one component, by its id, without a look at grants.
    pub fn mailer(&self, component: &str) -> Mailer {
        Mailer { shared: Arc::clone(&self.shared), component: component.into() }
    }
}

/// Sends for one component. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    shared: Arc<Shared>,
    component: Arc<str>,
}

impl Mailer {
    /// Checks, composes and hands over one message; answers with its Message-ID in angle brackets.
    ///
    /// A message whose key was accepted before is not sent again and answers with the first one's Message-ID, whatever
    /// else it says. Keys of different components do not meet. Dropping the future, or the deadline, leaves a message
    /// that is either sent or not; a repetition with the same key settles it.
    ///
    /// # Errors
    /// All of [`Error`] but `Denied`.
    pub async fn send(&self, message: Message, deadline: Instant) -> Result<String, Error> {
        let to = message.check()?;
        let id = self.id_of(message.idempotency_key.as_deref());
        let now = (self.shared.clock)();
        let from = self.shared.from.clone();
        let message_id = format!("{id}@{}", from.domain());
        let bytes = compose(&message, &from, &to, &message_id, now);
        let once = message.idempotency_key.is_some();
        let outgoing = Outgoing { id, once, accepted_at: now, from, to, bytes };
        let limit = Instant::now().checked_add(SEND_MAX).map_or(deadline, |latest| latest.min(deadline));
        let delivery = self.shared.transport.deliver(outgoing);
        tokio::time::timeout_at(limit.into(), delivery).await.map_err(|_| Error::Timeout)??;
        tracing::info!(component = &*self.component, mail.id = message_id, "mail accepted");
        Ok(format!("<{message_id}>"))
    }

    fn id_of(&self, key: Option<&str>) -> String {
        let Some(key) = key else {
            return uuid::Uuid::new_v4().simple().to_string();
        };
        // An id holds no NUL, so no pair of component and key reads like another pair.
        let digest = Sha256::new().chain_update(&*self.component).chain_update([0]).chain_update(key).finalize();
        digest.iter().take(ID_BYTES).fold(String::new(), |mut id, byte| {
            // Writing to a string cannot fail.
            let _ = write!(id, "{byte:02x}");
            id
        })
    }
}
