//! One mistake each, and several at once.

use super::*;
use crate::Severity;

/// Lines before the first one of `settings`.
const BEFORE: &str = r#"spin_manifest_version = 2
variables.token = { required = true }
[application]
name = "shop"
[[trigger.http]]
route = { private = true }
component = "web"
[component.web]
source = "web.wasm"
"#;

fn findings(text: &str) -> Vec<Diagnostic> {
    match parse("spin.toml", text) {
        Ok((_, warnings)) => warnings,
        Err(all) => all,
    }
}

fn report(text: &str) -> String {
    findings(text).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Findings about a component `web` with more keys, and then whatever follows.
fn about_component(keys: &str) -> String {
    report(&format!("{BEFORE}{keys}\n"))
}

/// Findings about `[component.web.tool.wharf]`.
fn about_settings(keys: &str) -> String {
    about_component(&format!("[component.web.tool.wharf]\n{keys}"))
}

/// Each text on the left must give exactly one finding, which holds the text on the right.
fn each_gives_one(about: impl Fn(&str) -> String, cases: &[(&str, &str)]) {
    for (keys, expected) in cases {
        let report = about(keys);
        assert_eq!(report.matches("spin.toml:").count(), 1, "{keys}\n{report}");
        assert!(report.contains(expected), "{keys}\n{report}");
    }
}

#[test]
fn three_mistakes_give_three_errors() {
    let text = r#"spin_manifest_version = 2

[application]
name = "shop"

[[trigger.http]]
route = "/api/..."
component = "oders"

[component.orders]
source = "orders.wasm"

[component.orders.tool.wharf]
sql = true
limits = { memroy = "64MiB", deadline = "30" }
"#;
    insta::assert_snapshot!(report(text), @r#"
    spin.toml:8:13: error: unknown component `oders`
      hint: did you mean `orders`?
    spin.toml:15:12: error: unknown key `memroy` in `limits`
      hint: did you mean `memory`?
    spin.toml:15:41: error: `30` has no unit
      hint: write a whole number and a unit, for example 500ms, 30s, 5m, 2h or 1d
    "#);
}

#[test]
fn an_empty_file_misses_the_two_things_it_needs() {
    insta::assert_snapshot!(report(""), @r#"
    spin.toml:1:1: error: `spin_manifest_version` is missing
      hint: write `spin_manifest_version = 2`
    spin.toml:1:1: error: `application` is missing in the manifest
      hint: write `[application]` with a `name`
    "#);
}

#[test]
fn every_line_that_is_no_toml_is_reported() {
    let found = findings("spin_manifest_version = 2\n[application\nname = \"a\"\nversion = = 1\nname = \"b\"\n");
    let lines: Vec<_> = found.iter().map(|one| one.line).collect();
    assert_eq!(lines, [2, 4], "{found:?}");
    assert!(found.iter().all(|one| one.severity == Severity::Error));
}

#[test]
fn an_older_form_is_named_and_nothing_else_said() {
    let report = report("spin_manifest_version = \"1\"\nname = \"old\"\n[[component]]\nid = \"a\"\n");
    assert_eq!(report.matches("spin.toml:").count(), 1, "{report}");
    assert!(report.contains("spin.toml:1:25: error: only version 2"), "{report}");
}

#[test]
fn limits_have_ranges() {
    each_gives_one(
        |keys| about_settings(&format!("limits = {{ {keys} }}")),
        &[
            ("memory = \"1023KiB\"", "`memory` is 1023KiB, which is out of range\n  hint: write 1MiB to 4GiB"),
            ("memory = \"5GiB\"", "write 1MiB to 4GiB"),
            ("memory = 64", "`memory` must be a size, found an integer\n  hint: write a number and a unit in quotes"),
            ("deadline = \"9ms\"", "write 10ms to 1h"),
            ("deadline = \"1d\"", "write 10ms to 1h"),
            ("deadline = \"soon\"", "`soon` is not a duration"),
            ("request_body = \"1B\"", "write 1KiB to 1GiB"),
            ("response_body = \"1MB\"", "write `1MiB`"),
            ("concurrency = 0", "write 1 to 1000"),
            ("concurrency = -1", "`concurrency` is -1, which is out of range"),
            ("concurrency = 99999999999999999999", "write 1 to 1000"),
            ("concurrency = \"4\"", "`concurrency` must be a whole number, found a string"),
            ("wait = \"2m\"", "write 0ms to 1m"),
            ("outbound = 1.5", "found a float"),
        ],
    );
    assert_eq!(about_settings("limits = { memory = \"4GiB\", wait = \"0s\", concurrency = 0x10, outbound = 0 }"), "");
}

#[test]
fn grants_have_one_form_each() {
    each_gives_one(
        about_settings,
        &[
            ("mail = \"yes\"", "`mail` must be true or false, found a string\n  hint: leave out the quotes"),
            ("sql = { database = \"A B\" }", "`A B` is not a database name"),
            ("sql = { migrations = \"../x\" }", "`../x` is outside the manifest's folder"),
            ("sql = { migration = \"x\" }", "did you mean `migrations`?"),
            ("sql = 1", "`sql` must be true or false, found an integer"),
            ("blob = { max_bytes = \"0B\" }", "write 1B to 5GiB"),
            ("passwords = true", "unknown key `passwords` in `tool.wharf`\n  hint: did you mean `password`?"),
            ("send = [\"Ticket\"]", "`Ticket` is not a topic"),
            ("send = \"ticket.*\"", "`send` must be a list, found a string\n  hint: write `send = [\"ticket.*\"]`"),
            ("send = [1]", "an entry of `send` must be a string, found an integer"),
            ("events = [\"a b\"]", "`a b` is not a channel"),
            ("ready = \"readyz\"", "path `readyz` has no leading `/`\n  hint: write `/readyz`"),
            ("demo = \"/a b\"", "`/a b` is more or less than a path"),
            ("instances = { reuse = 0 }", "write 1 to 1000000"),
            ("instances = { idle = \"1ms\" }", "write 100ms to 1h"),
        ],
    );
    assert_eq!(about_settings("sql = false\nblob = false\nmail = false\nsend = []\nevents = [\"*\"]"), "");
}

#[test]
fn consumers_are_checked() {
    each_gives_one(
        about_settings,
        &[
            ("consume = { topics = [\"a\"] }", "write `consume = [{ ... }]`"),
            ("consume = [{ queue = \"a\" }]", "`topics` is missing in an entry of `consume`"),
            ("consume = [{ topics = [] }]", "the queue takes no topic"),
            ("consume = [{ topics = [\"*.a\"] }]", "`*.a` is not a topic"),
            ("consume = [{ topics = [\"a\"], queue = \"My Queue\" }]", "write `my-queue`"),
            ("consume = [{ topics = [\"a\"] }, { topics = [\"b\"] }]", "queue `web` is there already, on line 11"),
            ("consume = [{ topics = [\"a\"], path = \"x\" }]", "has no leading `/`"),
            ("consume = [{ topics = [\"a\"], max_attempts = 0 }]", "write 1 to 100"),
            ("consume = [{ topics = [\"a\"], backoff = \"10m\" }]", "`backoff_max` is below `backoff`"),
            ("consume = [{ topics = [\"a\"], deadline = \"2h\" }]", "write 10ms to 1h"),
            ("consume = [{ topics = [\"a\"], retries = 1 }]", "unknown key `retries` in an entry of `consume`"),
        ],
    );
}

#[test]
fn schedules_are_checked() {
    let good = "name = \"sweep\", path = \"/sweep\"";
    each_gives_one(
        |keys| about_settings(&format!("cron = [{{ {keys} }}]")),
        &[
            (&format!("{good}, schedule = \"* * * *\""), "has 4 fields instead of five"),
            (&format!("{good}, schedule = \"61 * * * *\""), "`61` is not a minute"),
            (good, "`schedule` is missing"),
            (&format!("{good}, schedule = \"0 0 * * *\", time_zone = \"\""), "`` is not a time zone"),
            (&format!("{good}, schedule = \"0 0 * * *\", missed = \"one\""), "did you mean `once`?"),
            ("name = \"a\", schedule = \"0 0 * * *\"", "`path` is missing"),
            ("path = \"/a\", schedule = \"0 0 * * *\"", "`name` is missing"),
            (
                &format!("{good}, schedule = \"0 0 * * *\" }}, {{ {good}, schedule = \"1 0 * * *\""),
                "cron `sweep` is there already, on line 11",
            ),
        ],
    );
}

#[test]
fn components_keep_to_stock_rules() {
    each_gives_one(
        about_component,
        &[
            ("sourse = \"x\"", "unknown key `sourse` in component `web`\n  hint: did you mean `source`?"),
            ("[component.other]\nsuorce = \"x\"", "did you mean `source`?"),
            ("files = [\"a\"]", "`files` is not supported by wharf yet"),
            ("key_value_stores = [\"default\"]", "`key_value_stores` is not supported by wharf yet"),
            ("sqlite_databases = [\"default\"]", "write `sql = true`"),
            ("ai_models = [\"a\"]", "`ai_models` is not supported by wharf yet"),
            ("allowed_http_hosts = [\"a\"]", "write `allowed_outbound_hosts`"),
            ("allowed_outbound_hosts = [\"example.org\"]", "`example.org` has no scheme"),
            ("allowed_outbound_hosts = [\"http://{{ x }}\"]", "unknown variable `x`\n  hint: known variables: token"),
            ("variables = { a = \"{{ tokn }}\" }", "did you mean `token`?"),
            ("variables = { a = \"{{ token\" }", "`{{` without `}}`"),
            ("variables = { A = \"\" }", "write `a`"),
            ("environment = { A = 1 }", "put the value in quotes"),
            ("build = { watch = [] }", "`command` is missing in `build`"),
            ("[component.web.dependencies]\n\"a:b\" = \"1.0\"", "`a:b` is not supported by wharf yet"),
            ("[component.Web_2]\nsource = \"x\"", "`Web_2` is not in kebab-case"),
            ("[component.other]", "`source` is missing in component `other`"),
            ("[component.other]\nsource = { url = \"x\", digest = \"y\" }", "`source` is not supported by wharf yet"),
            ("[component.other]\nsource = \"x\"", "warning: nothing reaches component `other`"),
        ],
    );
    assert_eq!(about_component("files = []\nprofile = { debug = { source = \"x\" } }\ntool = { other = 1 }"), "");
    assert_eq!(about_component("[component.web.dependencies]\n\"wharf:sql\" = { path = \"adapter.wasm\" }"), "");
}

#[test]
fn routes_are_checked() {
    each_gives_one(
        |keys| about_component(&format!("[[trigger.http]]\n{keys}")),
        &[
            ("component = \"web\"", "`route` is missing in the trigger"),
            ("route = \"/\"", "the trigger has no `component`"),
            ("route = \"/a//b\"\ncomponent = \"web\"", "has an empty segment"),
            ("route = { private = false }\ncomponent = \"web\"", "`private` can only be true"),
            ("route = { privat = true }\ncomponent = \"web\"", "did you mean `private`?"),
            ("route = {}\ncomponent = \"web\"", "`private` is missing in `route`"),
            ("route = 1\ncomponent = \"web\"", "`route` must be a string"),
            ("route = \"/.well-known/spin/x\"\ncomponent = \"web\"", "warning: route `/.well-known/spin/x` never"),
            ("route = \"/\"\ncomponent = { source = \"x\" }", "a component inside a trigger is not supported"),
            ("route = \"/\"\ncomponent = \"web\"\nstatic_response = {}", "either `component` or `static_response`"),
            ("route = \"/\"\nstatic_response = { status_code = 99 }", "write 200 to 599"),
            ("route = \"/\"\nstatic_response = { headers = { \"a b\" = \"c\" } }", "is not a header's name"),
            ("route = { private = true }\nstatic_response = {}", "warning: nothing reaches a private static"),
            ("route = \"/\"\ncomponent = \"web\"\nexecutor = { type = \"wagi\", argv = \"\" }", "executor `wagi`"),
            ("route = \"/\"\ncomponents = { a = \"web\" }\ncomponent = \"web\"", "`components` is not supported"),
            ("route = \"/\"\ncomponent = \"web\"\nrouts = 1", "unknown key `routs` in the trigger"),
        ],
    );
    let fine = "executor = { type = \"http\" }\nid = \"x\"\nroute = \"/.well-known/other\"\ncomponent = \"web\"";
    assert_eq!(about_component(&format!("[[trigger.http]]\n{fine}")), "");
}

#[test]
fn routes_that_match_the_same_paths_are_seen() {
    let two = |one: &str, two: &str| {
        let trigger = |route: &str| format!("[[trigger.http]]\nroute = \"{route}\"\ncomponent = \"web\"\n");
        about_component(&format!("{}{}", trigger(one), trigger(two)))
    };
    insta::assert_snapshot!(two("/a/:x", "a/:y/"), @r#"
    spin.toml:14:9: error: route `/a/:y` matches the same paths as `/a/:x`
      hint: change this one or the one on line 11
    "#);
    insta::assert_snapshot!(two("/a/*", "/a/..."), @r#"
    spin.toml:14:9: warning: route `/a/...` is taken already, and this trigger, being the later one, wins
      hint: remove the trigger on line 11, which answers nothing
    "#);
    assert_eq!(two("/a/:x", "/a/:x/..."), "");
}

#[test]
fn the_parts_of_an_application_fit_together() {
    let other = "[component.other]\nsource = \"x\"\n[component.other.tool.wharf]\n";
    let private = "[[trigger.http]]\nroute = { private = true }\ncomponent = \"other\"\n";
    let web = "[component.web.tool.wharf]\nsql = { database = \"d\", migrations = \"a\" }\n";
    each_gives_one(
        about_component,
        &[
            (&format!("{other}consume = [{{ topics = [\"a\"] }}]"), "`consume` needs a trigger, and component `other`"),
            (
                &format!("{other}cron = [{{ name = \"a\", schedule = \"0 0 * * *\", path = \"/\" }}]"),
                "`cron` needs a trigger, and component `other` has none",
            ),
            (
                &format!("{web}{private}{other}sql = {{ database = \"d\", migrations = \"b\" }}"),
                "the migrations of database `d` are those of component `web`",
            ),
            ("allowed_outbound_hosts = [\"http://wep.spin.internal\"]", "there is no component `wep` to call"),
            ("[component.web.tool.wharf]\nsend = [\"a.b\"]", "warning: no queue takes messages of topic `a.b`"),
        ],
    );
    assert_eq!(about_component(&format!("{web}{private}{other}sql = {{ database = \"d\" }}")), "");
    let received =
        format!("[component.web.tool.wharf]\nsend = [\"a.b\"]\n{private}{other}consume = [{{ topics = [\"*\"] }}]");
    assert_eq!(about_component(&received), "");
}

#[test]
fn what_applications_say_is_checked() {
    let about = |text: &str| report(&text.replace("VERSION", "spin_manifest_version = 2"));
    each_gives_one(
        about,
        &[
            ("VERSION\n[application]\nname = \"\"", "`name` is empty"),
            ("VERSION\n[application]\nversion = \"1\"", "`name` is missing in `application`"),
            ("VERSION\n[application]\nname = \"a\"\nnaem = 1", "unknown key `naem` in `application`"),
            ("VERSION\napplication = 1", "`application` must be a table, found an integer"),
            ("VERSION\nextra = 1\n[application]\nname = \"a\"", "unknown key `extra` in the manifest"),
            (
                "VERSION\n[application]\nname = \"a\"\n[application.trigger.redis]\naddress = \"x\"",
                "`redis` is not supp",
            ),
            (
                "VERSION\n[application]\nname = \"a\"\n[application.trigger.http]\nbase = \"/x\"",
                "`base` can only be `/`",
            ),
            ("VERSION\n[application]\nname = \"a\"\n[[trigger.redis]]\nchannel = \"x\"", "`redis` is not supported"),
            ("VERSION\n[application]\nname = \"a\"\n[variables]\nx = {}", "is not required and has no default"),
            (
                "VERSION\n[application]\nname = \"a\"\n[variables]\nx = { required = true, default = \"\" }",
                "is required and",
            ),
            ("VERSION\n[application]\nname = \"a\"\n[variables]\nX-Y = { default = \"\" }", "write `x_y`"),
            (
                "VERSION\n[application]\nname = \"a\"\n[application.tool.wharf.generate]\nx = { bytes = 32 }",
                "variable `x`",
            ),
            (
                "VERSION\nvariables.x.required = true\n[application]\nname = \"a\"\n[application.tool.wharf.generate]\nx = { bytes = 8 }",
                "write 16 to 64",
            ),
        ],
    );
    let others =
        "VERSION\n[application]\nname = \"a\"\nauthors = [\"me\"]\ntargets = [\"x\"]\n[application.tool.other]\nx = 1";
    assert_eq!(about(others), "");
}
