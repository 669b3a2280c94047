//! The style rules, executed: allowed arrows between crates, sizes, names, and places where things may be said.
//!
//! A red test here is a question about the design, not about taste: change the rule and ARCHITECTURE.md together, or
//! the code.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Tests start in their package's folder. A path from the build would be that of the clone that was built first.
fn root() -> PathBuf {
    Path::new("..").canonicalize().unwrap()
}

/// Tracked and new files of the repository, without what git ignores.
fn files(extension: &str) -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard", "--", &format!("*.{extension}")])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let list = String::from_utf8(output.stdout).unwrap();
    let files: Vec<_> = list.lines().map(|line| root().join(line)).filter(|path| path.is_file()).collect();
    assert!(!files.is_empty() || extension == "none", "no .{extension} file was found");
    files
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[track_caller]
fn none(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}

/// What each crate of ours may depend on; `*` is every other crate.
fn allowed_arrows() -> BTreeMap<&'static str, &'static [&'static str]> {
    const CAPABILITY: &[&str] = &["body", "manifest"];
    // Their tests start real servers.
    const WITH_SERVERS: &[&str] = &["body", "manifest", "instances"];
    const ROOM: &[&str] = &["sdk", "events", "scenario"];
    // They share a database and the rules of what is in it; `tasks` is those rules and their SQL.
    const WORKFLOW_ROOM: &[&str] = &["sdk", "events", "scenario", "tasks"];
    BTreeMap::from([
        ("body", &[][..]),
        ("manifest", &[]),
        ("edge", &["body"]),
        ("router", &["body", "manifest"]),
        ("runtime", &["body", "manifest"]),
        ("sql", WITH_SERVERS),
        ("queue", WITH_SERVERS),
        ("blob", CAPABILITY),
        ("mail", CAPABILITY),
        ("password", CAPABILITY),
        ("live", CAPABILITY),
        ("outbound", CAPABILITY),
        ("variables", CAPABILITY),
        ("rollout", WITH_SERVERS),
        ("control", &["rollout"]),
        ("admin", &["body", "control", "edge", "rollout"]),
        ("server", &["*"]),
        ("sdk", &[]),
        ("events", &[]),
        ("scenario", &[]),
        ("tasks", &["sdk", "events"]),
        ("auth", ROOM),
        ("tickets", ROOM),
        ("notifications", ROOM),
        ("notification-worker", ROOM),
        ("workflows", WORKFLOW_ROOM),
        ("workflow-worker", WORKFLOW_ROOM),
        ("comments", ROOM),
        ("web", &["sdk"]),
        ("instances", &[]),
        ("tests", &["*"]),
    ])
}

#[test]
fn crates_depend_only_along_the_allowed_arrows() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<_> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let allowed = allowed_arrows();
    let mut findings = Vec::new();
    for package in packages {
        let (from, manifest) = (package["name"].as_str().unwrap(), package["manifest_path"].as_str().unwrap());
        let fixture = manifest.contains("/tests/guests/");
        let Some(targets) = allowed.get(from).copied().or_else(|| fixture.then_some(&["sdk"])) else {
            findings.push(format!("{from} is not in the table of arrows"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            let is_ours = dependency["path"].is_string() && ours.contains(to);
            if is_ours && !targets.contains(&"*") && !targets.contains(&to) {
                findings.push(format!("{from} -> {to}"));
            }
        }
    }
    none(&findings, "arrows that ARCHITECTURE.md does not allow");
}

#[test]
fn only_their_owners_name_these_dependencies() {
    // A driver or engine that a second crate names is a fence that has fallen.
    let owners: [(&str, &[&str]); 9] = [
        ("toml", &["manifest", "server"]),
        ("governor", &["edge"]),
        ("arc-swap", &["router"]),
        ("argon2", &["password"]),
        ("sqlx", &["sql", "queue", "rollout"]),
        ("lapin", &["queue"]),
        ("clap", &["server"]),
        ("anyhow", &["server"]),
        ("tracing-subscriber", &["server"]),
    ];
    let mut findings = Vec::new();
    for path in files("toml").iter().filter(|path| path.ends_with("Cargo.toml") && name(path).starts_with("host/")) {
        let text = std::fs::read_to_string(path).unwrap();
        let crate_name = path.parent().and_then(Path::file_name).unwrap().to_str().unwrap();
        for (dependency, allowed) in owners {
            let named = text
                .lines()
                .any(|line| line.starts_with(&format!("{dependency}.")) || line.starts_with(&format!("{dependency} ")));
            if named && !allowed.contains(&crate_name) {
                findings.push(format!("{crate_name} names {dependency}"));
            }
        }
    }
    none(&findings, "dependencies with one owner");
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    let bare = |path: &&PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        text.contains("[package]") && !text.contains("[lints]\nworkspace = true")
    };
    let manifests = files("toml");
    let findings: Vec<_> =
        manifests.iter().filter(|path| path.ends_with("Cargo.toml")).filter(bare).map(|path| name(path)).collect();
    none(&findings, "without `[lints] workspace = true`");
}

