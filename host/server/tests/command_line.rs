//! The binary as a person meets it: help, mistakes, exit codes.
#![expect(clippy::unwrap_used, reason = "outside a test function the lint is not lifted")]

use std::process::{Command, Output};

fn wharf(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wharf")).args(arguments).output().unwrap()
}

#[test]
fn help_is_an_answer_and_names_every_command() {
    let output = wharf(&["--help"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    for command in ["up", "serve", "check"] {
        assert!(text.contains(command), "{command} in {text}");
    }
}

#[test]
fn a_mistake_on_the_command_line_is_usage() {
    for mistake in [&["upp"][..], &["up", "--lissten", "x"], &["serve", "--listen", "here"], &["up", "--variable", "x"]]
    {
        let output = wharf(mistake);
        assert_eq!(output.status.code(), Some(64), "{mistake:?}");
        assert!(!output.stderr.is_empty(), "{mistake:?}");
    }
}

#[test]
fn check_says_what_is_wrong_and_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("spin.toml");
    std::fs::write(&manifest, "spin_manifest_version = 2\n[application]\nnam = \"x\"\n").unwrap();
    let output =
        wharf(&["check", "-f", manifest.to_str().unwrap(), "--state-dir", folder.path().join("s").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(64));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("spin.toml:3:") && text.contains("hint:"), "{text}");
    assert!(!folder.path().join("s").exists());
}
