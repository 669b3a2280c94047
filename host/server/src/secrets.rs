//! Values that `wharf up` makes when nobody has set them, and files that hold values.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use manifest::{App, Generate};

/// Reads one value a file, named by its variable. A trailing line break is not part of the value.
///
/// # Errors
/// When the folder exists and a file in it cannot be read as text.
pub fn read(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(values) };
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_file()) else { continue };
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        values.insert(name.to_owned(), text.trim_end_matches(['\r', '\n']).to_owned());
    }
    Ok(values)
}

/// Makes the values of the manifest's `generate` table that are not `present`, each in a file that only this user can
/// read.
///
/// # Errors
/// When the folder or a file cannot be written, or the machine has no randomness.
pub fn make_absent(app: &App, folder: &Path, present: impl Fn(&str) -> bool) -> anyhow::Result<()> {
    for (name, generate) in &app.generate {
        if present(name) {
            continue;
        }
        let value = random(*generate)?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let path = folder.join(name);
        let open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = open.with_context(|| format!("cannot write {}", path.display()))?;
        file.write_all(value.as_bytes())?;
        file.sync_all()?;
    }
    Ok(())
}

fn random(generate: Generate) -> anyhow::Result<String> {
    let Generate::Random { bytes } = generate;
    let mut value = vec![0; bytes];
    getrandom::fill(&mut value).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(value))
}
