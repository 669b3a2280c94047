//! Where things are.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The repository that the running program was started in. Not the one it was built in: several clones share what was
/// built.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = std::env::current_dir().expect("a running program is in a folder");
        let root = folder.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
        root.expect("start it in the repository").to_path_buf()
    });
    &ROOT
}

/// A binary of the workspace, built beside the running one.
pub fn binary(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().expect("a running program has a path");
    while folder.pop() {
        let candidate = folder.join(name);
        if candidate.is_file() {
            return candidate;
        }
    }
    panic!("{name} is not built; run `make test`, which builds it first")
}

/// A fixture component.
pub fn guest(name: &str) -> PathBuf {
    let path = root().join("target/guests").join(format!("{name}.wasm"));
    assert!(path.is_file(), "{} is not built; run `make guests`", path.display());
    path
}
