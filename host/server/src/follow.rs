//! `wharf up` follows its files: sources that change are built, and what was built takes over, through the same engine
//! as a deploy.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use control::{Change, Control, Engine, Kind, Order, Outcome};
use rollout::{Digest, ReleaseId, Store, Strategy};
use tokio::process::Command;
use tokio::time::{MissedTickBehavior, interval};

use crate::load::Application;
use crate::package::Package;
use crate::report::{Refusal, say};

/// How often the files are looked at: a person who saves does not notice it, and a few hundred files cost nothing.
const LOOK: Duration = Duration::from_millis(500);
/// Lines of a failed build that are shown; the compiler says the important thing last.
const BUILD_LINES_MAX: usize = 40;
/// Who deploys.
const WHO: &str = "wharf up";

/// What the files of an application looked like: a number a component for its sources, one for what was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    sources: BTreeMap<String, u64>,
    built: u64,
}

impl Seen {
    /// Looks now. To be called before the files are read for the start, so that no change in between is missed.
    pub fn now(application: &Application) -> Self {
        let components = application.app.components.values();
        let mut built: Vec<PathBuf> = components.clone().map(|component| application.file(component)).collect();
        let folders = components.clone().filter_map(|component| component.grants.sql.as_ref()?.migrations.as_ref());
        built.extend(folders.flat_map(|folder| expand(&application.root, &format!("{folder}/*.sql"))));
        built.push(application.manifest.clone());
        let sources = components.filter(|component| component.build.is_some()).map(|component| {
            let files = component.watch.iter().flat_map(|pattern| expand(&application.root, pattern));
            (component.id.clone(), looks(files))
        });
        Self { sources: sources.collect(), built: looks(built.into_iter()) }
    }
}

/// Follows the files until it is dropped.
pub struct Follower {
    /// Where the application is.
    pub manifest: PathBuf,
    /// What it looked like when the host started with it.
    pub seen: Seen,
    /// Where files go.
    pub store: Arc<Store>,
    /// What deploys them.
    pub engine: Engine,
}

impl Follower {
    /// Looks, builds, deploys. Whatever goes wrong is told on the screen, and the next change tries again.
    pub async fn run(mut self) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            match tokio::task::block_in_place(|| Application::read(&self.manifest)) {
                Ok(application) => self.look(&application).await,
                // Half-written: the next look sees it whole, or tells what is wrong once it is deployed by hand.
                Err(refusal) => tracing::debug!("the manifest cannot be read: {refusal:?}"),
            }
        }
    }

    async fn look(&mut self, application: &Application) {
        let now = tokio::task::block_in_place(|| Seen::now(application));
        if now == self.seen {
            return;
        }
        let changed: Vec<_> = now
            .sources
            .iter()
            .filter(|(id, looks)| self.seen.sources.get(*id).is_some_and(|before| before != *looks))
            .map(|(id, _)| id.clone())
            .collect();
        self.seen = now;
        let mut built = HashSet::new();
        for id in changed {
            let command = application.app.components.get(&id).and_then(|component| component.build.clone());
            // One command may build several.
            if let Some(command) = command.filter(|command| built.insert(command.clone())) {
                say(&format!("building {id}"));
                if let Err(lines) = build(&application.root, &command).await {
                    say(&format!("{lines}\n{id} was not built; what served before serves on"));
                    return;
                }
            }
        }
        self.seen.built = tokio::task::block_in_place(|| Seen::now(application)).built;
        self.deploy(application).await;
    }

    async fn deploy(&self, application: &Application) {
        let began = tokio::time::Instant::now();
        match self.deployed(application).await {
            Ok(Some(id)) => say(&format!("{id} serves, after {} ms", began.elapsed().as_millis())),
            Ok(None) => {}
            Err(why) => say(&format!("not deployed: {why}")),
        }
    }

    /// Puts the files into the store. A sweep that goes on meanwhile may take what it does not know of yet: then again,
    /// since what was asked for once is spared.
    fn imported(&self, application: &Application) -> Result<Change, Refusal> {
        let import = || tokio::task::block_in_place(|| change(&self.store, application));
        let imported = import()?;
        let kept: Vec<_> = objects(&imported).into_iter().map(|object| self.engine.has(object)).collect();
        if kept.iter().all(|kept| *kept) { Ok(imported) } else { import() }
    }

    async fn deployed(&self, application: &Application) -> Result<Option<ReleaseId>, String> {
        let change = self.imported(application).map_err(|refusal| refusal.text().unwrap_or_default())?;
        let plan = self.engine.plan(change.clone()).await.map_err(|refusal| in_lines(&refusal))?;
        if plan.plan.is_empty() {
            return Ok(None);
        }
        // It is the developer's own machine: what the manifest says is what is wanted.
        let approve = plan.unapproved.into_iter().collect();
        let order = Order { strategy: Some(Strategy::Now), approve, ..Order::of(change) };
        let id = match self.engine.deploy(order, WHO.to_owned()).await {
            Ok(id) => id,
            Err(refusal) if refusal.kind == Kind::Conflict => return Ok(None),
            Err(refusal) => return Err(in_lines(&refusal)),
        };
        let mut changes = self.engine.changes();
        loop {
            changes.borrow_and_update();
            let ended = self.engine.status().ended.filter(|ended| ended.release == id);
            match ended {
                Some(ended) if ended.outcome == Outcome::Live => return Ok(Some(id)),
                Some(ended) => return Err(ended.why),
                None => changes.changed().await.map_err(|_| "the host is stopping".to_owned())?,
            }
        }
    }
}

/// What a change is made of.
fn objects(change: &Change) -> Vec<Digest> {
    let migrations = change.migrations.values().flatten().map(|migration| migration.checksum);
    change.manifest.into_iter().chain(change.wasm.values().copied()).chain(migrations).collect()
}

/// Everything that the files say.
fn change(store: &Store, application: &Application) -> Result<Change, Refusal> {
    // The number and the time are the deploy's own.
    let release = Package::import(store, application, ReleaseId(0), 0, WHO)?;
    let parts = release.components;
    Ok(Change {
        manifest: Some(release.manifest),
        wasm: parts.iter().map(|(id, part)| (id.clone(), part.wasm)).collect(),
        migrations: parts.into_iter().map(|(id, part)| (id, part.migrations)).collect(),
    })
}

async fn build(root: &Path, command: &str) -> Result<(), String> {
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(root).stdin(Stdio::null()).kill_on_drop(true);
    let output = shell.output().await.map_err(|error| format!("`{command}`: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<_> = text.lines().collect();
    let shown = lines.get(lines.len().saturating_sub(BUILD_LINES_MAX)..).unwrap_or_default();
    Err(shown.join("\n"))
}

fn expand(root: &Path, pattern: &str) -> Vec<PathBuf> {
    let pattern = root.join(pattern);
    let found = pattern.to_str().and_then(|pattern| glob::glob(pattern).ok());
    found.into_iter().flatten().filter_map(Result::ok).collect()
}

/// One number for names, sizes and times of files.
fn looks(files: impl Iterator<Item = PathBuf>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for file in files {
        let metadata = std::fs::metadata(&file).ok();
        let looks = metadata.map(|metadata| (metadata.len(), metadata.modified().ok()));
        (file, looks).hash(&mut hasher);
    }
    hasher.finish()
}

fn in_lines(refusal: &control::Refusal) -> String {
    let lines = std::iter::once(&refusal.message).chain(&refusal.details);
    lines.map(String::as_str).collect::<Vec<_>>().join("\n  ")
}
