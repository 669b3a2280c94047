//! Who is calling: an axum extractor that checks the session's access token, and what that person may do.
//!
//! The token comes as `Authorization: Bearer` or as the cookie `access_token`. A changing request that is
//! authenticated by cookie must show that it comes from our own pages (see [`same_origin`]).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, Method, header};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock;
use crate::http::cookie;
use crate::problem::Problem;

mod keys;
mod token;

pub use keys::trust;
pub use token::{Claims, ISSUER, Jwk, KeySet, Refused, verify};

/// The cookie with the access token.
pub const ACCESS_COOKIE: &str = "access_token";

/// Verified tokens that an instance remembers until they expire: about as many people as one instance meets within
/// a token's life, at some 2 KiB each.
const VERIFIED_MAX: usize = 128;

/// A role that a person holds in a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The system's short name.
    pub system: String,
    /// The role's name.
    pub role: String,
}

/// A signed-in person.
///
/// As an extractor it refuses with `unauthorized` (401) without a valid token, and with `forbidden` (403) if a changing
/// request with a cookie may come from a foreign page. `Option<Principal>` is not offered: routes are public or they
/// are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The person's key.
    pub id: Uuid,
    /// The log-in name.
    pub email: String,
    /// The name to show.
    pub name: String,
    /// `staff` or `employee`.
    pub user_type: String,
    /// Active roles when the token was made.
    pub roles: Vec<Role>,
    /// The token's own id.
    pub token_id: String,
    /// The generation of the person's sessions.
    pub epoch: i64,
    /// When the token ends, in seconds since the epoch.
    pub expires_at: i64,
}

impl Principal {
    /// Whether the person holds one of these roles in the system.
    pub fn has_role(&self, system: &str, names: &[&str]) -> bool {
        self.roles.iter().any(|held| held.system == system && names.contains(&held.role.as_str()))
    }

    /// Passes if the person holds one of these roles in the system.
    ///
    /// # Errors
    /// `forbidden` (403).
    pub fn require_role(&self, system: &str, names: &[&str]) -> Result<(), Problem> {
        if self.has_role(system, names) { Ok(()) } else { Err(Problem::forbidden("Your roles do not allow this.")) }
    }
}

impl TryFrom<Claims> for Principal {
    type Error = Refused;

    fn try_from(claims: Claims) -> Result<Self, Refused> {
        Ok(Self {
            id: Uuid::parse_str(&claims.sub).map_err(|_| Refused::Malformed)?,
            email: claims.email,
            name: claims.name,
            user_type: claims.user_type,
            roles: claims.roles,
            token_id: claims.jti,
            epoch: claims.epoch,
            expires_at: claims.exp,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let token = presented(parts)?.to_owned();
        let now = clock::now().seconds();
        if let Some(principal) = recall(&token, now) {
            return Ok(principal);
        }
        let principal = keys::check(&token, now).await?;
        remember(token, &principal, now);
        Ok(principal)
    }
}

/// The token that the request shows.
fn presented(parts: &Parts) -> Result<&str, Problem> {
    if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
        let bearer = value.to_str().ok().and_then(|value| value.split_once(' '));
        return match bearer {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
            _ => Err(Problem::unauthorized("Only bearer tokens are accepted.")),
        };
    }
    let token = cookie(&parts.headers, ACCESS_COOKIE).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Problem::unauthorized("You are not signed in."))?;
    same_origin(parts)?;
    Ok(token)
}

/// Passes if a request that a cookie authenticates only reads, or comes from our own pages.
///
/// Those that change something must have an `Origin` with the host they ask, or `Sec-Fetch-Site: same-origin` from the
/// browser, or the header `X-Requested-With`, which a foreign page cannot send without our consent.
///
/// # Errors
/// `forbidden` (403).
pub fn same_origin(parts: &Parts) -> Result<(), Problem> {
    let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    let text = |name: &str| text(&parts.headers, name);
    let host = text("host").or_else(|| parts.uri.authority().map(http::uri::Authority::as_str));
    let origin = text("origin").and_then(|origin| origin.split_once("://")).map(|(_scheme, host)| host);
    let same_host = matches!((origin, host), (Some(origin), Some(host)) if origin.eq_ignore_ascii_case(host));
    let same_site = text("sec-fetch-site") == Some("same-origin");
    if reads || same_host || same_site || parts.headers.contains_key("x-requested-with") {
        return Ok(());
    }
    Err(Problem::forbidden("This request may come from a foreign page. Send the header X-Requested-With."))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

static VERIFIED: Mutex<Option<HashMap<String, Principal>>> = Mutex::new(None);

fn recall(token: &str, now: i64) -> Option<Principal> {
    let verified = VERIFIED.lock().unwrap_or_else(PoisonError::into_inner);
    verified.as_ref()?.get(token).filter(|principal| principal.expires_at > now).cloned()
}

fn remember(token: String, principal: &Principal, now: i64) {
    let mut verified = VERIFIED.lock().unwrap_or_else(PoisonError::into_inner);
    let verified = verified.get_or_insert_default();
    if verified.len() >= VERIFIED_MAX {
        verified.retain(|_, principal| principal.expires_at > now);
    }
    if verified.len() >= VERIFIED_MAX {
        verified.clear();
    }
    verified.insert(token, principal.clone());
}

#[cfg(test)]
mod tests;
