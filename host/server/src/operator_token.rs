//! The secret by which a caller at the front door is known to be the operator.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use body::OperatorClaim;
use http::HeaderValue;
use sha2::{Digest, Sha256};

/// The request header that carries it.
pub const TOKEN: &str = "x-wharf-token";
/// The request header that asks for a release, and the header of an answer to an operator that names the one.
pub const RELEASE: &str = "x-wharf-release";

/// The file in the state folder, which only the host's user reads.
const FILE: &str = "operator-token";
/// Random bytes: 256 bits.
const BYTES: usize = 32;

/// The operator's token. Has no `Debug`, so that no log can show it.
pub struct OperatorToken {
    value: HeaderValue,
    hash: [u8; 32],
}

impl OperatorToken {
    /// Reads the token of a state folder, or makes one.
    ///
    /// # Errors
    /// When the file cannot be read or written, or the machine has no randomness.
    pub fn open(state: &Path) -> anyhow::Result<Self> {
        let path = state.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
            _ => made(&path).with_context(|| format!("cannot make {}", path.display()))?,
        };
        let mut value = HeaderValue::from_str(&text).with_context(|| format!("{} is no token", path.display()))?;
        value.set_sensitive(true);
        Ok(Self { hash: Sha256::digest(value.as_bytes()).into(), value })
    }

    /// As a header.
    pub fn header(&self) -> HeaderValue {
        self.value.clone()
    }

    /// Whether the claim is true. Hashes are compared, so that the time it takes tells nothing of the token.
    pub fn proves(&self, claim: &OperatorClaim) -> bool {
        let claimed: [u8; 32] = Sha256::digest(claim.token.as_bytes()).into();
        claimed == self.hash
    }
}

fn made(path: &Path) -> anyhow::Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let text = URL_SAFE_NO_PAD.encode(bytes);
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once_and_proves_itself_alone() {
        let state = tempfile::tempdir().unwrap();
        let token = OperatorToken::open(state.path()).unwrap();
        let claim = |value: HeaderValue| OperatorClaim { token: value, release: None };
        let again = OperatorToken::open(state.path()).unwrap();
        assert!(token.proves(&claim(again.header())));
        assert!(!token.proves(&claim(HeaderValue::from_static("guess"))));
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(state.path().join(FILE)).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
