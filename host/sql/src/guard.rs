//! What a statement is, by its first word; and what is refused before the engine sees it.
//!
//! The authorizer is the second line: this one exists because the engine compiles a few statements without asking it
//! (`VACUUM`), and to know which connection a statement needs.

use crate::Error;

/// Longest statement in bytes.
pub(crate) const STATEMENT_BYTES_MAX: usize = 1 << 20;

/// Begins every statement of the host. A component's statement may not: connections cache statements by their text,
/// and a cached one is not authorised again.
pub(crate) const HOST_MARK: &str = "/*wharf*/";

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Reads.
    Read,
    /// Begins with `WITH`: the engine knows.
    Mixed,
    /// Changes rows.
    Change,
    /// Changes the schema, or is no SQL at all.
    Other,
}

/// Words that begin statements which are not about data, here or in PostgreSQL.
const REFUSED: &[&str] = &[
    "abort",
    "analyze",
    "attach",
    "begin",
    "call",
    "checkpoint",
    "close",
    "cluster",
    "commit",
    "copy",
    "deallocate",
    "declare",
    "detach",
    "discard",
    "do",
    "end",
    "execute",
    "fetch",
    "grant",
    "import",
    "listen",
    "load",
    "lock",
    "move",
    "notify",
    "pragma",
    "prepare",
    "reassign",
    "refresh",
    "reindex",
    "release",
    "reset",
    "revoke",
    "rollback",
    "savepoint",
    "security",
    "set",
    "show",
    "start",
    "unlisten",
    "vacuum",
];

/// Classifies a statement.
///
/// # Errors
/// [`Error::Invalid`] for an empty statement, a NUL, and statements that are not about data; [`Error::TooLarge`] over
/// 1 MiB.
pub(crate) fn inspect(statement: &str) -> Result<Class, Error> {
    if statement.len() > STATEMENT_BYTES_MAX {
        return Err(Error::TooLarge { limit: u64::try_from(STATEMENT_BYTES_MAX).unwrap_or(u64::MAX) });
    }
    if statement.trim().starts_with(HOST_MARK) {
        return Err(Error::invalid("a statement may not begin with the host's mark"));
    }
    if statement.contains('\0') {
        return Err(Error::invalid("a statement may not contain U+0000"));
    }
    let start = skip_blank(statement);
    let rest = statement.get(start..).unwrap_or_default();
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let word = rest.get(..end).unwrap_or_default();
    if rest.is_empty() {
        return Err(Error::invalid("the statement is empty"));
    }
    let is = |words: &[&str]| words.iter().any(|other| word.eq_ignore_ascii_case(other));
    Ok(match () {
        () if is(&["select", "values", "explain"]) => Class::Read,
        () if is(&["with"]) => Class::Mixed,
        () if is(&["insert", "update", "delete", "replace"]) => Class::Change,
        () if is(REFUSED) => {
            let message = format!("`{}` is not accepted here", word.to_ascii_uppercase());
            return Err(Error::Invalid { message, position: u32::try_from(start).ok() });
        }
        () => Class::Other,
    })
}

/// Names of the host's own tables.
pub(crate) fn is_reserved(table: &str) -> bool {
    table.eq_ignore_ascii_case("schema_migrations")
        || table.get(..6).is_some_and(|prefix| prefix.eq_ignore_ascii_case("wharf_"))
}

/// Offset of the first thing that the engine's own scanner does not pass over: blanks, comments, empty statements and
/// byte order marks.
fn skip_blank(statement: &str) -> usize {
    let mut rest = statement;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}', ';', '\u{feff}']);
        rest = if let Some(comment) = trimmed.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            return statement.len() - trimmed.len();
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, inspect, is_reserved};
    use crate::Error;

    #[test]
    fn the_first_word_decides() {
        for (statement, class) in [
            ("select 1", Class::Read),
            ("  -- hi\n/* ; */ ;; SELECT(1)", Class::Read),
            ("with a as (select 1) delete from t", Class::Mixed),
            ("insert into t values (1)", Class::Change),
            ("create table t (a)", Class::Other),
            ("selec 1", Class::Other),
        ] {
            assert_eq!(inspect(statement).unwrap(), class, "{statement}");
        }
    }

    #[test]
    fn control_is_refused_behind_any_disguise() {
        for statement in [
            "BEGIN",
            "commit",
            ";VACUUM",
            "\u{feff}vacuum",
            "/**/ pragma user_version",
            "--x\nAttach 'a' as b",
            "set x = 1",
            "LISTEN a",
            "/*wharf*/ COMMIT",
            "",
            " ; ",
            "-- only",
            "/* open",
            "select 1\0",
        ] {
            assert!(matches!(inspect(statement), Err(Error::Invalid { .. })), "{statement}");
        }
    }

    #[test]
    fn the_position_points_at_the_word() {
        let refused = inspect("  BEGIN").unwrap_err();
        assert!(matches!(refused, Error::Invalid { position: Some(2), .. }));
    }

    #[test]
    fn the_hosts_tables_are_known_in_any_case() {
        for name in ["wharf_outbox", "WHARF_x", "Schema_Migrations"] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["wharf", "my_wharf_x", "schema", "é", "wharfé"] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
