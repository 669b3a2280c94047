//! Who did what: one line for each action, never changed.
//!
//! `<state>/audit.jsonl`, synced with every line; at [`FILE_BYTES_MAX`] it becomes `audit.1.jsonl`, and so on.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::{Error, disk};

/// Bytes of a file before the next one begins: some ten thousand actions, quick to read whole.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Older files kept. 20 MiB in all.
const OLD_FILES: u32 = 4;
const FILE: &str = "audit.jsonl";

/// The audit log of a state folder.
#[derive(Debug)]
pub struct Audit {
    dir: PathBuf,
    writing: Mutex<()>,
}

/// One action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditLine {
    /// Microseconds since 1970.
    pub at_us: u64,
    /// A user, a token's name, or `wharf` for what the host does by itself.
    pub who: String,
    /// `deploy`, `promote`, `rollback`, `queue redrive`.
    pub what: String,
    /// The component where it is about one alone.
    pub component: Option<String>,
    /// The queue where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Release or digest before.
    pub from: Option<String>,
    /// Release or digest after.
    pub to: Option<String>,
    /// Whatever else a person asks later; no secrets.
    pub detail: String,
}

impl Audit {
    /// The audit log of the state folder, which is made where it is absent.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn open(state: &Path) -> Result<Self, Error> {
        disk::make(state).map_err(|source| Error::disk(FILE, source))?;
        Ok(Self { dir: state.to_owned(), writing: Mutex::new(()) })
    }

    /// Adds a line. Durable once it returns.
    ///
    /// # Errors
    /// [`Error::Full`] or [`Error::Disk`]; half a line may be left, which readers pass over.
    pub fn append(&self, line: &AuditLine) -> Result<(), Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.write(line).map_err(|source| Error::disk(FILE, source))
    }

    /// The last `count` lines, oldest first. Lines that a crash cut off are left out.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn recent(&self, count: usize) -> Result<Vec<AuditLine>, Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = Vec::new();
        for age in 0..=OLD_FILES {
            let bytes = disk::read(&self.path(age)).map_err(|source| Error::disk(FILE, source))?;
            let bytes = bytes.unwrap_or_default();
            let newest_first = bytes.rsplit(|byte| *byte == b'\n');
            lines.extend(newest_first.filter_map(|line| serde_json::from_slice(line).ok()));
            if lines.len() >= count {
                break;
            }
        }
        lines.truncate(count);
        lines.reverse();
        Ok(lines)
    }

    fn write(&self, line: &AuditLine) -> io::Result<()> {
        let path = self.path(0);
        let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if size >= FILE_BYTES_MAX {
            self.rotate()?;
        }
        let torn = size < FILE_BYTES_MAX && !ends_whole(&path)?;
        let mut bytes = if torn { vec![b'\n'] } else { Vec::new() };
        serde_json::to_writer(&mut bytes, line)?;
        bytes.push(b'\n');
        let mut file = disk::append(&path)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        if size == 0 || size >= FILE_BYTES_MAX { disk::sync_folder(&self.dir) } else { Ok(()) }
    }

    fn rotate(&self) -> io::Result<()> {
        for age in (0..OLD_FILES).rev() {
            let path = self.path(age);
            if path.exists() {
                fs::rename(path, self.path(age + 1))?;
            }
        }
        disk::sync_folder(&self.dir)
    }

    fn path(&self, age: u32) -> PathBuf {
        if age == 0 { self.dir.join(FILE) } else { self.dir.join(format!("audit.{age}.jsonl")) }
    }
}

/// Whether the file is empty, absent or ends with a line end; a crash may have cut the last line.
fn ends_whole(path: &Path) -> io::Result<bool> {
    use io::{Read, Seek, SeekFrom};
    let Ok(mut file) = fs::File::open(path) else { return Ok(true) };
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at_us: u64) -> AuditLine {
        AuditLine { at_us, who: "ada".into(), what: "deploy".into(), ..AuditLine::default() }
    }

    #[test]
    fn a_line_cut_by_a_crash_harms_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path()).unwrap();
        (1..=3).for_each(|n| audit.append(&line(n)).unwrap());
        let whole = fs::read(dir.path().join(FILE)).unwrap();
        fs::write(dir.path().join(FILE), &whole[..whole.len() - 9]).unwrap();
        audit.append(&line(4)).unwrap();
        let times: Vec<_> = audit.recent(10).unwrap().iter().map(|line| line.at_us).collect();
        assert_eq!(times, [1, 2, 4]);
        assert_eq!(audit.recent(1).unwrap(), [line(4)]);
    }

    #[test]
    fn files_rotate_by_size_and_the_oldest_goes() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path()).unwrap();
        for n in 1..=7 {
            audit.append(&AuditLine { detail: "x".repeat(4 << 20), ..line(n) }).unwrap();
        }
        let times: Vec<_> = audit.recent(10).unwrap().iter().map(|line| line.at_us).collect();
        assert_eq!(times, [3, 4, 5, 6, 7]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 5);
    }
}
