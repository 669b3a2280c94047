//! Many independent trials, some at once.

use std::sync::Mutex;

/// Runs `work` over all items, `at_once` at a time; results in the order of the items.
pub(super) fn run<T: Send, R: Send>(items: Vec<T>, at_once: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let waiting = Mutex::new(items.into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    let lane = || {
        loop {
            let next = waiting.lock().unwrap().next();
            let Some((place, item)) = next else { return };
            let result = work(item);
            done.lock().unwrap().push((place, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(lane);
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
