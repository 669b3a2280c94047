//! Tokens for whoever is not on the machine: made once, shown once, kept as hashes.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollout::Digest;
use serde::{Deserialize, Serialize};
use subtle::{Choice, ConstantTimeEq};

use crate::{Error, Scope};

/// Tokens that there may be: one for each pipeline and person of a small company.
const TOKENS_MAX: usize = 100;
/// Random bytes of a secret. Nobody guesses 256 bits.
const SECRET_BYTES: usize = 32;
/// What a secret begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "wharf_";
const FILE: &str = "tokens.json";
const LOCK: &str = "tokens.lock";

/// The tokens of a state folder.
///
/// They are read from the file each time: a revoked one is of no use from that moment. Calls block for a short time on
/// the file system.
#[derive(Clone, Debug)]
pub struct Tokens {
    state: PathBuf,
}

/// A token without its secret. Times are microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Stands in the audit log as who did it.
    pub name: String,
    /// What it is for.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub created_at_us: u64,
    /// From when on it is of no use.
    pub expires_at_us: u64,
}

/// What somebody's secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verified {
    /// This token's.
    Valid(Token),
    /// That of a token which has expired.
    Expired,
    /// Nobody's.
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    token: Token,
    sha256: Digest,
}

// === impl Tokens ===

impl Tokens {
    /// The tokens of this state folder.
    pub fn of(state: &Path) -> Self {
        Self { state: state.to_owned() }
    }

    /// Makes a token and returns its secret, which is kept nowhere.
    ///
    /// # Errors
    /// [`Error::Name`], [`Error::Exists`], [`Error::TooMany`] (100 tokens, expired ones included), [`Error::File`] and
    /// [`Error::Tokens`].
    pub fn create(&self, token: Token) -> Result<String, Error> {
        if !is_name(&token.name) {
            return Err(Error::Name(token.name));
        }
        let mut random = [0; SECRET_BYTES];
        getrandom::fill(&mut random).map_err(|error| Error::Randomness(error.to_string()))?;
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        let _lock = self.lock()?;
        let mut entries = self.read()?;
        if entries.iter().any(|entry| entry.token.name == token.name) {
            return Err(Error::Exists(token.name));
        }
        if entries.len() >= TOKENS_MAX {
            return Err(Error::TooMany(TOKENS_MAX));
        }
        entries.push(Entry { token, sha256: Digest::of(secret.as_bytes()) });
        self.write(&entries)?;
        Ok(secret)
    }

    /// All of them, the oldest first.
    ///
    /// # Errors
    /// [`Error::File`] and [`Error::Tokens`].
    pub fn list(&self) -> Result<Vec<Token>, Error> {
        Ok(self.read()?.into_iter().map(|entry| entry.token).collect())
    }

    /// Makes a token useless from now on.
    ///
    /// # Errors
    /// [`Error::NoToken`], [`Error::File`] and [`Error::Tokens`].
    pub fn revoke(&self, name: &str) -> Result<(), Error> {
        let _lock = self.lock()?;
        let mut entries = self.read()?;
        let before = entries.len();
        entries.retain(|entry| entry.token.name != name);
        if entries.len() == before {
            return Err(Error::NoToken(name.to_owned()));
        }
        self.write(&entries)
    }

    /// Whose secret it is. Takes the same time for every secret, whatever of it is right.
    pub(crate) fn verify(&self, secret: &str, now_us: u64) -> Result<Verified, Error> {
        let presented = Digest::of(secret.as_bytes()).to_string();
        let mut found = None;
        for Entry { token, sha256 } in self.read()? {
            let same: Choice = sha256.to_string().as_bytes().ct_eq(presented.as_bytes());
            if bool::from(same) {
                found = Some(token);
            }
        }
        Ok(match found {
            None => Verified::Unknown,
            Some(token) if token.expires_at_us <= now_us => Verified::Expired,
            Some(token) => Verified::Valid(token),
        })
    }

    fn read(&self) -> Result<Vec<Entry>, Error> {
        let path = self.state.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| Error::Tokens { path, source }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(Error::File { path, source }),
        }
    }

    /// Whole or not at all: a temporary file that only this user can read, then its name.
    fn write(&self, entries: &[Entry]) -> Result<(), Error> {
        let path = self.state.join(FILE);
        let temporary = self.state.join(format!("{FILE}.new"));
        let write = || {
            let mut text = serde_json::to_vec_pretty(entries)?;
            text.push(b'\n');
            match fs::remove_file(&temporary) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&temporary, &path)?;
            File::open(&self.state)?.sync_all()
        };
        write().map_err(Error::file(&path))
    }

    /// Two commands at once do not undo each other's work. Given back when dropped.
    fn lock(&self) -> Result<File, Error> {
        let path = self.state.join(LOCK);
        let lock = || {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.state)?;
            let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(Error::file(&path))
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn token(name: &str) -> Token {
        Token { name: name.to_owned(), scopes: [Scope::Read].into(), created_at_us: 1, expires_at_us: 100 }
    }

    #[test]
    fn a_secret_is_shown_once_and_kept_as_a_hash() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = Tokens::of(&dir.path().join("state"));
        assert_eq!(tokens.verify("", 1).unwrap(), Verified::Unknown);
        let secret = tokens.create(token("ci")).unwrap();
        assert!(secret.starts_with("wharf_") && secret.len() == 49, "{secret}");
        let file = dir.path().join("state/tokens.json");
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains(&secret) && !text.contains(&secret[6..]), "{text}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(tokens.verify(&secret, 99).unwrap(), Verified::Valid(token("ci")));
        assert_eq!(tokens.verify(&secret, 100).unwrap(), Verified::Expired);
        assert_eq!(tokens.verify(&secret[..48], 1).unwrap(), Verified::Unknown);
    }

    #[test]
    fn a_revoked_token_is_of_no_use() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = Tokens::of(dir.path());
        let [first, second] = ["a", "b"].map(|name| tokens.create(token(name)).unwrap());
        tokens.revoke("a").unwrap();
        assert_eq!(tokens.verify(&first, 1).unwrap(), Verified::Unknown);
        assert_eq!(tokens.verify(&second, 1).unwrap(), Verified::Valid(token("b")));
        assert_eq!(tokens.list().unwrap(), [token("b")]);
        assert!(matches!(tokens.revoke("a"), Err(Error::NoToken(_))));
    }

    #[test]
    fn names_are_plain_and_there_are_at_most_a_hundred() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = Tokens::of(dir.path());
        for name in ["", "A", "a b", "a/b", "ä", &"x".repeat(65)] {
            assert!(matches!(tokens.create(token(name)), Err(Error::Name(_))), "{name:?}");
        }
        (0..100).for_each(|n| drop(tokens.create(token(&format!("t{n}"))).unwrap()));
        assert!(matches!(tokens.create(token("t1")), Err(Error::Exists(_))));
        assert!(matches!(tokens.create(token("more")), Err(Error::TooMany(100))));
    }
}
