//! The door on the machine: a unix socket that only the host's user can open.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use crate::api::Peer;
use crate::door::Door;
use crate::{Error, Operator};

/// Name of the socket in the state folder.
pub const SOCKET: &str = "admin.sock";
const LOCK: &str = "admin.lock";
/// Users of the machine, `name:password:uid:...` a line.
const USERS: &str = "/etc/passwd";

/// A bound socket. Its name disappears when it is dropped.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// Held as long as the host lives; the kernel gives it back however that ends.
    _lock: File,
}

impl Socket {
    /// Binds `<state>/admin.sock` with mode 0600. The socket that a dead host has left is replaced.
    ///
    /// Whether one lives is told by a lock on `<state>/admin.lock`.
    ///
    /// # Errors
    /// [`Error::InUse`] where another host lives; [`Error::File`], also for a path of more than some 100 bytes, which
    /// a socket cannot have.
    pub fn bind(state: &Path) -> Result<Self, Error> {
        let path = state.join(SOCKET);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(state).map_err(Error::file(state))?;
        let lock_path = state.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock_path);
        let lock = lock.map_err(Error::file(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { path }),
            Err(TryLockError::Error(source)) => return Err(Error::File { path: lock_path, source }),
        }
        let listener = listen(state, &path).map_err(Error::file(&path))?;
        Ok(Self { listener, path, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket was gone already");
        }
    }
}

/// Serves the socket until `shutdown`; requests that run then are finished, for at most five seconds.
///
/// The user at the other end is `who` in the audit log, and may do everything.
pub async fn serve_socket(socket: Socket, operator: Operator, shutdown: CancellationToken) {
    let door = Door::new(operator, shutdown);
    while let Some(((stream, _), place)) = door.next(|| socket.listener.accept()).await {
        door.serve(place, async move {
            let who = user(&stream).await;
            Some((stream, Peer::Local { who }))
        });
    }
    // Nobody new finds it while the last ones finish.
    drop(socket);
    door.close().await;
}

/// The socket is made in a folder that only this user can enter, and gets its name when its mode is right.
fn listen(state: &Path, path: &Path) -> io::Result<UnixListener> {
    let folder = state.join(format!(".s{}", std::process::id()));
    let absent = |result: io::Result<()>| match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    };
    absent(fs::remove_dir_all(&folder))?;
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    let made = folder.join("s");
    let bound = UnixListener::bind(&made).and_then(|listener| {
        fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
        fs::rename(&made, path)?;
        Ok(listener)
    });
    absent(fs::remove_dir_all(&folder))?;
    bound
}

async fn user(stream: &UnixStream) -> String {
    let Ok(credentials) = stream.peer_cred() else { return "unknown user".to_owned() };
    let uid = credentials.uid();
    let users = tokio::fs::read_to_string(USERS).await.unwrap_or_default();
    name(&users, uid).map_or_else(|| format!("uid {uid}"), str::to_owned)
}

fn name(users: &str, uid: u32) -> Option<&str> {
    let of = |line: &str| line.split(':').nth(2).and_then(|field| field.parse::<u32>().ok());
    let line = users.lines().find(|line| of(line) == Some(uid))?;
    line.split(':').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_the_name_that_the_machine_gives_it() {
        let users = "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n:x:7:7::/:\n";
        assert_eq!(name(users, 0), Some("root"));
        assert_eq!(name(users, 1000), Some("ada"));
        assert_eq!(name(users, 7), None);
        assert_eq!(name(users, 100), None);
        assert_eq!(name("", 0), None);
    }

    #[tokio::test]
    async fn a_living_host_is_named_and_a_dead_ones_socket_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let first = Socket::bind(&state).unwrap();
        let mode = fs::metadata(first.path()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let error = Socket::bind(&state).unwrap_err().to_string();
        assert!(error.contains("admin.sock") && error.contains("another host"), "{error}");
        drop(first);
        assert!(!state.join(SOCKET).exists());
        // What a host that was killed leaves behind.
        drop(std::os::unix::net::UnixListener::bind(state.join(SOCKET)).unwrap());
        assert!(state.join(SOCKET).exists());
        let second = Socket::bind(&state).unwrap();
        assert!(UnixStream::connect(second.path()).await.is_ok());
        let left: Vec<_> = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }
}
