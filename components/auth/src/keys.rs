//! The signing key: read once per instance from the variable `auth_signing_key` (the base64url form of a 32-byte
//! seed), published as a key set, and never shown.

use std::sync::OnceLock;

use axum::extract::FromRequestParts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_compact::{KeyPair, Seed};
use sdk::Problem;
use sdk::principal::{Claims, Jwk, KeySet};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const VARIABLE: &str = "auth_signing_key";

static SIGNER: OnceLock<Signer> = OnceLock::new();

/// The key pair and its public form. As an extractor it comes before [`sdk::Principal`], whose tokens it makes
/// checkable in this instance without asking anybody.
#[derive(Clone, Copy)]
pub(crate) struct Keys(&'static Signer);

struct Signer {
    pair: KeyPair,
    jwk: Jwk,
    /// Goes into the hashes of one-time codes, of which there are so few that a bare hash would tell them.
    pepper: [u8; 32],
}

impl Signer {
    fn from_seed(text: &str) -> Option<Self> {
        let seed = URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('=')).ok()?;
        // Nobody's secret, and the library panics on it.
        if seed.iter().all(|byte| *byte == 0) {
            return None;
        }
        let pair = KeyPair::from_seed(Seed::from_slice(&seed).ok()?);
        let jwk = Jwk::ed25519(&pair.pk);
        let pepper = Sha256::new().chain_update(b"one-time codes").chain_update(&seed).finalize().into();
        Some(Self { pair, jwk, pepper })
    }

    fn seal(&self, challenge: Uuid, code: &str) -> Vec<u8> {
        // All parts are of fixed length, so that none can pass for another.
        Sha256::new().chain_update(self.pepper).chain_update(challenge).chain_update(code).finalize().to_vec()
    }

    fn sign(&self, claims: &Claims) -> Result<String, serde_json::Error> {
        let header = json!({ "alg": "EdDSA", "kid": self.jwk.kid, "typ": "JWT" });
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", part(header.to_string()), part(serde_json::to_string(claims)?));
        // Ed25519 needs no randomness (RFC 8032).
        let signature = self.pair.sk.sign(&signed, None);
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(*signature)))
    }
}

impl Keys {
    /// The keys that other rooms check tokens with.
    pub(crate) fn published(self) -> KeySet {
        KeySet { keys: vec![self.0.jwk.clone()] }
    }

    /// The name of the present key.
    pub(crate) fn kid(self) -> &'static str {
        &self.0.jwk.kid
    }

    /// The form in which the code of a challenge is kept: without the key nobody can find the code to it.
    pub(crate) fn seal(self, challenge: Uuid, code: &str) -> Vec<u8> {
        self.0.seal(challenge, code)
    }

    /// The token that says this.
    pub(crate) fn sign(self, claims: &Claims) -> Result<String, Problem> {
        Ok(self.0.sign(claims)?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Keys {
    type Rejection = Problem;

    async fn from_request_parts(_parts: &mut http::request::Parts, _state: &S) -> Result<Self, Problem> {
        if let Some(signer) = SIGNER.get() {
            return Ok(Self(signer));
        }
        let seed = sdk::variables::get(VARIABLE).await?;
        let wrong = || Problem::internal(format!("`{VARIABLE}` is not the base64url form of 32 bytes"));
        let signer = Signer::from_seed(&seed).ok_or_else(wrong)?;
        let keys = Self(SIGNER.get_or_init(|| signer));
        sdk::principal::trust(keys.published());
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use sdk::principal::{ISSUER, Refused, Role, verify};

    use super::*;

    fn claims() -> Claims {
        Claims {
            iss: ISSUER.to_owned(),
            sub: Uuid::nil().to_string(),
            iat: 100,
            exp: 700,
            jti: "j".to_owned(),
            email: "ada@example.org".to_owned(),
            name: "Ada Stone".to_owned(),
            user_type: "employee".to_owned(),
            roles: vec![Role { system: "hdts".to_owned(), role: "Employee".to_owned() }],
            epoch: 0,
        }
    }

    #[test]
    fn what_is_signed_here_is_accepted_by_the_check_of_every_room_until_it_expires() {
        let signer = Signer::from_seed(&URL_SAFE_NO_PAD.encode([7; 32])).unwrap();
        let token = signer.sign(&claims()).unwrap();
        let keys = KeySet { keys: vec![signer.jwk] };
        assert_eq!(verify(&token, &keys, 699), Ok(claims()));
        assert_eq!(verify(&token, &keys, 700), Err(Refused::Expired));
        let other = Signer::from_seed(&URL_SAFE_NO_PAD.encode([8; 32])).unwrap();
        assert_eq!(verify(&other.sign(&claims()).unwrap(), &keys, 100), Err(Refused::UnknownKey));
    }

    #[test]
    fn a_sealed_code_depends_on_the_code_the_challenge_and_the_key() {
        let signer = |byte: u8| Signer::from_seed(&URL_SAFE_NO_PAD.encode([byte; 32])).unwrap();
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = signer(7).seal(one, "123456");
        assert_eq!(sealed, signer(7).seal(one, "123456"));
        for different in [signer(7).seal(one, "123457"), signer(7).seal(other, "123456"), signer(8).seal(one, "123456")]
        {
            assert_ne!(sealed, different);
        }
    }

    #[test]
    fn a_seed_of_another_length_or_alphabet_is_refused() {
        for text in ["", "secret", &URL_SAFE_NO_PAD.encode([7; 31]), &URL_SAFE_NO_PAD.encode([7; 33])] {
            assert!(Signer::from_seed(text).is_none(), "{text}");
        }
        assert!(Signer::from_seed(&format!(" {}=\n", URL_SAFE_NO_PAD.encode([7; 32]))).is_some());
    }
}
