//! `wharf:mail/mail` for wasmtime: translation between the interface and the plain API, nothing else.

use wasmtime::component::{Accessor, HasData, Linker};

use crate::bindings::wharf::mail::mail as wit;
use crate::{Error, HasMail, MailView, Message};

/// Marks where the interface finds its data in a store.
pub struct MailData;

impl HasData for MailData {
    type Data<'a> = MailView<'a>;
}

/// Links `wharf:mail/mail`.
///
/// # Errors
/// Where the linker already defines it.
pub fn add_to_linker<T: HasMail + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    wit::add_to_linker::<T, MailData>(linker, T::mail)
}

impl wit::Host for MailView<'_> {}

impl<T: Send> wit::HostWithStore<T> for MailData {
    async fn send(store: &Accessor<T, Self>, message: wit::Message) -> wasmtime::Result<Result<String, wit::Error>> {
        let sending = store.with(|mut access| access.get().ctx.send(message.into()));
        Ok(sending.await.map_err(wit::Error::from))
    }
}

impl From<wit::Message> for Message {
    fn from(message: wit::Message) -> Self {
        let wit::Message { to, subject, text, html, idempotency_key } = message;
        Self { to, subject, text, html, idempotency_key }
    }
}

impl From<Error> for wit::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied => Self::Denied,
            Error::Invalid { .. } => Self::Invalid(error.to_string()),
            Error::TooLarge { limit } => Self::TooLarge(limit),
            Error::Unavailable { ref source, .. } => {
                tracing::error!(error = %source, "{error}");
                Self::Unavailable(error.to_string())
            }
            Error::Timeout => Self::Timeout,
        }
    }
}
