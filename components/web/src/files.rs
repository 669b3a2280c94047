//! The files of the application, as `build.rs` collected them. Empty where the pages were not built (native checks).

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// A file with its compressed copies.
#[derive(Debug)]
pub(crate) struct File {
    /// Its address, beginning with a slash.
    pub(crate) path: &'static str,
    /// What it is.
    pub(crate) media_type: &'static str,
    /// The beginning of its content's hash.
    pub(crate) tag: &'static str,
    /// Its content.
    pub(crate) plain: &'static [u8],
    /// Its content compressed, where that is smaller.
    pub(crate) brotli: Option<&'static [u8]>,
    /// Its content compressed, where that is smaller.
    pub(crate) gzip: Option<&'static [u8]>,
}

impl File {
    /// Whether its name changes with its content, so that a copy of it never grows old.
    pub(crate) fn is_hashed(&self) -> bool {
        self.path.starts_with("/assets/")
    }
}

/// The file at an address; the table is ordered by path.
pub(crate) fn find(files: &'static [File], path: &str) -> Option<&'static File> {
    files.binary_search_by(|file| file.path.cmp(path)).ok().and_then(|at| files.get(at))
}
