//! Writes and messages of a load against what the database holds in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use crate::load::Tally;
use crate::release::rows;

use super::within;

/// What does not add up.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) lost_writes: u64,
    pub(super) double_writes: u64,
    pub(super) lost_messages: u64,
    pub(super) double_messages: u64,
    /// Ids, the first ones.
    pub(super) examples: Vec<String>,
    /// Handled messages by who handled them and who sent them.
    pub(super) handled: BTreeMap<(String, String), u64>,
}

/// Longest wait for the last message.
const DRAIN: Duration = Duration::from_secs(30);

/// Waits until all messages of the load have been handled, and counts.
pub(super) fn settle(state: &Path, tally: &Tally) -> Account {
    let sent: BTreeSet<_> = tally.sent.iter().collect();
    let handled = || rows(state, "SELECT id, handler, sender FROM handled");
    within(DRAIN, || {
        let ids: BTreeSet<_> = handled().into_iter().map(|row| row[0].clone()).collect();
        sent.iter().all(|id| ids.contains(*id))
    });
    let mut account = Account::default();
    let writes = count(rows(state, "SELECT id FROM writes"));
    let known = tally.written.iter().chain(&tally.unsure);
    for id in known.clone() {
        let times = writes.get(id).copied().unwrap_or_default();
        let lost = times == 0 && !tally.unsure.contains(id);
        account.lost_writes += u64::from(lost);
        account.double_writes += u64::from(times > 1);
        account.note(lost || times > 1, id, "written", times);
    }
    let handled = handled();
    let effects = count(handled.clone());
    for id in &sent {
        let times = effects.get(*id).copied().unwrap_or_default();
        account.lost_messages += u64::from(times == 0);
        account.double_messages += u64::from(times > 1);
        account.note(times != 1, id, "handled", times);
    }
    for row in handled {
        *account.handled.entry((row[1].clone(), row[2].clone())).or_default() += 1;
    }
    account
}

impl Account {
    fn note(&mut self, wrong: bool, id: &str, what: &str, times: u64) {
        if wrong && self.examples.len() < 5 {
            self.examples.push(format!("{id} {what} {times} times"));
        }
    }
}

fn count(rows: Vec<Vec<String>>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for mut row in rows {
        *counts.entry(row.swap_remove(0)).or_default() += 1;
    }
    counts
}
