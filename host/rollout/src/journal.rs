//! What is live now, and how that survives a kill between any two instructions.
//!
//! ```text
//! <state>/journal        the record: a line of JSON, a line with its SHA-256
//! <state>/journal.1      the record before it
//! <state>/journal.new    being written
//! ```
//!
//! A write: `journal.new` written and synced; the whole `journal` linked as `journal.1`; `journal.new` renamed to
//! `journal`; the folder synced. Whatever is cut off, one of the two is whole, and it is the old or the new one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Error, Server, State, disk, seal};

/// The one record of what is live.
#[derive(Debug)]
pub struct Journal {
    dir: PathBuf,
    state: State,
    server: Option<Arc<Server>>,
    // A damaged `journal` must never take the place of a whole `journal.1`.
    whole: bool,
}

/// What was found at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// No journal: nothing was ever deployed here.
    Fresh,
    /// As it was written last.
    Whole,
    /// The last record is damaged or gone; the one before it was taken. Worth a line in the log.
    Previous,
}

const NAME: &str = "journal";
const BEFORE: &str = "journal.1";
const NEW: &str = "journal.new";
const LINK: &str = "journal.link";

impl Journal {
    /// Reads the journal in the state folder, which is made where it is absent. Writes nothing else.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is a record and none is whole, [`Error::Newer`] where a newer host has written
    /// it, [`Error::Disk`].
    pub fn open(state: &Path) -> Result<(Self, Recovered), Error> {
        let fault = |source| Error::disk(NAME, source);
        disk::make(state).map_err(fault)?;
        let last = disk::read(&state.join(NAME)).map_err(fault)?;
        let before = disk::read(&state.join(BEFORE)).map_err(fault)?;
        let journal = |record, whole| Self { dir: state.to_owned(), state: record, server: None, whole };
        if let Some(record) = last.as_deref().map(read).transpose()?.flatten() {
            return Ok((journal(record, true), Recovered::Whole));
        }
        if let Some(record) = before.as_deref().map(read).transpose()?.flatten() {
            return Ok((journal(record, false), Recovered::Previous));
        }
        if last.is_none() && before.is_none() {
            return Ok((journal(State::default(), false), Recovered::Fresh));
        }
        Err(Error::Damaged { file: NAME.to_owned() })
    }

    /// What it says, where there is a state folder with a journal that can be read. Makes nothing.
    pub fn open_existing(state: &Path) -> Option<State> {
        let exists = state.join(NAME).exists() || state.join(BEFORE).exists();
        let journal = exists.then(|| Self::open(state).ok()).flatten();
        journal.map(|(journal, _)| journal.state)
    }

    /// The same, with the server that has the last word: every change is the server's before it is the folder's.
    #[must_use]
    pub fn backed_by(self, server: Option<Arc<Server>>) -> Self {
        Self { server, ..self }
    }

    /// Writes a server's record into the folder, where that says something else.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a record that is not whole, [`Error::Newer`], [`Error::Full`] or [`Error::Disk`].
    pub(crate) fn adopt(state: &Path, record: &[u8]) -> Result<(), Error> {
        let theirs = read(record)?.ok_or_else(|| Error::Damaged { file: "the server's journal".to_owned() })?;
        let whole = matches!(Self::open(state), Ok((_, Recovered::Whole)));
        let journal = Self { dir: state.to_owned(), state: theirs, server: None, whole };
        if Self::open_existing(state).as_ref() == Some(&journal.state) {
            return Ok(());
        }
        journal.write(record).map_err(|source| Error::disk(NAME, source))
    }

    /// The bytes of a record.
    pub(crate) fn record(state: &State) -> Result<Vec<u8>, Error> {
        seal::seal(NAME, state)
    }

    /// What it says.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Changes the record, on disk and then here. Durable once it returns.
    ///
    /// # Errors
    /// What `change` refuses, [`Error::Full`] or [`Error::Disk`]; with a server, [`Error::Server`] and
    /// [`Error::Conflict`], after which the record here is what the server says. Else it is then the old one. On disk it is
    /// too, unless the very last step, the sync of the folder, failed: then a power cut decides, as it would have.
    pub fn update<T>(&mut self, change: impl FnOnce(&mut State) -> Result<T, Error>) -> Result<T, Error> {
        let mut next = self.state.clone();
        let answer = change(&mut next)?;
        next.version = State::VERSION;
        next.sequence = self.state.sequence.saturating_add(1);
        let bytes = Self::record(&next)?;
        if let Some(server) = self.server.clone() {
            self.tell(&server, next.sequence, &bytes)?;
        }
        self.write(&bytes).map_err(|source| Error::disk(NAME, source))?;
        self.state = next;
        self.whole = true;
        Ok(answer)
    }

    fn tell(&mut self, server: &Server, sequence: u64, bytes: &[u8]) -> Result<(), Error> {
        let told = server.write_journal(self.state.sequence, sequence, bytes);
        if matches!(told, Err(Error::Conflict))
            && let Some(theirs) = server.journal()?.as_deref().map(read).transpose()?.flatten()
        {
            self.state = theirs;
        }
        told
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let new = self.dir.join(NEW);
        disk::write(&new, bytes).inspect_err(|_| drop(fs::remove_file(&new)))?;
        if self.whole {
            keep(&self.dir)?;
        }
        fs::rename(&new, self.dir.join(NAME))?;
        disk::sync_folder(&self.dir)
    }
}

/// Makes the whole `journal` the one before, without a moment in which either name is missing.
fn keep(dir: &Path) -> io::Result<()> {
    let link = dir.join(LINK);
    match fs::remove_file(&link) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::hard_link(dir.join(NAME), &link)?;
    fs::rename(&link, dir.join(BEFORE))?;
    // Where both names are the same file, as after a kill here, a rename does nothing and leaves the link.
    match fs::remove_file(&link) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        // Durable with the next change to the folder: whichever of the names a crash leaves, each is of a whole file.
        _ => Ok(()),
    }
}

fn read(bytes: &[u8]) -> Result<Option<State>, Error> {
    match seal::version(bytes) {
        Some(version) if version > State::VERSION => Err(Error::Newer { file: NAME.to_owned(), version }),
        _ => Ok(seal::open(bytes)),
    }
}

#[cfg(test)]
mod tests;
