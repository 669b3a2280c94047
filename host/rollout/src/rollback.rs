//! Whether an earlier release can serve again, given the migrations that have run since.
//!
//! The tag in a migration's name decides: `expand` leaves what older code needs, `contract` takes it away. What an
//! expand migration added stays in the database, and older code does not see it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Release};

/// A migration that has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The component that owns the schema.
    pub component: String,
    /// File name, `NNNN_name.expand.sql` or `NNNN_name.contract.sql`.
    pub name: String,
    /// Its text.
    pub sql: String,
}

/// What going back means. Its text is a sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "verdict", content = "about")]
pub enum RollbackVerdict {
    /// The schema is the same for both, or differs in indexes alone.
    Safe,
    /// What was written into these columns and tables is not seen by the earlier release: `tickets.priority`.
    /// The data stays in the database.
    Loses(Vec<String>),
    /// The earlier release would not work; the reason.
    Refused(String),
}

/// Judges a way back to `target`. `applied` is every migration that has run, of all components, in order.
pub fn rollback_verdict(target: &Release, applied: &[Applied]) -> RollbackVerdict {
    let mut lost = Vec::new();
    for migration in applied {
        let Applied { component, name, sql } = migration;
        let checksum = Digest::of(sql.replace("\r\n", "\n").as_bytes());
        let part = target.components.get(component);
        let known = part.and_then(|part| part.migrations.iter().find(|own| own.name == *name));
        let refuse = |why: &str| RollbackVerdict::Refused(format!("migration {name} of {component} {why}"));
        match known {
            Some(own) if own.checksum == checksum => {}
            Some(_) => return refuse("has run with another text than that release has"),
            None if part.is_none() => {}
            None if name.ends_with(".contract.sql") => {
                return refuse("has run and took away what that release needs; restore a backup instead");
            }
            None if name.ends_with(".expand.sql") => lost.extend(added(sql)),
            None => return refuse("has run and has no `expand` or `contract` in its name"),
        }
    }
    lost.sort();
    lost.dedup();
    if lost.is_empty() { RollbackVerdict::Safe } else { RollbackVerdict::Loses(lost) }
}

impl fmt::Display for RollbackVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Safe => f.write_str("safe"),
            Self::Loses(names) => {
                let what = |name: &String| {
                    let kind = if name.contains('.') { "column" } else { "table" };
                    format!("{kind} {name}")
                };
                let names: Vec<_> = names.iter().map(what).collect();
                write!(f, "loses {} (it stays in the database, unseen)", names.join(", "))
            }
            Self::Refused(why) => write!(f, "refused, because {why}"),
        }
    }
}

/// Tables (`t`) and columns (`t.c`) that the statements add.
fn added(sql: &str) -> Vec<String> {
    without_comments(sql).split(';').filter_map(statement).collect()
}

fn statement(text: &str) -> Option<String> {
    // A quoted name with a space in it is cut at the space: the operator still finds it.
    let spaced = text.replace('(', " ( ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut lower = words.iter().map(|word| word.to_ascii_lowercase()).collect::<Vec<_>>();
    for skipped in ["temporary", "temp", "virtual", "unlogged", "only"] {
        lower.retain(|word| word != skipped);
    }
    let at = |text: &str| lower.iter().position(|word| word == text);
    let name_after = |place: usize| {
        let rest = lower.get(place.saturating_add(1)..).unwrap_or_default();
        rest.iter().find(|word| !matches!(word.as_str(), "if" | "not" | "exists" | "column")).map(|word| bare(word))
    };
    match (lower.first()?.as_str(), lower.get(1)?.as_str()) {
        ("create", "table") => name_after(1),
        ("alter", "table") => {
            let (table, column) = (name_after(1)?, name_after(at("add")?)?);
            Some(format!("{table}.{column}"))
        }
        _ => None,
    }
}

fn bare(name: &str) -> String {
    name.trim_matches(['"', '`', '[', ']', ',']).to_owned()
}

fn without_comments(sql: &str) -> String {
    let lines = sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    while let Some((before, after)) = text.split_once("/*") {
        let rest = after.split_once("*/").map_or("", |(_, rest)| rest);
        text = format!("{before} {rest}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MigrationRef, Part, ReleaseId};

    const FIRST: (&str, &str) = ("0001_a.expand.sql", "create table tickets (id integer);");

    fn target() -> Release {
        let first = MigrationRef { name: FIRST.0.into(), checksum: Digest::of(FIRST.1.as_bytes()) };
        let digest = Digest::of(b"");
        let part =
            Part { wasm: digest, size_bytes: 0, label: String::new(), migrations: vec![first], assets: [].into() };
        let (version, id, parent) = (1, ReleaseId(1), None);
        let components = [("tickets".to_owned(), part)].into();
        let (by, note) = (String::new(), String::new());
        Release { version, id, parent, created_at_us: 0, by, note, manifest: digest, components }
    }

    fn verdict(migrations: &[(&str, &str)]) -> String {
        let applied = |(name, sql): &(&str, &str)| Applied {
            component: "tickets".into(),
            name: (*name).to_owned(),
            sql: (*sql).to_owned(),
        };
        rollback_verdict(&target(), &migrations.iter().map(applied).collect::<Vec<_>>()).to_string()
    }

    #[test]
    fn the_same_schema_and_new_indexes_are_safe() {
        assert_eq!(verdict(&[FIRST]), "safe");
        assert_eq!(verdict(&[(FIRST.0, "create table tickets (id integer);")]), "safe");
        assert_eq!(verdict(&[FIRST, ("0002_i.expand.sql", "create index i on tickets (id); -- add column x")]), "safe");
    }

    #[test]
    fn what_was_added_since_is_named() {
        let stays = "(it stays in the database, unseen)";
        for (sql, lost) in [
            ("ALTER TABLE tickets ADD COLUMN priority int not null default 0", "column tickets.priority"),
            ("alter table only \"tickets\" add if not exists \"due\" text;", "column tickets.due"),
            ("/* b\n */ create table if not exists labels(id int);", "table labels"),
            ("alter table a add column x int; alter table a add y int", "column a.x, column a.y"),
        ] {
            assert_eq!(verdict(&[FIRST, ("0002_b.expand.sql", sql)]), format!("loses {lost} {stays}"));
        }
    }

    #[test]
    fn what_was_taken_away_or_changed_is_refused() {
        for (name, sql) in [
            ("0002_b.contract.sql", "alter table tickets drop column old"),
            ("0002_b.sql", "select 1"),
            ("0001_a.expand.sql", "create table other (id integer);"),
        ] {
            let text = verdict(&[FIRST, ("0003_c.expand.sql", "create table c (d int)"), (name, sql)]);
            assert!(text.starts_with("refused, because migration"), "{text}");
        }
    }
}
