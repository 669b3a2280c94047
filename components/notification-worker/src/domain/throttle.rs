//! How many mails a person gets at once, and when the others go.

/// Mails to one address in a window.
const MAILS_MAX: i64 = 10;
/// Length of a window, in microseconds.
const WINDOW_US: i64 = 60_000_000;

/// The last window in which an address has places taken. It may lie in the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Its beginning: the first mail in it, or the end of a full one before.
    pub(crate) start: i64,
    /// Places taken.
    pub(crate) hits: i64,
}

/// Takes a place for one more mail: the window with it, and the moment from which the mail may go.
pub(crate) fn reserve(last: Option<Window>, now: i64) -> (Window, i64) {
    match last.filter(|window| now < window.start.saturating_add(WINDOW_US)) {
        None => (Window { start: now, hits: 1 }, now),
        Some(Window { start, hits }) if hits < MAILS_MAX => (Window { start, hits: hits + 1 }, start.max(now)),
        Some(full) => {
            let start = full.start.saturating_add(WINDOW_US);
            (Window { start, hits: 1 }, start)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    /// Takes places at these seconds; the seconds at which the mails may go.
    fn turns(moments: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut last = None;
        let mut turn = |second: i64| {
            let (window, due) = reserve(last, second * SECOND);
            last = Some(window);
            due / SECOND
        };
        moments.into_iter().map(&mut turn).collect()
    }

    #[test]
    fn ten_mails_go_at_once_and_the_next_ones_a_minute_after_the_first() {
        let mut expected = vec![5; 10];
        expected.extend([65; 10]);
        expected.push(125);
        assert_eq!(turns([5; 21]), expected);
    }

    #[test]
    fn a_quiet_minute_begins_anew() {
        assert_eq!(turns([0, 59, 60, 200]), [0, 59, 60, 200]);
    }

    #[test]
    fn a_place_in_a_window_to_come_is_filled_before_another_begins() {
        let moments = [0; 12].into_iter().chain([30, 70]);
        assert_eq!(turns(moments)[10..], [60, 60, 60, 70]);
    }
}
