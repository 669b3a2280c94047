//! `wharf:password/password` for wasmtime: translation between the interface and the plain API, nothing else.

use wasmtime::component::{Accessor, HasData, Linker};

use crate::bindings::wharf::password::password as wit;
use crate::{Error, HasPassword, PasswordView};

/// Marks where the interface finds its data in a store.
pub struct PasswordData;

impl HasData for PasswordData {
    type Data<'a> = PasswordView<'a>;
}

/// Links `wharf:password/password`.
///
/// # Errors
/// Where the linker already defines it.
pub fn add_to_linker<T: HasPassword + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    wit::add_to_linker::<T, PasswordData>(linker, T::password)
}

impl wit::Host for PasswordView<'_> {}

impl<T: Send> wit::HostWithStore<T> for PasswordData {
    async fn hash(store: &Accessor<T, Self>, password: String) -> wasmtime::Result<Result<String, wit::Error>> {
        let hasher = store.with(|mut access| access.get().ctx.hasher());
        let hashed = async {
            let (hasher, deadline) = hasher?;
            hasher.hash(password, deadline).await
        };
        Ok(hashed.await.map_err(wit::Error::from))
    }

    async fn verify(
        store: &Accessor<T, Self>,
        password: String,
        hash: Option<String>,
    ) -> wasmtime::Result<Result<bool, wit::Error>> {
        let hasher = store.with(|mut access| access.get().ctx.hasher());
        let verified = async {
            let (hasher, deadline) = hasher?;
            hasher.verify(password, hash, deadline).await
        };
        Ok(verified.await.map_err(wit::Error::from))
    }
}

impl From<Error> for wit::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied => Self::Denied,
            Error::Busy => Self::Busy,
            Error::TooLong => Self::TooLong,
            Error::InvalidHash => Self::InvalidHash,
            Error::Internal { ref source } => {
                tracing::error!(error = %source, "{error}");
                Self::Other(error.to_string())
            }
        }
    }
}
