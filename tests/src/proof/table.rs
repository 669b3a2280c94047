//! Claims as a table in Markdown.

use std::fmt::Write;
use std::time::Duration;

use super::Claim;

/// The table, and how long it took.
pub fn markdown(claims: &[Claim], took: Duration) -> String {
    let mut text = String::from("| | claim | wanted | seen | |\n|---|---|---|---|---|\n");
    text.push_str(&rows(claims));
    let broken = claims.iter().filter(|claim| !claim.holds).count();
    let minutes = took.as_secs_f64() / 60.0;
    writeln!(text, "\n{broken} claims do not hold. It took {minutes:.1} minutes.").unwrap();
    text
}

/// A row for each.
pub fn rows(claims: &[Claim]) -> String {
    let mut text = String::new();
    for Claim { experiment, what, wanted, seen, holds } in claims {
        let verdict = match (wanted.as_str(), holds) {
            ("-", _) => "",
            (_, true) => "pass",
            (_, false) => "**FAIL**",
        };
        let seen = seen.replace('|', "/").replace('\n', " ");
        writeln!(text, "| {experiment} | {what} | {wanted} | {seen} | {verdict} |").unwrap();
    }
    text
}
