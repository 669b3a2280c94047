//! Makes a state folder say what the server says, before anybody reads it.

use std::path::Path;

use crate::store::sealed;
use crate::{Digest, Error, Journal, Release, ReleaseId, Server, Store, seal};

/// What was found at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirrored {
    /// Neither has anything.
    Nothing,
    /// The folder had what the server has, or has it now.
    FromServer,
    /// The server was empty and has the folder's releases and journal now: the operator has just named it.
    FromFolder,
}

/// Brings journal, releases and their objects from the server into the folder; the other way where the server is empty.
///
/// # Errors
/// [`Error::Server`], [`Error::Disk`] and [`Error::Full`]; [`Error::Damaged`] and [`Error::Mismatch`] for a record or an
/// object that the server has kept badly.
pub fn mirror(server: &Server, state: &Path) -> Result<Mirrored, Error> {
    let store = Store::open(state)?;
    match (server.journal()?, Journal::open_existing(state)) {
        (Some(record), _) => {
            bring(server, &store)?;
            Journal::adopt(state, &record)?;
            Ok(Mirrored::FromServer)
        }
        (None, Some(there)) => {
            send(server, &store)?;
            let record = Journal::record(&there)?;
            server.write_journal(0, there.sequence, &record)?;
            Ok(Mirrored::FromFolder)
        }
        (None, None) => Ok(Mirrored::Nothing),
    }
}

fn bring(server: &Server, store: &Store) -> Result<(), Error> {
    for id in server.releases()? {
        match bring_one(server, store, id) {
            // Another host has swept it meanwhile, and what it consisted of.
            Err(Error::NoObject(_)) if server.release(id)?.is_none() => {}
            brought => brought?,
        }
    }
    Ok(())
}

fn bring_one(server: &Server, store: &Store, id: ReleaseId) -> Result<(), Error> {
    if let Ok(release) = store.release(id) {
        return bring_objects(server, store, &release, |digest| store.contains(digest));
    }
    // As above.
    let Some(record) = server.release(id)? else { return Ok(()) };
    let damaged = || Error::Damaged { file: format!("the server's record of {id}") };
    let release: Release = seal::open(&record).ok_or_else(damaged)?;
    // A folder that lost one file may have damaged others.
    bring_objects(server, store, &release, |digest| store.read(digest).is_ok())?;
    store.put_again(&release)
}

fn bring_objects(
    server: &Server,
    store: &Store,
    release: &Release,
    is_there: impl Fn(&Digest) -> bool,
) -> Result<(), Error> {
    for digest in release.objects().into_iter().filter(|digest| !is_there(digest)) {
        let bytes = server.object(&digest)?.ok_or(Error::NoObject(digest))?;
        store.add_expected(&bytes, &digest)?;
    }
    Ok(())
}

fn send(server: &Server, store: &Store) -> Result<(), Error> {
    for release in store.releases()? {
        for digest in release.objects() {
            server.put_object(&digest, &store.read(&digest)?)?;
        }
        server.put_release(release.id, &sealed(&release)?)?;
    }
    Ok(())
}
