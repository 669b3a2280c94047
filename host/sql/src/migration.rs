//! The files that shape a schema: their names, order and checksums. Running them is the engine's affair.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::Error;

/// Largest migration in bytes: far above any schema change, far below what would hurt to hold.
const MIGRATION_BYTES_MAX: usize = 4 << 20;

/// When a migration may run, seen from a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before traffic shifts: the version that still serves must not notice.
    Expand,
    /// After the old version is gone for good.
    Contract,
}

impl Phase {
    /// The word in file names and in `schema_migrations`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expand => "expand",
            Self::Contract => "contract",
        }
    }
}

/// One migration file, `NNNN_name.{expand,contract}.sql`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The number its name begins with, from 1.
    pub version: u32,
    /// The words between number and phase.
    pub name: String,
    /// When it may run.
    pub phase: Phase,
    /// Statements, separated by semicolons. They run in one transaction.
    pub sql: String,
}

/// A migration that has run in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedMigration {
    /// The name of the file it came from.
    pub file: String,
    /// [`Migration::checksum`] of its text.
    pub checksum: String,
}

impl AppliedMigration {
    /// From what `schema_migrations` says.
    pub(crate) fn new(version: u32, name: &str, phase: &str, checksum: String) -> Self {
        Self { file: format!("{version:04}_{name}.{phase}.sql"), checksum }
    }
}

impl Migration {
    /// Reads one entry of a migrations folder; `None` for files that are none (not ending in `.sql`).
    ///
    /// # Errors
    /// [`Error::Migration`] for a `.sql` file whose name is not `NNNN_name.expand.sql` or `NNNN_name.contract.sql`
    /// (four digits, lower-case words joined by `_`), or whose text is over 4 MiB.
    pub fn parse_dir_entry(file_name: &str, text: &str) -> Result<Option<Self>, Error> {
        let Some(stem) = file_name.strip_suffix(".sql") else { return Ok(None) };
        let refuse = |reason: &str| Error::Migration { file: file_name.to_owned(), reason: reason.to_owned() };
        let (stem, phase) = if let Some(stem) = stem.strip_suffix(".expand") {
            (stem, Phase::Expand)
        } else if let Some(stem) = stem.strip_suffix(".contract") {
            (stem, Phase::Contract)
        } else {
            return Err(refuse("the name must end in .expand.sql or .contract.sql"));
        };
        let (digits, name) = stem.split_once('_').ok_or_else(|| refuse("the name must be NNNN_name"))?;
        if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse("the name must begin with four digits"));
        }
        let version = digits.parse().ok().filter(|version| *version > 0);
        let version = version.ok_or_else(|| refuse("versions begin at 0001"))?;
        let wordy = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || !name.bytes().all(wordy) {
            return Err(refuse("the name must be lower-case words joined by `_`"));
        }
        if text.len() > MIGRATION_BYTES_MAX {
            return Err(refuse("over 4 MiB"));
        }
        Ok(Some(Self { version, name: name.to_owned(), phase, sql: text.to_owned() }))
    }

    /// The name of the file it came from.
    pub fn file_name(&self) -> String {
        format!("{:04}_{}.{}.sql", self.version, self.name, self.phase.as_str())
    }

    /// Why it cannot be applied.
    pub(crate) fn refuse(&self, reason: &str) -> Error {
        Error::Migration { file: self.file_name(), reason: reason.to_owned() }
    }

    /// SHA-256 of the text in lower-case hexadecimal. Line ends count as LF, so that a checkout cannot change it.
    pub fn checksum(&self) -> String {
        let digest = Sha256::digest(self.sql.replace("\r\n", "\n").as_bytes());
        digest.iter().fold(String::with_capacity(64), |mut text, byte| {
            for nibble in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(u32::from(nibble), 16));
            }
            text
        })
    }
}

/// What is to run of a phase, in the order of versions, when `applied` has run already (version and checksum).
///
/// # Errors
/// [`Error::Migration`] for two files of one version and for a file that was changed after it was applied.
pub(crate) fn pending(
    mut migrations: Vec<Migration>,
    phase: Phase,
    applied: &BTreeMap<u32, String>,
) -> Result<Vec<Migration>, Error> {
    migrations.sort_by_key(|migration| migration.version);
    let mut previous: Option<u32> = None;
    for migration in &migrations {
        if previous == Some(migration.version) {
            return Err(migration.refuse("another file has the same version"));
        }
        previous = Some(migration.version);
        if applied.get(&migration.version).is_some_and(|checksum| *checksum != migration.checksum()) {
            return Err(migration.refuse("it was changed after it was applied; write a new one instead"));
        }
    }
    migrations.retain(|migration| migration.phase == phase && !applied.contains_key(&migration.version));
    Ok(migrations)
}

#[cfg(test)]
mod tests {
    use super::{Migration, Phase};

    #[test]
    fn a_file_name_gives_version_name_and_phase() {
        let migration = Migration::parse_dir_entry("0003_add_users.contract.sql", "select 1").unwrap().unwrap();
        assert_eq!((migration.version, migration.phase), (3, Phase::Contract));
        assert_eq!(migration.name, "add_users");
        assert_eq!(migration.file_name(), "0003_add_users.contract.sql");
    }

    #[test]
    fn other_files_are_passed_over_and_bad_names_are_errors() {
        assert_eq!(Migration::parse_dir_entry("README.md", "").unwrap(), None);
        for name in ["1_a.expand.sql", "0001_a.sql", "0001.expand.sql", "0000_a.expand.sql", "0001_A.expand.sql"] {
            assert!(Migration::parse_dir_entry(name, "").is_err(), "{name}");
        }
    }

    #[test]
    fn line_ends_do_not_change_the_checksum() {
        let unix = Migration::parse_dir_entry("0001_a.expand.sql", "a;\nb;\n").unwrap().unwrap();
        let windows = Migration::parse_dir_entry("0001_a.expand.sql", "a;\r\nb;\r\n").unwrap().unwrap();
        assert_eq!(unix.checksum(), windows.checksum());
        assert_eq!(unix.checksum().len(), 64);
    }
}
