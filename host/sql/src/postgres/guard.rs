//! What a component's statement may name here. The rules of every engine come first ([`crate::guard`]).
//!
//! The role of a component has rights in its own database alone; that is the fence around other components' data. This
//! guard keeps the host's own tables apart, and the session as the host left it: a setting, a lock or a temporary
//! table would stay on a pooled connection. Names that reach the server only inside strings can do no harm, because
//! every function that runs such strings is refused.

use super::lexer::{Placed, Token, tokens};
use crate::Error;
use crate::guard::{Class, inspect, is_reserved};

/// What is known of an accepted statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Changes nothing; it may be run a second time.
    Read,
    /// Changes rows.
    Change,
    /// Changes the schema, or is no SQL at all.
    Other,
}

/// Functions that change the session, run text as a statement, or tell of the server.
const FUNCTIONS_REFUSED: &[&str] = &[
    "current_setting",
    "dblink",
    "inet_client_addr",
    "inet_client_port",
    "inet_server_addr",
    "inet_server_port",
    "information_schema",
    "set_config",
    "setseed",
    "ts_rewrite",
    "ts_stat",
    "txid_current",
];

/// The one name with the server's prefix that says nothing of it.
const SERVER_NAMES_ACCEPTED: &[&str] = &["pg_typeof", "pg_sleep"];

/// Objects that a component may create, change and drop.
const OBJECTS: &[&str] = &["table", "index", "view", "sequence", "type", "domain"];

/// Words that may stand between the verb and the object.
const OBJECT_QUALITIES: &[&str] = &["or", "replace", "unique", "unlogged", "materialized", "recursive"];

/// Classifies a statement.
///
/// # Errors
/// [`Error::Denied`] for the host's own tables; [`Error::Invalid`] for whatever is not about this component's data;
/// [`Error::TooLarge`] over 1 MiB.
pub(crate) fn judge(statement: &str) -> Result<Effect, Error> {
    let class = inspect(statement)?;
    let tokens = tokens(statement).map_err(|unreadable| Error::Invalid {
        message: unreadable.reason.to_owned(),
        position: u32::try_from(unreadable.at).ok(),
    })?;
    for (token, at) in &tokens {
        check_token(token, *at)?;
    }
    check_into(&tokens)?;
    let changes = || tokens.iter().any(|(token, _)| is_word(token, &["insert", "update", "delete", "merge"]));
    let first = first_word(&tokens);
    match class {
        Class::Read if first.is_some_and(|(word, _)| word == "explain") => {
            match tokens.iter().find(|(token, _)| is_word(token, &["analyze", "analyse"])) {
                Some((_, at)) => Err(refused("ANALYZE", *at)),
                None => Ok(Effect::Read),
            }
        }
        Class::Read => Ok(Effect::Read),
        Class::Mixed => Ok(if changes() { Effect::Change } else { Effect::Read }),
        Class::Change => Ok(Effect::Change),
        Class::Other => match first {
            Some(("merge", _)) => Ok(Effect::Change),
            Some(("create" | "alter" | "drop", at)) => check_object(&tokens, at).map(|()| Effect::Other),
            // In parentheses.
            None if !changes() => Ok(Effect::Read),
            _ => Ok(Effect::Other),
        },
    }
}

fn refused(what: &str, at: usize) -> Error {
    Error::Invalid { message: format!("`{what}` is not accepted here"), position: u32::try_from(at).ok() }
}

fn is_word(token: &Token, words: &[&str]) -> bool {
    matches!(token, Token::Word(word) if words.contains(&word.as_str()))
}

/// The word the statement begins with, unless it begins with something else.
fn first_word(tokens: &[Placed]) -> Option<(&str, usize)> {
    let (token, at) = tokens.iter().find(|(token, _)| *token != Token::Sign(';'))?;
    match token {
        Token::Word(word) => Some((word, *at)),
        _ => None,
    }
}

