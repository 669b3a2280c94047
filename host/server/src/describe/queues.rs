//! What an operator reads about queues and dead letters.

use admin::{Changed, DeadLetterView, Paused, QueueRelease, QueueView};

use super::{line, number, time};

/// Of the last answer, in one line; the rest is in `--json`.
const RESPONSE_SHOWN: usize = 200;
/// Of a body: the host sends no more.
const BODY_SHOWN: usize = 4 << 10;

/// A table of queues, and below each what releases have to do with it.
pub fn queues(views: &[QueueView]) -> String {
    if views.is_empty() {
        return "there are no queues".to_owned();
    }
    let mut text = row(["queue", "ready", "delayed", "in flight", "oldest", "per min", "retries", "dead"]);
    for view in views {
        let QueueView { ready, delayed, in_flight, rate, retried_total, dead, .. } = view;
        let numbers = [ready, delayed, in_flight].map(u64::to_string);
        let [ready, delayed, in_flight] = numbers.each_ref().map(String::as_str);
        let (oldest, rate) = (age(view), format!("{:.1}", rate.per_minute));
        let (retries, dead) = (retried_total.to_string(), dead.to_string());
        let mark = mark(view);
        let row = row([&view.queue, ready, delayed, in_flight, &oldest, &rate, &retries, &dead]);
        line(&mut text, &format!("{row}{mark}"));
        for release in &view.releases {
            line(&mut text, &of_release(release));
        }
        if view.away > 0 {
            line(&mut text, &format!("  {:<5} sent: {} waiting with the broker", "?", view.away));
        }
    }
    let window = span(views.iter().map(|view| view.rate.window_s).max().unwrap_or_default());
    line(&mut text, &format!("per min: handled over the last {window}; retries and releases: since the start"));
    text
}

fn row([queue, ready, delayed, in_flight, oldest, rate, retries, dead]: [&str; 8]) -> String {
    format!("{queue:<24} {ready:>6} {delayed:>7} {in_flight:>9} {oldest:>7} {rate:>7} {retries:>7} {dead:>5}")
}

fn mark(view: &QueueView) -> &'static str {
    match (view.paused, &view.component) {
        (true, _) => "  paused",
        (false, None) => "  nobody handles it",
        (false, Some(_)) => "",
    }
}

fn of_release(release: &QueueRelease) -> String {
    let QueueRelease { release, waiting, dead, handled, failed } = release;
    let name = release.map_or_else(|| "-".to_owned(), |release| release.to_string());
    format!("  {name:<5} sent: {waiting} waiting, {dead} dead; handled: {handled}, {failed} failed")
}

fn age(view: &QueueView) -> String {
    if view.depth == 0 { "-".to_owned() } else { span(view.oldest_age_s) }
}

/// A time in the largest unit that leaves two figures or more.
fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Dead letters, the oldest first, each in a few lines.
pub fn dead_letters(queue: &str, letters: &[DeadLetterView]) -> String {
    let Some((first, rest)) = letters.split_first() else { return format!("{queue} has no dead letters") };
    let mut text = dead_letter(first);
    for letter in rest {
        line(&mut text, &dead_letter(letter));
    }
    text
}

fn dead_letter(letter: &DeadLetterView) -> String {
    let DeadLetterView { id, topic, source, release, attempts, reason, response, .. } = letter;
    let release = release.map(|release| format!(" {release}")).unwrap_or_default();
    let mut text = format!("{id}  {topic}  from {source}{release}, sent at {}", time(letter.sent_at_us));
    let (at, attempts) = (time(letter.dead_at_us), number(u64::from(*attempts), "attempt"));
    line(&mut text, &format!("  given up at {at} after {attempts}: {}", printable(reason, RESPONSE_SHOWN)));
    if !response.is_empty() {
        let status = letter.status.map(|status| format!(" {status}")).unwrap_or_default();
        line(&mut text, &format!("  last answer{status}: {}", printable(response, RESPONSE_SHOWN)));
    }
    if let Some(body) = &letter.body {
        let (bytes, kind) = (number(letter.body_bytes, "byte"), printable(&letter.content_type, RESPONSE_SHOWN));
        line(&mut text, &format!("  body, {bytes} of {kind}: {}", printable(body, BODY_SHOWN)));
    }
    text
}

/// One line of at most so many characters. What a component says must not steer the terminal.
fn printable(text: &str, max: usize) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = text.chars().take(max).map(shown).collect();
    if text.chars().nth(max).is_some() {
        line.push_str("...");
    }
    line
}

/// What was redriven.
pub fn redriven(changed: &Changed) -> String {
    let Changed { queue, count, paused, .. } = changed;
    let mut text = format!("{} of {queue} back in the queue", number(*count, "dead letter"));
    if *paused {
        line(&mut text, &format!("{queue} is paused: they wait until `wharf queue resume {queue}`"));
    }
    absent(&mut text, changed);
    text
}

/// What was discarded.
pub fn discarded(changed: &Changed) -> String {
    let mut text = format!("{} of {} discarded", number(changed.count, "dead letter"), changed.queue);
    absent(&mut text, changed);
    text
}

fn absent(text: &mut String, changed: &Changed) {
    for id in &changed.absent {
        line(text, &format!("no dead letter of {}: {}", changed.queue, printable(id, RESPONSE_SHOWN)));
    }
}

/// What a queue is now.
pub fn paused(state: &Paused) -> String {
    let Paused { queue, paused, depth } = state;
    let depth = number(*depth, "message");
    if *paused {
        format!("{queue} is paused with {depth}; more are accepted and wait, until `wharf queue resume {queue}`")
    } else {
        format!("{queue} is worked again, with {depth} in it")
    }
}

#[cfg(test)]
mod tests;
