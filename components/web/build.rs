//! Collects what Vite made of `app` into a table that is compiled into the component: no file is read at run time.
//!
//! Native checks work without the pages: the table is empty then. A component without pages is refused.

use std::env::{self, VarError};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Bytes of a file's SHA-256 that stand in its entity tag.
const TAG_BYTES: usize = 10;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dist = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("app/dist");
    say(&format!("cargo::rerun-if-changed={}", dist.display()));
    let mut paths = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &mut paths)?;
    } else if variable("CARGO_CFG_TARGET_FAMILY")?.contains("wasm") {
        say("cargo::error=the pages are not built: run deploy/setup/components.sh target/components web");
    }
    paths.sort();
    let mut table = "pub(crate) static FILES: &[File] = &[\n".to_owned();
    for path in &paths {
        table.push_str(&entry(&dist, path)?);
    }
    table.push_str("];\n");
    fs::write(PathBuf::from(variable("OUT_DIR")?).join("files.rs"), table)?;
    Ok(())
}

fn variable(name: &str) -> Result<String, VarError> {
    env::var(name)
}

/// Talks to cargo.
fn say(line: &str) {
    println!("{line}");
}

/// The files below a folder, without compressed copies and without what is hidden.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if !name.starts_with('.') && !name.ends_with(".br") && !name.ends_with(".gz") {
            paths.push(path);
        }
    }
    Ok(())
}

/// One line of the table.
fn entry(dist: &Path, path: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let address = text(path.strip_prefix(dist)?)?;
    let media_type = media_type(address).ok_or_else(|| format!("{address}: no media type is known for its ending"))?;
    let mut tag = String::new();
    for byte in Sha256::digest(fs::read(path)?).iter().take(TAG_BYTES) {
        write!(tag, "{byte:02x}")?;
    }
    let place = text(path)?;
    let copy = |ending: &str| {
        let copy = format!("{place}.{ending}");
        if Path::new(&copy).is_file() { format!("Some(include_bytes!({copy:?}))") } else { "None".to_owned() }
    };
    let (brotli, gzip) = (copy("br"), copy("gz"));
    Ok(format!(
        "    File {{ path: \"/{address}\", media_type: {media_type:?}, tag: \"{tag}\", plain: include_bytes!({place:?}), \
         brotli: {brotli}, gzip: {gzip} }},\n"
    ))
}

fn text(path: &Path) -> Result<&str, &'static str> {
    path.to_str().ok_or("a path is no UTF-8")
}

fn media_type(address: &str) -> Option<&'static str> {
    Some(match address.rsplit('.').next()? {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}
