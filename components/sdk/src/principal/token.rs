//! Access tokens: compact JWS (RFC 7515) with `EdDSA` over Ed25519 (RFC 8037), checked without a clock or host.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_compact::{PublicKey, Signature};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Role;

/// Who mints tokens.
pub const ISSUER: &str = "wharf-auth";

/// Longer ones are refused unread; a token with a dozen roles has about 1 KiB.
const TOKEN_BYTES_MAX: usize = 4 * 1024;

/// Seconds by which the clocks of two hosts may differ.
const CLOCK_SKEW_S: i64 = 5;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who minted it.
    pub iss: String,
    /// The person's key.
    pub sub: String,
    /// Minted at, in seconds since the epoch.
    pub iat: i64,
    /// Not valid from this second on.
    pub exp: i64,
    /// The token's own id.
    pub jti: String,
    /// The log-in name.
    pub email: String,
    /// The name to show.
    pub name: String,
    /// `staff` or `employee`.
    pub user_type: String,
    /// Active roles.
    pub roles: Vec<Role>,
    /// The generation of the person's sessions.
    #[serde(default)]
    pub epoch: i64,
}

/// A public key as published (RFC 7517, RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key, base64url.
    pub x: String,
    /// The key's name: its thumbprint.
    pub kid: String,
    /// `EdDSA`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
}

impl Jwk {
    /// The published form of an Ed25519 public key, named by its thumbprint (RFC 7638).
    pub fn ed25519(key: &[u8; 32]) -> Self {
        let x = URL_SAFE_NO_PAD.encode(key);
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
        let word = str::to_owned;
        Self { kty: word("OKP"), crv: word("Ed25519"), x, kid, alg: word("EdDSA"), usage: word("sig") }
    }
}

/// The keys that are valid now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySet {
    /// In no order.
    pub keys: Vec<Jwk>,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not a token of ours, or its algorithm is not `EdDSA`.
    #[error("The token is malformed.")]
    Malformed,
    /// The key set has no such key; a newer one may.
    #[error("The token's key is not known.")]
    UnknownKey,
    /// Not signed with the key it names.
    #[error("The token's signature is not valid.")]
    Signature,
    /// Minted by somebody else, or in the future.
    #[error("The token was not issued for this service.")]
    Issuer,
    /// Its time is over.
    #[error("The session has expired.")]
    Expired,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// What the token says, if it is signed with a key of the set and valid at `now` (seconds since the epoch).
///
/// # Errors
/// [`Refused`], by the first thing wrong.
pub fn verify(token: &str, keys: &KeySet, now: i64) -> Result<Claims, Refused> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Refused::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(Refused::Malformed)?;
    let header: Header = part(header)?;
    // A critical extension is one that must be understood; none is.
    if header.alg != "EdDSA" || header.crit.is_some() {
        return Err(Refused::Malformed);
    }
    let jwk = keys.keys.iter().find(|jwk| jwk.kid == header.kid).ok_or(Refused::UnknownKey)?;
    let key = URL_SAFE_NO_PAD.decode(&jwk.x).ok().and_then(|key| PublicKey::from_slice(&key).ok());
    let key = key.filter(|_| jwk.crv == "Ed25519").ok_or(Refused::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Malformed)?;
    let signature = Signature::from_slice(&signature).map_err(|_| Refused::Signature)?;
    key.verify(signed, &signature).map_err(|_| Refused::Signature)?;
    let claims: Claims = part(claims)?;
    if claims.iss != ISSUER || claims.iat > now.saturating_add(CLOCK_SKEW_S) {
        return Err(Refused::Issuer);
    }
    if claims.exp <= now { Err(Refused::Expired) } else { Ok(claims) }
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refused> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refused::Malformed)
}
