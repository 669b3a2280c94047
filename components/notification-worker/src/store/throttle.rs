//! The places for mails that each address has taken, in its last window.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Transaction};

use crate::domain::Window;

/// The last window of an address; nothing for one that was never written to.
pub(crate) async fn window(tx: &Transaction, address: &str) -> Result<Option<Window>, Error> {
    let statement = "select window_start, hits from send_throttle where recipient = $1";
    let rows = tx.query(statement, [address.into()]).await?;
    let window = rows.first().map(|row| {
        let start: Timestamp = row.get("window_start")?;
        Ok(Window { start: start.0, hits: row.get("hits")? })
    });
    window.transpose()
}

/// Keeps the last window of an address.
pub(crate) async fn set_window(tx: &Transaction, address: &str, window: Window) -> Result<(), Error> {
    let statement = "insert into send_throttle (recipient, window_start, hits) values ($1, $2, $3) \
                     on conflict (recipient) do update set window_start = excluded.window_start, hits = excluded.hits";
    tx.execute(statement, [address.into(), Timestamp(window.start).into(), window.hits.into()]).await?;
    Ok(())
}
