//! How long work may take: targets, their shares, and the levels at which people are told.

use super::case::Plan;
use super::graph::Step;
use super::task::Item;
use super::ticket::Priority;

/// Per cent of the time at which people are told; the last is the target itself.
pub const LEVELS: [u32; 3] = [80, 90, 100];

/// The level that is a missed target.
const TARGET: u32 = 100;

const SECOND: i64 = 1_000_000;

/// How long a task may take, by the ticket's priority, in seconds; absent: no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sla {
    /// For critical ones.
    pub critical_s: Option<i64>,
    /// For those of high priority.
    pub high_s: Option<i64>,
    /// For those of medium priority.
    pub medium_s: Option<i64>,
    /// For those of low priority.
    pub low_s: Option<i64>,
}

impl Sla {
    /// The time for this priority.
    pub fn target_s(&self, priority: Priority) -> Option<i64> {
        match priority {
            Priority::Critical => self.critical_s,
            Priority::High => self.high_s,
            Priority::Medium => self.medium_s,
            Priority::Low => self.low_s,
        }
    }

    /// Whether all are positive and the more urgent have less time, wherever both are set.
    pub fn is_ordered(&self) -> bool {
        let set: Vec<i64> = Priority::ALL.into_iter().filter_map(|priority| self.target_s(priority)).collect();
        set.first().is_none_or(|first| *first > 0) && set.is_sorted_by(|earlier, later| earlier < later)
    }
}

/// When a task created now is due.
pub fn task_due(sla: &Sla, priority: Priority, now: i64) -> Option<i64> {
    Some(now.saturating_add(sla.target_s(priority)?.saturating_mul(SECOND)))
}

/// When an item assigned now is due: the step's share, by weight, of the whole time.
///
/// Steps without any weight share equally; one of weight 0 among others has no time of its own, so that it has no
/// target either.
pub fn item_due(plan: &Plan, step: &Step, priority: Priority, now: i64) -> Option<i64> {
    let whole = i128::from(plan.sla.target_s(priority)?.saturating_mul(SECOND));
    let sum: i128 = plan.graph.steps.iter().map(|step| i128::from(step.weight_milli)).sum();
    let (part, parts) = match sum {
        0 => (1, i128::try_from(plan.graph.steps.len()).ok()?),
        sum => (i128::from(step.weight_milli), sum),
    };
    let share = i64::try_from((whole * part).checked_div(parts)?).ok()?;
    (share > 0).then(|| now.saturating_add(share))
}

fn moment(level: u32, start: i64, due: i64) -> i64 {
    let used = (i128::from(due) - i128::from(start)) * i128::from(level) / i128::from(TARGET);
    start.saturating_add(i64::try_from(used).unwrap_or(i64::MAX))
}

/// When the first level after `after` is reached, on a clock that runs from `start` to `due`.
pub fn next_alert(start: i64, due: Option<i64>, after: i64) -> Option<i64> {
    let due = due?;
    LEVELS.into_iter().map(|level| moment(level, start, due)).find(|at| *at > after)
}

/// Per cent of an item's time that had passed at `now`, or when it was over; absent without a target.
pub fn elapsed_percent(item: &Item, now: i64) -> Option<i64> {
    let whole = i128::from(item.due_at?) - i128::from(item.clock_start);
    let passed = i128::from(item.acted_at.unwrap_or(now)) - i128::from(item.clock_start);
    i64::try_from((passed.max(0) * i128::from(TARGET)).checked_div(whole)?).ok()
}

/// What a look at the clock found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The level to tell; absent if it was told before.
    pub tell: Option<u32>,
    /// Every level that need not be told any more.
    pub reached: Vec<u32>,
    /// Whether the target is missed.
    pub is_breach: bool,
    /// When to look again.
    pub next_alert_at: Option<i64>,
}

/// What to tell of an open item at `now`, if these levels were told before.
///
/// A look that comes late tells only the highest level of those that were reached meanwhile. Levels that were reached
/// before the item was assigned are those of whoever had it then.
pub fn alarm(item: &Item, told: &[u32], now: i64) -> Option<Alarm> {
    let due = item.due_at?;
    let within = |level: &u32| (item.assigned_at + 1..=now).contains(&moment(*level, item.clock_start, due));
    let reached: Vec<u32> = LEVELS.into_iter().filter(within).collect();
    let tell = reached.last().copied().filter(|level| told.iter().all(|told| told < level));
    let next_alert_at = next_alert(item.clock_start, Some(due), now);
    Some(Alarm { tell, is_breach: reached.contains(&TARGET), reached, next_alert_at })
}

#[cfg(test)]
mod tests;
