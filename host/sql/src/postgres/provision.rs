//! Makes a component's database and role, with no more rights than it needs.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Row as _};
use tokio::time::timeout;
use uuid::Uuid;

use super::connection::{STOP_WAIT, connect, simple};
use super::failure::{Failure, translate};
use super::outbox::{LOCKS, quote, quote_name};
use super::verifier::verifier;
use super::{migrate, outbox};
use crate::Error;

/// The oldest server that is supported, as it numbers itself.
pub(crate) const VERSION_MIN: u32 = 150_000;

/// Held while a host makes databases.
const LOCK_PROVISION: i32 = 3;

/// A database with its role, both of this name.
pub(crate) struct Wanted<'a> {
    pub(crate) name: &'a str,
    pub(crate) password: &'a str,
}

/// Makes what is absent and sets rights; returns options for the role.
///
/// # Errors
/// [`Error::Unavailable`] for a server that cannot be reached or is too old; [`Error::Other`] for a name that belongs
/// to somebody else, or missing rights.
pub(crate) async fn provision(admin: &PgConnectOptions, wanted: &Wanted<'_>) -> Result<PgConnectOptions, Error> {
    let login = admin.clone().username(wanted.name).password(wanted.password).database(wanted.name);
    let mut raw = connect(admin).await?;
    begin(&mut raw).await?;
    let rights = "the host's role needs CREATEDB and CREATEROLE";
    let explained = |failure: Failure| match failure.error {
        Error::Denied => Error::other(rights),
        error => error,
    };
    make_role(&mut raw, wanted)
        .await
        .map_err(|error| if error == Error::Denied { Error::other(rights) } else { error })?;
    make_database(&mut raw, wanted.name).await?;
    let name = quote_name(wanted.name);
    let rules = format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {name}");
    simple(&mut raw, rules).await.map_err(explained)?;
    make_tables(admin, wanted.name).await?;
    try_login(&mut raw, &login, wanted).await?;
    drop(timeout(STOP_WAIT, raw.close()).await);
    Ok(login)
}

/// Makes a database that is the host's alone. The connection is the host's, and nobody else makes databases until it ends.
pub(crate) async fn provision_own(raw: &mut PgConnection, name: &str) -> Result<(), Error> {
    begin(raw).await?;
    make_database(raw, name).await
}

/// Refuses old servers, and keeps other hosts from making databases until the connection ends.
async fn begin(raw: &mut PgConnection) -> Result<(), Error> {
    if raw.server_version_num().is_some_and(|version| version < VERSION_MIN) {
        return Err(Error::unavailable("the server is older than PostgreSQL 15"));
    }
    Ok(simple(raw, format!("SELECT pg_advisory_lock({LOCKS}, {LOCK_PROVISION})")).await?)
}

async fn make_role(raw: &mut PgConnection, wanted: &Wanted<'_>) -> Result<(), Error> {
    let failed = |error: sqlx::Error| translate(&error, "");
    let known = "select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls
        from pg_roles where rolname = $1";
    let role = sqlx::query(known).bind(wanted.name).fetch_optional(&mut *raw).await.map_err(failed)?;
    match role {
        Some(row) if row.try_get::<bool, _>(0).map_err(failed)? => {
            Err(Error::other(format!("the role {} has more rights than a component's may have", wanted.name)))
        }
        Some(_) => Ok(()),
        None => {
            let (name, secret) = (quote_name(wanted.name), quote(&secret(wanted.password)));
            let make = format!(
                "CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION PASSWORD {secret}"
            );
            Ok(simple(raw, make).await?)
        }
    }
}

fn secret(password: &str) -> String {
    verifier(password, Uuid::new_v4().into_bytes())
}

/// Text is ordered by its bytes, as on SQLite; letters are folded by Unicode where the server can.
async fn make_database(raw: &mut PgConnection, name: &str) -> Result<(), Error> {
    let failed = |error: sqlx::Error| translate(&error, "");
    let known = "select pg_get_userbyid(datdba) = current_user from pg_database where datname = $1";
    let database = sqlx::query(known).bind(name).fetch_optional(&mut *raw).await.map_err(failed)?;
    if let Some(row) = database {
        return if row.try_get::<bool, _>(0).map_err(failed)? {
            Ok(())
        } else {
            Err(Error::other(format!("the database {name} belongs to another role than the host's")))
        };
    }
    let make = |letters: &str| {
        let name = quote_name(name);
        format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE '{letters}'")
    };
    // Not every server knows the first.
    let made = match simple(raw, make("C.UTF-8")).await {
        Err(Failure { error: Error::Other { .. } | Error::Invalid { .. }, .. }) => simple(raw, make("C")).await,
        made => made,
    };
    made.map_err(|failure| match failure.error {
        Error::Denied => Error::other("the host's role needs CREATEDB and CREATEROLE"),
        error => error,
    })
}

/// The host's own tables, in the component's database but not in its hands.
async fn make_tables(admin: &PgConnectOptions, name: &str) -> Result<(), Error> {
    let mut raw = connect(&admin.clone().database(name)).await?;
    let role = quote_name(name);
    let statements = format!(
        "BEGIN; SELECT pg_advisory_xact_lock({LOCKS}, {LOCK_PROVISION});
         REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE, CREATE ON SCHEMA public TO {role};
         SET LOCAL client_min_messages = warning; {}; {};
         GRANT SELECT, INSERT ON schema_migrations TO {role};
         GRANT SELECT, INSERT, DELETE ON wharf_outbox TO {role}; COMMIT",
        migrate::TABLE,
        outbox::TABLE
    );
    let made = simple(&mut raw, statements).await;
    drop(timeout(STOP_WAIT, raw.close()).await);
    Ok(made?)
}

/// Logs in as the role. One whose password is another one gets this one: its file was lost, or restored.
async fn try_login(raw: &mut PgConnection, login: &PgConnectOptions, wanted: &Wanted<'_>) -> Result<(), Error> {
    let first = match connect(login).await {
        Ok(raw) => {
            drop(timeout(STOP_WAIT, raw.close()).await);
            return Ok(());
        }
        Err(failure) => failure,
    };
    if !first.log_in {
        return Err(first.error);
    }
    tracing::warn!(role = wanted.name, "the role has another password than its file says; it is set anew");
    let (name, secret) = (quote_name(wanted.name), quote(&secret(wanted.password)));
    simple(raw, format!("ALTER ROLE {name} LOGIN PASSWORD {secret}")).await?;
    let raw = connect(login).await?;
    drop(timeout(STOP_WAIT, raw.close()).await);
    Ok(())
}
