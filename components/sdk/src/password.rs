//! Passwords (`wharf:password`): Argon2id in the host, about 50 ms each, four at once on the whole machine.

use crate::bindings::wharf::password::password;

pub use password::Error;

/// Hashes a password of at most 128 bytes with a fresh salt, in PHC form.
///
/// # Errors
/// [`Error::Busy`] if no turn came in time, [`Error::TooLong`] past 128 bytes.
pub async fn hash(password: &str) -> Result<String, Error> {
    password::hash(password.to_owned()).await
}

/// Whether the password belongs to the hash. Without a hash it takes the same time and is false.
///
/// # Errors
/// [`Error::Busy`] if no turn came in time, [`Error::TooLong`] past 128 bytes, [`Error::InvalidHash`].
pub async fn verify(password: &str, hash: Option<&str>) -> Result<bool, Error> {
    password::verify(password.to_owned(), hash.map(str::to_owned)).await
}