fn check_token(token: &Token, at: usize) -> Result<(), Error> {
    let name = match token {
        // The server folds a name without quotes; a quoted one in capitals is another one, but nobody needs it.
        Token::Word(name) => name.clone(),
        Token::Quoted(name) => name.to_lowercase(),
        Token::Param(digits) if digits.starts_with('0') => {
            return Err(Error::invalid(format!("`${digits}` is no parameter: write $1 and so on")));
        }
        Token::Param(_) | Token::Literal | Token::Sign(_) => return Ok(()),
    };
    if is_reserved(&name) {
        return Err(Error::Denied);
    }
    let of_server = name.starts_with("pg_") && !SERVER_NAMES_ACCEPTED.contains(&name.as_str());
    let of_strings = name.contains("_to_xml") || name.starts_with("lo_") || name.starts_with("dblink");
    if of_server || of_strings || FUNCTIONS_REFUSED.contains(&name.as_str()) {
        return Err(refused(&name, at));
    }
    Ok(())
}

/// `select ... into t` creates a table; only what inserts may say `into`.
fn check_into(tokens: &[Placed]) -> Result<(), Error> {
    let mut before: Option<&Token> = None;
    for (token, at) in tokens {
        let of_change = before.is_some_and(|before| is_word(before, &["insert", "merge"]));
        if is_word(token, &["into"]) && !of_change {
            return Err(refused("INTO", *at));
        }
        before = Some(token);
    }
    Ok(())
}

/// What `create`, `alter` and `drop` are about.
fn check_object(tokens: &[Placed], at: usize) -> Result<(), Error> {
    let words = tokens.iter().skip_while(|(token, _)| *token == Token::Sign(';')).skip(1);
    let mut words = words.skip_while(|(token, _)| is_word(token, OBJECT_QUALITIES));
    match words.next() {
        Some((token, _)) if is_word(token, OBJECTS) => Ok(()),
        Some((Token::Word(word), at)) => Err(refused(&word.to_ascii_uppercase(), *at)),
        _ => Err(refused("this statement", at)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Effect, judge};
    use crate::Error;

    #[test]
    fn what_a_statement_does_is_known() {
        for (statement, effect) in [
            ("select 1", Effect::Read),
            ("(select 1) union (select 2)", Effect::Read),
            ("select * from t for update", Effect::Read),
            ("with a as (select 1) select * from a", Effect::Read),
            ("with a as (delete from t returning n) select * from a", Effect::Change),
            ("insert into t values (1)", Effect::Change),
            ("merge into t using s on true when matched then delete", Effect::Change),
            ("create unique index i on t (a)", Effect::Other),
            ("create or replace view v as select 1", Effect::Other),
            ("selec 1", Effect::Other),
            ("select 'pg_catalog', \"insert\" from t", Effect::Read),
        ] {
            assert_eq!(judge(statement).unwrap(), effect, "{statement}");
        }
    }

    #[test]
    fn the_session_and_the_server_are_out_of_reach() {
        for statement in [
            "select set_config('role', 'postgres', false)",
            "select \"set_config\"('a', 'b', false)",
            "select pg_catalog.lower('a')",
            "select pg_advisory_lock(1)",
            "select * from pg_tables",
            "select * from information_schema.tables",
            "select query_to_xml('select 1', true, true, '')",
            "select table_to_xml('x', true, true, '')",
            "select lo_import('/etc/passwd')",
            "select u&\"\\0073et_config\"('a', 'b', false)",
            "select 1 into temp x",
            "select * into x from t",
            "create temp table x (a text)",
            "create function f() returns int language sql as 'select 1'",
            "create role x",
            "alter role shop_db set statement_timeout = 0",
            "alter system set fsync = off",
            "drop owned by shop_db",
            "drop database other",
            "explain analyze delete from t",
            "set role postgres",
            "import foreign schema x from server y into z",
            "select $01",
        ] {
            assert!(matches!(judge(statement), Err(Error::Invalid { .. })), "{statement}: {:?}", judge(statement));
        }
    }

    #[test]
    fn the_hosts_tables_are_denied_by_any_spelling() {
        for statement in [
            "select * from wharf_outbox",
            "select * from public.\"wharf_outbox\"",
            "create view v as select * from WHARF_OUTBOX",
            "insert into schema_migrations values (1)",
        ] {
            assert_eq!(judge(statement), Err(Error::Denied), "{statement}");
        }
    }
}
