//! What an operator reads about releases and rollouts: short lines that need neither colour nor a wide screen.

mod queues;

use control::{Ended, Outcome, Phase, PlanView, ReleaseView, RolloutView, SideView, Status};
use jiff::Timestamp;
use rollout::{AuditLine, Change, ReleaseId};

pub use queues::{dead_letters, discarded, paused, queues, redriven};

/// Decisions that are shown; the rest is in `--json`.
const DECISIONS_SHOWN: usize = 8;

/// A moment, in UTC to the second.
pub fn time(us: u64) -> String {
    let moment = i64::try_from(us).ok().and_then(|us| Timestamp::from_microsecond(us).ok());
    moment.map_or_else(|| "-".to_owned(), |moment| moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// What is live, what is on its way, and why.
pub fn status(status: &Status) -> String {
    let mut text = live(status);
    if let Some(rollout) = &status.rollout {
        let RolloutView { candidate, strategy, since_us, verdict, .. } = rollout;
        let (new, former) = (candidate.to_string(), former(status, *candidate));
        let begun = time(*since_us);
        line(&mut text, &format!("on its way: {candidate}, {}, strategy {strategy}, since {begun}", step(rollout)));
        line(&mut text, &format!("  {new:<5} {}", counts(&rollout.candidate_counts)));
        line(&mut text, &format!("  {former:<5} {}", counts(&rollout.baseline_counts)));
        if !verdict.is_empty() {
            line(&mut text, &format!("  {verdict}"));
        }
    }
    for (release, left) in &status.retiring {
        line(&mut text, &format!("finishing: {release} with {}", number(*left, "request or message")));
    }
    if let Some(ended) = &status.ended {
        line(&mut text, &format!("last, at {}: {}", time(ended.at_us), outcome(ended)));
    }
    let surplus = status.decisions.len().saturating_sub(DECISIONS_SHOWN);
    for decision in status.decisions.iter().skip(surplus) {
        line(&mut text, &format!("  {}  {}: {}", time(decision.at_us), decision.what, decision.why));
    }
    text
}

fn live(status: &Status) -> String {
    let name = &status.application;
    let Some(live) = &status.live else { return format!("{name}: nothing was ever deployed") };
    let release = &live.release;
    let seen = match status.observed {
        Some(observed) if observed == release.id => "is live, and was seen serving".to_owned(),
        Some(observed) => format!("is live, but {observed} is what was last seen serving"),
        None => "is live, but was not seen serving yet".to_owned(),
    };
    let mut text = format!("{name}: {} {seen}", release.id);
    line(&mut text, &format!("  made at {} by {}{}", time(release.created_at_us), release.by, note(&release.note)));
    text
}

fn note(note: &str) -> String {
    if note.is_empty() { String::new() } else { format!(": {note}") }
}

/// A rollout in one line.
pub fn progress(status: &Status, release: ReleaseId) -> String {
    let Some(rollout) = status.rollout.as_ref().filter(|rollout| rollout.candidate == release) else {
        return format!("{release}  waiting to be seen serving");
    };
    let step = step(rollout);
    if rollout.phase != Phase::Shift {
        return format!("{release}  {step}");
    }
    let former = former(status, release);
    let [new, old] = [&rollout.candidate_counts, &rollout.baseline_counts].map(counts);
    format!("{release}  {step} | {release}: {new} | {former}: {old} | {}", rollout.verdict)
}

/// What of a rollout's line is worth a new line where lines stay.
pub fn stage(status: &Status, release: ReleaseId) -> String {
    let rollout = status.rollout.as_ref().filter(|rollout| rollout.candidate == release);
    rollout.map_or_else(String::new, |rollout| {
        let verdict = rollout.verdict.split(':').next().unwrap_or_default();
        format!("{} {verdict}", step(rollout))
    })
}

fn former(status: &Status, candidate: ReleaseId) -> String {
    let live = status.live.as_ref().map(|live| live.release.id).filter(|live| *live != candidate);
    live.map_or_else(|| "before".to_owned(), |live| live.to_string())
}

fn step(rollout: &RolloutView) -> String {
    let RolloutView { phase, weights, step, weight, paused, .. } = rollout;
    let held = if *paused { ", paused: `wharf promote`, `resume` or `abort`" } else { "" };
    match phase {
        Phase::Verify => format!("verify{held}"),
        Phase::Stage => format!("stage{held}"),
        Phase::Shift => format!("shift {weight} % (step {} of {}){held}", step.saturating_add(1), weights.len()),
        Phase::Retire => "retire".to_owned(),
    }
}

fn counts(side: &SideView) -> String {
    let SideView { requests, errors, faults, p95_ms, messages, failures } = side;
    let faults = if *faults > 0 { format!(" ({})", number(*faults, "fault")) } else { String::new() };
    let mut words = vec![number(*requests, "request"), format!("{}{faults}", number(*errors, "error"))];
    if *requests > 0 {
        words.push(format!("p95 {p95_ms:.0} ms"));
    }
    if *messages > 0 || *failures > 0 {
        words.push(number(*messages, "message"));
        words.push(format!("{failures} failed"));
    }
    words.join(", ")
}

/// So many of something.
pub fn number(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// How a rollout ended.
pub fn outcome(ended: &Ended) -> String {
    let Ended { release, outcome, why, .. } = ended;
    let words = match outcome {
        Outcome::Live => "went live",
        Outcome::RolledBack => "was rolled back",
        Outcome::Aborted => "was aborted",
        Outcome::Failed => "failed",
        Outcome::Interrupted => "was interrupted by a stop of the host",
    };
    format!("{release} {words}{}", note(why))
}

/// Every difference, the application's first, and what of it has to be approved.
pub fn plan(view: &PlanView) -> String {
    let against = view.live.map_or_else(|| "nothing, since it is the first".to_owned(), |live| live.to_string());
    if view.plan.is_empty() {
        return format!("nothing differs from {against}");
    }
    let mut text = format!("compared with {against}:");
    let mut owner = None;
    for change in &view.plan.changes {
        let Change { component, kind, text: what, approval } = change;
        if owner != Some(component) {
            line(&mut text, &format!("  {}", component.as_deref().unwrap_or("application")));
            owner = Some(component);
        }
        let mark = if approval.is_some() { "!" } else { " " };
        line(&mut text, &format!("  {mark} {:<10} {what}", kind.to_string()));
    }
    if view.unapproved.is_empty() {
        line(&mut text, "nothing of it has to be approved");
    } else {
        line(&mut text, "to be approved by name, where it is wanted:");
        for name in &view.unapproved {
            line(&mut text, &format!("  --approve {}", crate::report::quoted(name)));
        }
    }
    text
}

/// A table of releases, the newest first.
pub fn releases(views: &[ReleaseView]) -> String {
    let mut text = format!("{:<2}{:<6} {:<24} {:<14} {}", "", "name", "made", "by", "what, and what going back means");
    for ReleaseView { release, changed, live, rollback } in views {
        let mark = if *live { "*" } else { "" };
        let what = if changed.is_empty() { "no other code".to_owned() } else { changed.join(", ") };
        let way = rollback.as_ref().map(|verdict| format!("; back: {verdict}")).unwrap_or_default();
        let (id, made, by) = (release.id.to_string(), time(release.created_at_us), &release.by);
        line(&mut text, &format!("{mark:<2}{id:<6} {made:<24} {by:<14} {what}{}{way}", note(&release.note)));
    }
    text
}

/// Who did what, oldest first.
pub fn audit(lines: &[AuditLine]) -> String {
    let text = lines.iter().map(|entry| {
        let AuditLine { at_us, who, what, component, queue, from, to, detail } = entry;
        let component = component.as_ref().or(queue.as_ref()).map(|name| format!(" {name}")).unwrap_or_default();
        let way = match (from, to) {
            (Some(from), Some(to)) => format!(" {from} -> {to}"),
            (None, Some(to)) => format!(" -> {to}"),
            (Some(from), None) => format!(" {from}"),
            (None, None) => String::new(),
        };
        format!("{}  {who:<14} {what}{component}{way}{}", time(*at_us), note(detail))
    });
    text.collect::<Vec<_>>().join("\n")
}

/// A line of the log, as a person reads it; what is no such line stays as it is.
pub fn log(text: &str) -> String {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_str(text) else { return text.to_owned() };
    let mut take = |name: &str| match fields.remove(name) {
        Some(serde_json::Value::String(value)) => value,
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let [at, level, component, target, message] =
        ["timestamp", "level", "component", "target", "message"].map(&mut take);
    let at = at.get(..19).unwrap_or(&at).replace('T', " ");
    let who = if component.is_empty() { target } else { component };
    let rest = fields.iter().map(|(name, value)| match value {
        serde_json::Value::String(value) => format!(" {name}={value}"),
        value => format!(" {name}={value}"),
    });
    format!("{at} {level:<5} {who}: {message}{}", rest.collect::<Vec<_>>().concat())
}

fn line(text: &mut String, line: &str) {
    text.push('\n');
    text.push_str(line);
}

#[cfg(test)]
mod tests;