fn is_generated_or_test(path: &Path) -> bool {
    let name = name(path);
    name.ends_with("bindings.rs")
        || name.ends_with("/tests.rs")
        || name.contains("/tests/")
        || name.starts_with("tests/")
}

#[test]
fn files_stay_within_one_noun() {
    const FILE_MAX: usize = 400;
    const LIB_MAX: usize = 100;
    let mut findings = Vec::new();
    for path in files("rs").iter().filter(|path| !is_generated_or_test(path)) {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let (lines, in_tests) = (code.lines().count(), text.lines().count() - code.lines().count());
        let is_lib = path.ends_with("lib.rs") || path.ends_with("main.rs");
        if lines > FILE_MAX || (is_lib && lines > LIB_MAX) {
            findings.push(format!("{}: {lines} lines", name(path)));
        }
        if in_tests > 104 {
            findings.push(format!("{}: {in_tests} lines of inline tests; move them to a file", name(path)));
        }
    }
    none(&findings, "files that hold more than one noun");
}

#[test]
fn modules_have_names_that_say_something() {
    let banned = ["common", "util", "utils", "core", "helpers", "misc", "mod"];
    let findings: Vec<_> = files("rs")
        .iter()
        .filter(|path| path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| banned.contains(&stem)))
        .map(|path| name(path))
        .collect();
    none(&findings, "module names that say nothing");
}

#[test]
fn every_module_says_what_it_owns() {
    let findings: Vec<_> = files("rs")
        .iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .filter(|path| !std::fs::read_to_string(path).unwrap().trim_start().starts_with("//!"))
        .map(|path| name(path))
        .collect();
    none(&findings, "modules without a first line of documentation");
}

#[test]
fn tests_neither_sleep_nor_are_switched_off() {
    let words = [["thread::", "sleep("].concat(), ["time::", "sleep("].concat(), ["#[", "ignore"].concat()];
    let mut findings = Vec::new();
    for path in files("rs").iter().filter(|path| is_generated_or_test(path)) {
        let text = std::fs::read_to_string(path).unwrap();
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                findings.push(format!("{}:{}: {}", name(path), number + 1, line.trim()));
            }
        }
    }
    none(&findings, "sleeps and ignored tests");
}

#[test]
fn every_displayed_error_leaves_its_source_to_the_chain() {
    let findings: Vec<_> = files("rs")
        .iter()
        .filter(|path| path.ends_with("error.rs"))
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let lines: Vec<_> = text.lines().map(str::to_owned).collect();
            let path = name(path);
            lines
                .into_iter()
                .filter(|line| line.contains("#[error(") && line.contains("{source"))
                .map(move |line| format!("{path}: {}", line.trim()))
        })
        .collect();
    none(&findings, "errors that print their source");
}

#[test]
fn the_documents_stay_short_enough_to_be_read() {
    for (document, max) in [("ARCHITECTURE.md", 250), ("CONTRIBUTING.md", 150)] {
        let lines = std::fs::read_to_string(root().join(document)).unwrap().lines().count();
        assert!(lines <= max, "{document}: {lines} lines of {max}");
    }
}

#[test]
fn dependencies_stay_within_the_budget() {
    const HOST_MAX: usize = 400;
    let output = Command::new(env!("CARGO"))
        .args(["tree", "-p", "server", "-e", "normal,build", "--prefix", "none", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    let packages: BTreeSet<_> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    assert!(packages.len() > 100, "{}", String::from_utf8_lossy(&output.stderr));
    assert!(packages.len() <= HOST_MAX, "{} packages of {HOST_MAX} in the host", packages.len());
}
