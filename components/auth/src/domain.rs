//! Values and rules, without a host: moments are arguments, in microseconds since 1970-01-01T00:00:00Z.

pub(crate) mod access;
pub(crate) mod approval;
pub(crate) mod challenge;
pub(crate) mod demo;
pub(crate) mod guard;
pub(crate) mod letter;
pub(crate) mod limit;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod user;

/// Microseconds in a second.
pub(crate) const SECOND_US: i64 = 1_000_000;

/// Microseconds in a minute.
pub(crate) const MINUTE_US: i64 = 60 * SECOND_US;

/// Microseconds in a day.
pub(crate) const DAY_US: i64 = 24 * 60 * MINUTE_US;
