//! Configuration and secrets of the component (`spin:variables`), as `spin.toml` and the operator set them.

use spin_sdk::variables as spin;

/// A variable that cannot be read; names it.
#[derive(Debug, thiserror::Error)]
#[error("the variable `{name}` cannot be read: {reason}")]
pub struct Error {
    /// The variable asked for.
    pub name: String,
    /// What the host said.
    pub reason: String,
}

/// The value of a variable that must be there.
///
/// # Errors
/// [`Error`] if it is not declared for this component, has no value, or its provider fails.
pub async fn get(name: &str) -> Result<String, Error> {
    spin::get(name).await.map_err(|error| Error { name: name.to_owned(), reason: error.to_string() })
}

/// The value of a variable, or `None` where it is not declared or has no value.
///
/// # Errors
/// [`Error`] if its provider fails.
pub async fn find(name: &str) -> Result<Option<String>, Error> {
    match spin::get(name).await {
        Ok(value) => Ok(Some(value)),
        Err(spin::Error::Undefined(_)) => Ok(None),
        Err(error) => Err(Error { name: name.to_owned(), reason: error.to_string() }),
    }
}
