//! Values of the application's variables, from the command line, files and the environment.

use std::collections::BTreeMap;

use manifest::App;
use variables::{Sources, VariablesProvider};

use crate::app::Options;
use crate::report::{Finding, Refusal};
use crate::secrets;

/// Prefix of environment variables that hold values, for hints.
const ENVIRONMENT_PREFIX: &str = "SPIN_VARIABLE_";

/// Collects the values: command line and `host.toml`, then files in `<state>/secrets`, then the environment, then the
/// manifest's defaults.
///
/// # Errors
/// [`Refusal::Invalid`] naming every required variable without a value.
pub fn variables(app: &App, options: &Options) -> Result<VariablesProvider, Refusal> {
    let folder = options.config.state.dir.join("secrets");
    let mut files = secrets::read(&folder)?;
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    if options.developer {
        let present = provider(app, options, &files, &environment);
        secrets::make_absent(app, &folder, |name| present.resolve(name).is_some())?;
        files = secrets::read(&folder)?;
    }
    let provider = provider(app, options, &files, &environment);
    let missing = provider.missing();
    if missing.is_empty() {
        return Ok(provider);
    }
    let finding = |name: &String| {
        let hint = format!(
            "put it into {}, or set {ENVIRONMENT_PREFIX}{}, or give `--variable {name}=...`",
            folder.join(name).display(),
            name.to_uppercase()
        );
        Finding::new(format!("variable `{name}` is required and has no value"), hint)
    };
    Err(Refusal::Invalid(missing.iter().map(finding).collect()))
}

fn provider(
    app: &App,
    options: &Options,
    files: &BTreeMap<String, String>,
    environment: &[(String, String)],
) -> VariablesProvider {
    let environment = environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let sources = Sources::new().values(options.config.variables.clone()).files(files.clone()).environment(environment);
    VariablesProvider::new(app, &sources)
}
