//! Argon2id, taken in turns.

use std::sync::Arc;
use std::time::Instant;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::{Config, Error};

/// Longest password in bytes, the limit of the interface: beyond any passphrase, far below a way to keep the host busy.
pub const PASSWORD_MAX_BYTES: usize = 128;

/// Parameters of new hashes: the second choice of the OWASP cheat sheet, and the interface's promise.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Most that a stored hash may ask for. A component stores what it likes; without these a stored text of 90 bytes could
/// make the host take 4 GiB. Four at the limit take 256 MiB.
const MEMORY_KIB_MAX: u32 = 64 * 1024;
const PASSES_MAX: u32 = 10;
const LANES_MAX: u32 = 16;

/// Longest stored text looked at: PHC strings of Argon2id with the longest salt and output stay below 250 bytes.
const STORED_MAX_BYTES: usize = 512;

/// What a password is compared with where there is no hash: the work of a hash of ours. No password is known for it, and
/// the answer would be `false` all the same.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdC4uLg$O3vFV/EUZKNR68s53033Lulr6Lek9piwpOIy9ZCXICw";

/// Hashes and verifies. Clones share the turns.
#[derive(Clone, Debug)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    config: Config,
}

impl Hasher {
    /// A hasher with turns of its own; a process wants exactly one.
    pub fn new(config: Config) -> Self {
        Self { turns: Arc::new(Semaphore::new(config.concurrent)), config }
    }

    /// Returns the hash in PHC form, with a fresh salt of 16 bytes.
    ///
    /// Waits for a turn until `deadline`, at most [`Config::wait`]. Dropping the future gives the place in the queue
    /// back; a computation that has begun runs to its end (tens of milliseconds) and keeps its turn until then.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Busy`], [`Error::Internal`].
    pub async fn hash(&self, password: String, deadline: Instant) -> Result<String, Error> {
        check_length(&password)?;
        self.in_turn(deadline, move || {
            let hash = argon2()?.hash_password(password.as_bytes()).map_err(Error::internal)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password belongs to the hash.
    ///
    /// Without a hash the same work is done and the answer is `false`. Waiting and cancellation as for
    /// [`hash`](Self::hash).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::InvalidHash`], [`Error::Busy`], [`Error::Internal`].
    pub async fn verify(&self, password: String, hash: Option<String>, deadline: Instant) -> Result<bool, Error> {
        check_length(&password)?;
        let stored = parse(hash.as_deref().unwrap_or(NOBODY))?;
        let known = hash.is_some();
        self.in_turn(deadline, move || match argon2()?.verify_password(password.as_bytes(), &stored) {
            Ok(()) => Ok(known),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(Error::internal(error)),
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        deadline: Instant,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let limit = Instant::now().checked_add(self.config.wait).map_or(deadline, |latest| latest.min(deadline));
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout_at(limit.into(), turn).await.map_err(|_| Error::Busy)?;
        let turn = turn.map_err(Error::internal)?;
        let worked = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        worked.await.map_err(Error::internal)?
    }
}

fn check_length(password: &str) -> Result<(), Error> {
    if password.len() > PASSWORD_MAX_BYTES { Err(Error::TooLong) } else { Ok(()) }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Reads a stored hash and refuses one that asks for too much, before any memory is taken for it.
fn parse(stored: &str) -> Result<PasswordHash, Error> {
    if stored.len() > STORED_MAX_BYTES {
        return Err(Error::InvalidHash);
    }
    let hash = PasswordHash::new(stored).map_err(|_| Error::InvalidHash)?;
    let params = Params::try_from(&hash).map_err(|_| Error::InvalidHash)?;
    let complete = hash.salt.is_some() && hash.hash.is_some();
    let known = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
    let affordable = params.m_cost() <= MEMORY_KIB_MAX && params.t_cost() <= PASSES_MAX && params.p_cost() <= LANES_MAX;
    if complete && known && affordable { Ok(hash) } else { Err(Error::InvalidHash) }
}

#[cfg(test)]
mod tests;
