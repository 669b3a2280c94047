//! The application: components, routes, variables.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::{Grants, Limits, Trigger};

/// An application as its manifest describes it, with every default filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct App {
    /// `application.name`.
    pub name: String,
    /// `application.version`, empty where absent.
    pub version: String,
    /// By name. What a component sees of them is [`Component::variables`].
    pub variables: BTreeMap<String, Variable>,
    /// Secrets that `wharf up` makes where they are absent, by variable name.
    pub generate: BTreeMap<String, Generate>,
    /// By kebab-case id.
    pub components: BTreeMap<String, Component>,
    /// HTTP triggers in the order of the file. Where two have the same pattern, the later one answers.
    pub triggers: Vec<Trigger>,
}

/// An application variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Used where no provider has a value. `None`: required.
    pub default: Option<String>,
    /// Never printed.
    pub secret: bool,
}

/// How `wharf up` makes a value that is nowhere set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generate {
    /// This many random bytes (16 to 64), in base64url without padding.
    Random {
        /// Number of bytes.
        bytes: usize,
    },
}

/// One component: where its code is, what it may use, how much of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Kebab-case id, unique in the application.
    pub id: String,
    /// Free text for people.
    pub description: String,
    /// Where the wasm file is.
    pub source: Source,
    /// What to hand to a shell, in the manifest's folder, when the file is missing. A list of commands under
    /// `build.command` is joined by `&&`, and `build.workdir` becomes a leading `cd`.
    pub build: Option<String>,
    /// Files that `build` reads, as patterns relative to the manifest's folder.
    pub watch: Vec<String>,
    /// Variables the component sees: its own name to a template over application variables.
    pub variables: BTreeMap<String, String>,
    /// WASI environment.
    pub environment: BTreeMap<String, String>,
    /// What it may use.
    pub grants: Grants,
    /// How much of it.
    pub limits: Limits,
    /// How long an instance lives.
    pub instances: Instances,
    /// Path that answers 200 when the component is ready to serve; `None`: ready once instantiated.
    pub ready: Option<String>,
    /// Private path that answers a JSON array of paths of files that never change under their names; `None`: none. The
    /// host keeps them, so that they are still found when a later release has others.
    pub assets: Option<String>,
    /// Private path that fills an empty installation with demonstration data (`wharf up --demo`).
    pub demo: Option<String>,
}

/// Where a component's code is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, relative to the manifest.
    File(String),
}

/// How long an instance of a component lives.
///
/// An instance serves one request at a time: its limits, faults and log lines belong to that request alone, and a
/// trap harms no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instances {
    /// Requests that one instance serves before it is dropped; 1 is a fresh instance for each. Default 128: enough to
    /// make instantiation vanish from the cost of a request, few enough to bound what a leak can hold.
    pub reuse: u32,
    /// An unused instance is dropped after this long. Default 30 s.
    pub idle: Duration,
}

impl Default for Instances {
    fn default() -> Self {
        Self { reuse: 128, idle: Duration::from_secs(30) }
    }
}
