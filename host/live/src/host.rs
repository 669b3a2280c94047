//! `wharf:events/events` for wasmtime: translation between the interface and the plain API, nothing else.

use wasmtime::component::{Accessor, HasData, Linker};

use crate::bindings::wharf::events::events as wit;
use crate::{Error, HasLive, LiveView};

/// Marks where the interface finds its data in a store.
pub struct LiveData;

impl HasData for LiveData {
    type Data<'a> = LiveView<'a>;
}

/// Links `wharf:events/events`.
///
/// # Errors
/// Where the linker already defines it.
pub fn add_to_linker<T: HasLive + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    wit::add_to_linker::<T, LiveData>(linker, T::live)
}

impl wit::Host for LiveView<'_> {}

impl<T: Send> wit::HostWithStore<T> for LiveData {
    async fn publish(
        store: &Accessor<T, Self>,
        channel: String,
        event: wit::Event,
    ) -> wasmtime::Result<Result<String, wit::Error>> {
        let published = store.with(|mut access| access.get().ctx.publish(&channel, &event.name, &event.data));
        Ok(published.map_err(wit::Error::from))
    }
}

impl From<Error> for wit::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied { .. } => Self::Denied,
            Error::Invalid { .. } => Self::Invalid(error.to_string()),
            Error::TooLarge { limit_bytes } => Self::TooLarge(limit_bytes),
            Error::TooManyStreams { .. } | Error::ShuttingDown => Self::Unavailable(error.to_string()),
        }
    }
}
