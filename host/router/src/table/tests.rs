use std::cmp::Ordering;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn table(patterns: &[&str]) -> Table {
    let triggers: Vec<_> = patterns.iter().map(|pattern| fixed_answer(pattern)).collect();
    Table::build(&triggers, HashMap::new()).unwrap()
}

fn fixed_answer(pattern: &str) -> Trigger {
    let answer = StaticResponse { status: 200, headers: BTreeMap::new(), body: String::new() };
    Trigger { route: manifest::Route::Public(pattern.to_owned()), target: Target::Static(answer) }
}

fn winner<'table>(table: &'table Table, path: &'table str) -> Option<String> {
    table.find(path).map(|found| found.pattern().to_owned())
}

#[test]
fn a_wildcard_matches_its_prefix_with_and_without_slash() {
    let table = table(&["/foo/..."]);
    let info = |path| table.find(path).map(|found| found.path_info().to_owned());
    assert_eq!(info("/foo"), Some(String::new()));
    assert_eq!(info("/foo/"), Some("/".to_owned()));
    assert_eq!(info("/foo/x"), Some("/x".to_owned()));
    assert_eq!(info("/foo/x/"), Some("/x/".to_owned()));
    assert_eq!(info("/foo//x"), Some("//x".to_owned()));
    assert_eq!(info("/food"), None);
    assert_eq!(info("/"), None);
}

#[test]
fn the_wildcard_of_the_root_has_the_whole_path() {
    let table = table(&["/..."]);
    for path in ["/", "", "//", "/a", "/a/b/", "*"] {
        assert_eq!(table.find(path).unwrap().path_info(), path);
    }
}

#[test]
fn slashes_around_the_path_carry_no_meaning() {
    let table = table(&["/a/b", "/"]);
    for path in ["/a/b", "/a/b/", "//a/b//", "a/b"] {
        assert_eq!(winner(&table, path).as_deref(), Some("/a/b"), "{path}");
        assert_eq!(table.find(path).unwrap().path_info(), "");
    }
    assert_eq!(winner(&table, "//").as_deref(), Some("/"));
    assert_eq!(winner(&table, "/a"), None);
    assert_eq!(winner(&table, "/a//b"), None);
}

#[test]
fn the_first_difference_decides() {
    let table = table(&["/:x/b", "/a/:id/...", "/a/...", "/a/:id", "/a/c", "/..."]);
    for (path, pattern) in [
        ("/a/b", "/a/:id"),
        ("/a/b/c", "/a/:id/..."),
        ("/a/c", "/a/c"),
        ("/a/c/d", "/a/:id/..."),
        ("/a", "/a/..."),
        ("/z/b", "/:x/b"),
        ("/z/c", "/..."),
        ("/", "/..."),
    ] {
        assert_eq!(winner(&table, path).as_deref(), Some(pattern), "{path}");
    }
}

#[test]
fn an_exact_branch_that_ends_nowhere_gives_way_to_the_capture() {
    let table = table(&["/a/b/c", "/:x/b/d", "/:x/..."]);
    assert_eq!(winner(&table, "/a/b/d").as_deref(), Some("/:x/b/d"));
    let found = table.find("/a/b/e").unwrap();
    assert_eq!((found.pattern(), found.path_info()), ("/:x/...", "/b/e"));
    assert_eq!(found.captures().collect::<Vec<_>>(), [("x", "a")]);
}

#[test]
fn captures_keep_the_order_and_the_encoding_of_the_path() {
    let table = table(&["/:user/files/:name"]);
    let found = table.find("/ada/files/a%2Fb.txt").unwrap();
    assert_eq!(found.captures().collect::<Vec<_>>(), [("user", "ada"), ("name", "a%2Fb.txt")]);
    assert!(table.find("/ada/files/").is_none());
    assert!(table.find("/%61da/file%73/x").is_none());
}

#[test]
fn routes_that_match_the_same_paths_are_refused() {
    for (first, second) in [("/a/:x", "/a/:y"), ("/a", "/a"), ("/a/...", "/a/*")] {
        let triggers = [fixed_answer(first), fixed_answer(second)];
        let error = Table::build(&triggers, HashMap::new()).unwrap_err();
        assert_eq!(error, Error::Conflict { first: first.to_owned(), second: second.to_owned() });
    }
}

