//! One connection: how it is opened and guarded.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::authority::{Authority, Mode};
use super::failure::translate;
use super::watch::Watch;
use crate::guard::STATEMENT_BYTES_MAX;
use crate::{Clock, Error};

/// Instructions between two looks at the clock: some ten microseconds of work, of which the look is a hundredth.
pub(crate) const PROGRESS_OPS: i32 = 1000;

/// Compiled statements kept per connection: more than a service has, each a few kilobytes.
const STATEMENTS_CACHED: usize = 128;

/// Longest value or row; a bound of the engine's own memory too.
const VALUE_BYTES_MAX: i32 = 16 << 20;

/// A pattern is matched by backtracking, which nothing can interrupt.
const PATTERN_BYTES_MAX: i32 = 1000;

/// Between two tries to get a lock that another process holds.
const LOCK_RETRY: Duration = Duration::from_millis(1);

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one that changes data.
    Writer,
    /// One of those that do not.
    Reader,
}

/// A connection with its guards.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) raw: Connection,
    pub(crate) watch: Arc<Watch>,
    authority: Arc<Authority>,
}

impl Conn {
    /// Opens the file, which exists.
    pub(crate) fn open(path: &Path, role: Role, clock: &Clock) -> Result<Self, Error> {
        let plain = |error| translate(error, "", None);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut raw = Connection::open_with_flags(path, flags).map_err(plain)?;
        configure(&raw, role).map_err(plain)?;
        tell_time(&raw, clock).map_err(plain)?;
        let watch = Arc::new(Watch::new());
        let authority = Arc::new(Authority::new());
        guard(&mut raw, &watch, &authority).map_err(plain)?;
        authority.set(Mode::Guest);
        Ok(Self { raw, watch, authority })
    }

    /// Runs one of the host's own statements or a group of them; component's rules do not apply to it.
    pub(crate) fn as_host<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        self.with_mode(Mode::Host, work)
    }

    /// Runs `work` under the rules of `mode`.
    pub(crate) fn with_mode<T>(
        &self,
        mode: Mode,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.authority.set(mode);
        let result = work(&self.raw);
        self.authority.set(Mode::Guest);
        result.map_err(|error| self.failure(error, ""))
    }

    /// Runs a statement of the host that takes and returns nothing. It begins with the host's mark.
    pub(crate) fn control(&self, statement: &'static str) -> Result<(), Error> {
        self.as_host(|raw| raw.prepare_cached(statement)?.raw_execute().map(drop))
    }

    /// The error of a statement in the interface's words.
    pub(crate) fn failure(&self, error: rusqlite::Error, statement: &str) -> Error {
        translate(error, statement, self.authority.take_refusal())
    }

    /// Whether a transaction is open.
    pub(crate) fn in_transaction(&self) -> bool {
        !self.raw.is_autocommit()
    }
}

/// Creates the file for the host alone where it is absent. The engine gives the files beside it the same mode.
pub(crate) fn make_file(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)?.set_permissions(Permissions::from_mode(0o600))
}

fn configure(raw: &Connection, role: Role) -> rusqlite::Result<()> {
    raw.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    raw.busy_timeout(Duration::from_secs(5))?;
    if role == Role::Writer {
        raw.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
    }
    raw.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
         PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 67108864;",
    )?;
    if role == Role::Reader {
        raw.execute_batch("PRAGMA query_only = ON")?;
    }
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        // Plans do not look at parameters. Otherwise a statement with `limit $1` is prepared anew each time it is run.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        raw.set_db_config(setting, on)?;
    }
    raw.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    raw.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)?;
    raw.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN_BYTES_MAX)?;
    raw.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, i32::try_from(STATEMENT_BYTES_MAX).unwrap_or(i32::MAX))?;
    Ok(())
}

/// `current_timestamp` and `now()` in the stored form of timestamps and by the host's clock, so that both engines
/// understand `default current_timestamp` and mean the same by it.
fn tell_time(raw: &Connection, clock: &Clock) -> rusqlite::Result<()> {
    for name in ["current_timestamp", "now"] {
        let clock = Arc::clone(clock);
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
        raw.create_scalar_function(name, 0, flags, move |_| Ok(clock()))?;
    }
    Ok(())
}

fn guard(raw: &mut Connection, watch: &Arc<Watch>, authority: &Arc<Authority>) -> rusqlite::Result<()> {
    let asked = Arc::clone(watch);
    raw.progress_handler(PROGRESS_OPS, Some(move || asked.tick()))?;
    let asked = Arc::clone(watch);
    raw.busy_handler(Some(move |_tries| {
        if asked.is_inline() || asked.must_stop() {
            return false;
        }
        std::thread::park_timeout(LOCK_RETRY);
        true
    }))?;
    let authority = Arc::clone(authority);
    raw.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| authority.judge(context)))
}
