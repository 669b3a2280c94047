//! Which known word somebody may have meant.

/// Longest word in bytes that is compared: a longer one is no slip of the keyboard.
const MAX_WORD: usize = 64;
/// Most words that are compared.
const MAX_KNOWN: usize = 256;
/// Most words that are listed: more would hide the message.
const MAX_LISTED: usize = 20;

/// `did you mean ...?` for the known word that is closest, else a list of them all.
pub(crate) fn suggest(word: &str, known: impl IntoIterator<Item = impl AsRef<str>>, kind: &str) -> String {
    let known: Vec<_> = known.into_iter().collect();
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    if let Some(best) = nearest(word, &known) {
        return format!("did you mean `{best}`?");
    }
    if known.is_empty() {
        return format!("there are no {kind} here");
    }
    let more = if known.len() > MAX_LISTED { ", ..." } else { "" };
    let listed: Vec<_> = known.into_iter().take(MAX_LISTED).collect();
    format!("known {kind}: {}{more}", listed.join(", "))
}

/// The closest known word, if at most a third of its letters differ.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let slips = known.iter().take(MAX_KNOWN).filter(|candidate| is_slip(word, candidate));
    slips.min_by_key(|candidate| distance(word, candidate)).copied()
}

/// Whether at most a third of a known word's letters differ.
pub(crate) fn is_slip(word: &str, known: &str) -> bool {
    let allowed = (known.chars().count() / 3).max(1);
    word.len().max(known.len()) <= MAX_WORD
        && word.chars().count().abs_diff(known.chars().count()) <= allowed
        && distance(word, known) <= allowed
}

/// Edits (insert, delete, replace, swap neighbours) from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.to_lowercase().replace('-', "_").chars().collect();
    let from = from.to_lowercase().replace('-', "_");
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut last = None;
    for (done, letter) in from.chars().enumerate() {
        let mut next = vec![done + 1];
        let mut left = done + 1;
        for (at, other) in to.iter().enumerate() {
            let cell = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
            let replaced = cell(&row, at) + usize::from(letter != *other);
            let mut best = replaced.min(left + 1).min(cell(&row, at + 1) + 1);
            let previous = at.checked_sub(1);
            if let Some(previous) = previous
                && last == Some(*other)
                && to.get(previous) == Some(&letter)
            {
                best = best.min(cell(&before, previous) + 1);
            }
            next.push(best);
            left = best;
        }
        before = std::mem::replace(&mut row, next);
        last = Some(letter);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("memory", "memory"), 0);
        assert_eq!(distance("memroy", "memory"), 1);
        assert_eq!(distance("time-zone", "time_zone"), 0);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_slip_is_corrected_and_a_stranger_is_shown_the_list() {
        assert_eq!(suggest("memroy", ["deadline", "memory"], "keys"), "did you mean `memory`?");
        assert_eq!(suggest("colour", ["deadline", "memory"], "keys"), "known keys: deadline, memory");
        assert_eq!(suggest("colour", [""; 0], "variables"), "there are no variables here");
    }
}