#[test]
fn a_trigger_without_a_handler_is_refused() {
    let trigger = Trigger { route: manifest::Route::Private, target: Target::Component("ghost".to_owned()) };
    let error = Table::build(&[trigger], HashMap::new()).unwrap_err();
    assert_eq!(error, Error::NoHandler { component: "ghost".to_owned() });
}

#[test]
fn a_fixed_answer_must_be_http() {
    for (status, name, value) in
        [(99, "a", "b"), (101, "a", "b"), (1000, "a", "b"), (200, "a b", "c"), (200, "a", "b\n")]
    {
        let headers = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let target = Target::Static(StaticResponse { status, headers, body: String::new() });
        let trigger = Trigger { route: manifest::Route::Public("/".to_owned()), target };
        let error = Table::build(&[trigger], HashMap::new()).unwrap_err();
        assert!(matches!(error, Error::StaticResponse { .. }), "{status} {name} {value}");
    }
}

/// The rule as it is written down: the best of all patterns that match, found by comparing them two by two.
fn best<'a>(patterns: &'a [String], path: &str) -> Option<&'a String> {
    patterns.iter().filter(|pattern| covers(pattern, path)).min_by(|left, right| precedence(left, right))
}

fn covers(pattern: &str, path: &str) -> bool {
    let path: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let parts: Vec<_> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let (parts, open) = match parts.split_last() {
        Some((&"...", parts)) => (parts, true),
        _ => (parts.as_slice(), false),
    };
    (path.len() == parts.len() || (open && path.len() > parts.len()))
        && parts.iter().zip(&path).all(|(part, segment)| part.starts_with(':') || part == segment)
}

fn precedence(left: &str, right: &str) -> Ordering {
    let rank = |part: Option<&str>| match part {
        None => 0,
        Some("...") => 3,
        Some(part) if part.starts_with(':') => 2,
        Some(_) => 1,
    };
    let parts = |pattern: &str| pattern.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (left, right) = (parts(left), parts(right));
    (0..left.len().max(right.len()))
        .map(|at| rank(left.get(at).map(String::as_str)).cmp(&rank(right.get(at).map(String::as_str))))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn any_pattern() -> impl Strategy<Value = String> {
    let part = prop_oneof![Just("a".to_owned()), Just("b".to_owned()), Just(":".to_owned())];
    (prop::collection::vec(part, 0..4), any::<bool>()).prop_map(|(parts, open)| {
        // Captures are named by their place, so that equal patterns are equal texts.
        let named = |(at, part): (usize, &String)| if part == ":" { format!("/:p{at}") } else { format!("/{part}") };
        let body: String = parts.iter().enumerate().map(named).collect();
        if open { format!("{body}/...") } else { format!("{body}/").trim_end_matches('/').to_owned() }
    })
}

proptest! {
    #[test]
    fn the_winner_is_the_best_pattern_whatever_the_order(
        patterns in prop::collection::hash_set(any_pattern(), 1..12)
            .prop_map(|set| set.into_iter().collect::<Vec<_>>())
            .prop_shuffle(),
        paths in prop::collection::vec(prop::collection::vec(prop_oneof!["a", "b", "c"], 0..5), 1..12),
    ) {
        let forward = table(&patterns.iter().map(String::as_str).collect::<Vec<_>>());
        let backward = table(&patterns.iter().rev().map(String::as_str).collect::<Vec<_>>());
        for path in paths {
            let path = format!("/{}", path.join("/"));
            let expected = best(&patterns, &path).cloned();
            prop_assert_eq!(winner(&forward, &path), expected.clone(), "{}", &path);
            prop_assert_eq!(winner(&backward, &path), expected, "{}", &path);
        }
    }

    #[test]
    fn no_path_upsets_a_look_up(path in "[/a.:*%é-]{0,40}") {
        let table = table(&["/a/:x/...", "/:y/a", "/a/a/a", "/..."]);
        let found = table.find(&path).unwrap();
        prop_assert!(path.ends_with(found.path_info()));
    }
}
