//! What a wrong manifest gets: every mistake at once, a hint for each, exit code 64, and nothing started.

use tests::host::Builder;

#[track_caller]
fn refused(text: &str) -> String {
    let builder = Builder::of_text(text);
    let (status, errors) = builder.refuse();
    assert_eq!(status.code(), Some(64), "{errors}");
    assert!(!builder.state().join("queue.db").exists(), "nothing was started");
    errors
}

#[test]
fn three_mistakes_are_three_errors_with_their_lines() {
    let errors = refused(
        r#"spin_manifest_version = 2
[application]
name = "wrong"
[[trigger.http]]
route = "/..."
component = "hallo"
[component.hello]
source = "{guests}/hello-p3.wasm"
[component.hello.tool.wharf]
limits = { memory = "64" }
instance = { reuse = 3 }
"#,
    );
    assert_eq!(errors.matches("error:").count(), 3, "{errors}");
    for place in ["spin.toml:6:", "spin.toml:10:", "spin.toml:11:"] {
        assert!(errors.contains(place), "{place} in {errors}");
    }
    assert!(errors.matches("hint:").count() >= 3, "{errors}");
}

#[test]
fn an_import_that_no_grant_covers_names_itself_and_the_line_to_add() {
    let errors = refused(
        r#"spin_manifest_version = 2
[application]
name = "ungranted"
[[trigger.http]]
route = "/..."
component = "powers"
[component.powers]
source = "{guests}/powers.wasm"
[component.powers.tool.wharf]
sql = true
blob = true
password = true
events = ["*"]
"#,
    );
    assert!(errors.contains("wharf:mail/mail@0.1.0") && errors.contains("mail = true"), "{errors}");
    assert!(errors.contains("wharf:queue/queue@0.1.0") && errors.contains("send = ["), "{errors}");
    assert!(!errors.contains("wharf:sql/sql"), "{errors}");
}

#[test]
fn a_missing_wasm_file_names_the_command_that_builds_it() {
    let errors = refused(
        r#"spin_manifest_version = 2
[application]
name = "unbuilt"
[[trigger.http]]
route = "/..."
component = "absent"
[component.absent]
source = "absent.wasm"
[component.absent.build]
command = "make absent"
"#,
    );
    assert!(errors.contains("absent.wasm") && errors.contains("`make absent`"), "{errors}");
}

#[test]
fn a_file_that_is_no_component_is_refused() {
    let builder = Builder::of_text(
        r#"spin_manifest_version = 2
[application]
name = "text"
[[trigger.http]]
route = "/..."
component = "text"
[component.text]
source = "spin.toml"
"#,
    );
    let (status, errors) = builder.refuse();
    assert_eq!(status.code(), Some(64), "{errors}");
    assert!(errors.contains("not a WebAssembly component"), "{errors}");
}

#[test]
fn a_required_variable_without_a_value_is_named() {
    let errors = refused(
        r#"spin_manifest_version = 2
[application]
name = "unset"
[variables]
token = { required = true, secret = true }
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = "{guests}/hello-p3.wasm"
"#,
    );
    assert!(errors.contains("`token`") && errors.contains("SPIN_VARIABLE_TOKEN"), "{errors}");
}

#[test]
fn an_absent_manifest_says_how_to_name_one() {
    let (status, errors) = Builder::of_manifest("/nowhere/spin.toml").refuse();
    assert_eq!(status.code(), Some(64));
    assert!(errors.contains("-f <file or folder>"), "{errors}");
}
