//! `POST /internal/demo` (private): fills empty inboxes with what the scenario's people would have been told of late.
//! No mail goes out, and no page is told.

use axum::http::StatusCode;
use scenario::{Asked, Notice};
use sdk::http::Query;
use sdk::sql::{self, Isolation};
use sdk::{Problem, clock};

use crate::store::demo;

/// Writes the entries; 204 also if there is any, or if only people are wanted.
pub(super) async fn seed(Query(asked): Query<Asked>) -> Result<StatusCode, Problem> {
    if asked.is_full() && !any().await? {
        let now = asked.moment(clock::now().0);
        let notices = scenario::notices(&scenario::story(now), now);
        sql::retry(|| save(&notices)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn any() -> Result<bool, Problem> {
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let any = demo::any(&tx).await?;
    tx.rollback().await?;
    Ok(any)
}

/// All of them or, if somebody else was first, none.
async fn save(notices: &[Notice]) -> Result<(), Problem> {
    let tx = sql::begin().await?;
    if demo::any(&tx).await? {
        return Ok(tx.rollback().await?);
    }
    for (number, notice) in (1..).zip(notices) {
        demo::add(&tx, number, notice).await?;
    }
    Ok(tx.commit().await?)
}
