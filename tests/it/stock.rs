//! Components that know nothing of Wharf run as they are.

use tests::host::Builder;

const STOCK: &str = r#"
spin_manifest_version = 2

[application]
name = "stock"
version = "1.0.0"
authors = ["Somebody <somebody@example.org>"]

[variables]
greeting = { default = "good morning" }

[[trigger.http]]
route = "/..."
component = "hello"

[[trigger.http]]
route = "/old"
component = "older"

[[trigger.http]]
route = "/gone"
static_response = { status_code = 410, headers = { x-why = "moved" }, body = "not here" }

[component.hello]
source = "{guests}/hello-p3.wasm"
[component.hello.variables]
greeting = "{{ greeting }}"
[component.hello.build]
command = "cargo build --target wasm32-wasip2 --release"
watch = ["src/**/*.rs"]

[component.older]
source = "{guests}/hello-p2.wasm"
"#;

#[test]
fn stock_components_of_both_generations_answer() {
    let host = Builder::of_text(STOCK).start();
    let client = host.client();
    assert_eq!(client.get("/").expect(200).text(), r#"{"hello":"world"}"#);
    assert_eq!(client.get("/old").expect(200).text(), r#"{"hello":"world"}"#);
    assert_eq!(client.get("/old").header("content-type"), "application/json");
}

#[test]
fn a_variable_reaches_its_component_alone() {
    let host = Builder::of_text(STOCK).with("--variable").with("greeting=salut").start();
    assert_eq!(host.client().get("/variable").expect(200).text(), "salut");
    let host = Builder::of_text(&STOCK.replace("greeting = \"{{ greeting }}\"", "")).start();
    assert!(host.client().get("/variable").expect(200).text().contains("greeting"), "undefined for this component");
}

#[test]
fn a_static_response_needs_no_component() {
    let host = Builder::of_text(STOCK).start();
    let answer = host.client().get("/gone").expect(410);
    assert_eq!((answer.header("x-why"), answer.text().as_str()), ("moved", "not here"));
}

#[test]
fn the_health_path_answers_and_nothing_else_is_told() {
    let host = Builder::of_text(STOCK).start();
    assert_eq!(host.client().get("/.well-known/spin/health").expect(200).text(), "OK");
    host.client().get("/.well-known/spin/info").expect(404);
}
