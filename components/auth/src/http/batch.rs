//! `GET /api/v1/auth/users/batch?ids=`: names for the keys that a page has.

use std::collections::{BTreeMap, BTreeSet};

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, HeaderValue};
use sdk::Problem;
use sdk::http::{Json, Query};
use sdk::sql::{self, Isolation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::change::invalid_field;
use super::signed_in::SignedIn;
use crate::domain::access::is_staff;
use crate::domain::user::User;
use crate::store::people;

/// More names than any page shows.
const IDS_MAX: usize = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    ids: String,
}

/// What everybody may know of everybody, and staff of each other.
#[derive(Debug, Serialize)]
struct Named {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    department: Option<String>,
}

impl Named {
    fn new(user: User, with_address: bool) -> Self {
        Self { name: user.full_name(), email: with_address.then_some(user.email), department: user.department }
    }
}

/// A map from key to name and department, with the address for staff. Keys that nobody has are left out.
pub(super) async fn batch(SignedIn(me): SignedIn, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let ids = wanted.ids()?;
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let found = people::named(&tx, &ids).await?;
    tx.rollback().await?;
    let with_address = is_staff(&me);
    let map: BTreeMap<Uuid, Named> = found.into_iter().map(|user| (user.id, Named::new(user, with_address))).collect();
    Ok(([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(map)).into_response())
}

impl Wanted {
    fn ids(&self) -> Result<Vec<Uuid>, Problem> {
        let texts = self.ids.split(',').map(str::trim).filter(|text| !text.is_empty());
        let ids: Result<BTreeSet<Uuid>, _> = texts.map(Uuid::parse_str).collect();
        let ids = ids.map_err(|_| invalid_field("ids", "must be UUIDs, separated by commas"))?;
        if ids.len() > IDS_MAX {
            return Err(invalid_field("ids", "are more than 200"));
        }
        Ok(ids.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::user::example;

    #[test]
    fn ids_are_at_most_200_different_uuids() {
        let list = |count: u128| (1..=count).map(|n| Uuid::from_u128(n).to_string()).collect::<Vec<_>>().join(",");
        let read = |ids: String| Wanted { ids }.ids();
        assert_eq!(read(list(200)).unwrap().len(), 200);
        assert_eq!(read(format!("{0}, {0},", Uuid::from_u128(1))).unwrap().len(), 1);
        assert_eq!(read(String::new()).unwrap().len(), 0);
        for bad in [list(201), "1".to_owned(), "a,b".to_owned()] {
            assert_eq!(read(bad).unwrap_err().errors()[0].field, "ids");
        }
    }

    #[test]
    fn addresses_are_for_staff() {
        let seen = |with_address| serde_json::to_value(Named::new(example(), with_address)).unwrap();
        assert_eq!(seen(true)["email"], "ada@example.org");
        assert!(seen(false).get("email").is_none());
    }
}
