//! Five-field schedules in a time zone. Pure: no clock.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A schedule that never fires in this many days (eight years and a day: 29 February skips 2100) never does.
const DAYS_MAX: usize = 8 * 366 + 1;
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// When something happens: minute, hour, day of month, month, day of week, in a time zone.
///
/// Numbers, names of months and days (three letters), `*`, ranges, lists and steps. Where day of month and day of week
/// are both restricted, either suffices. Sunday is 0 or 7.
///
/// A time that a change of the clocks skips happens as much later as was skipped; one that comes twice happens the
/// first time only, unless the hour is `*` (or a step of it), which means every hour that passes.
///
/// # Source
/// POSIX.1-2024 `crontab`, with the customary names and steps.
#[derive(Clone, Debug)]
pub struct Schedule {
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
    zone: TimeZone,
}

/// The numbers a field allows, one bit each.
#[derive(Clone, Copy, Debug)]
struct Field {
    bits: u64,
    /// It began with `*`.
    any: bool,
}

impl Field {
    fn has(self, number: i8) -> bool {
        u32::try_from(number).is_ok_and(|number| self.bits.checked_shr(number).unwrap_or(0) & 1 == 1)
    }
}

impl Schedule {
    /// Reads a schedule and the IANA name of its time zone.
    ///
    /// # Errors
    /// What is wrong, in words for the developer. A schedule that can never happen (30 February) is wrong too.
    pub fn parse(schedule: &str, time_zone: &str) -> Result<Self, String> {
        let zone = TimeZone::get(time_zone).map_err(|_| format!("there is no time zone `{time_zone}`"))?;
        let fields: Vec<&str> = schedule.split_ascii_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(format!("`{schedule}` has {} fields instead of five", fields.len()));
        };
        let mut weekdays = field("day of week", weekday, (0, 7), &WEEKDAYS)?;
        // Both numbers of Sunday are 0 from here on.
        weekdays.bits = (weekdays.bits | weekdays.bits >> 7) & 0x7f;
        let parsed = Self {
            minutes: field("minute", minute, (0, 59), &[])?,
            hours: field("hour", hour, (0, 23), &[])?,
            days: field("day of month", day, (1, 31), &[])?,
            months: field("month", month, (1, 12), &MONTHS)?,
            weekdays,
            zone,
        };
        match parsed.next_after(0) {
            Some(_) => Ok(parsed),
            None => Err(format!("`{schedule}` never happens")),
        }
    }

    /// The first slot after a time, both in microseconds since the epoch. `None`: there is none.
    pub fn next_after(&self, time_us: i64) -> Option<i64> {
        // A day early: a fold can bring yesterday's late evening back today.
        let mut date = self.date(time_us)?.yesterday().ok()?;
        for _ in 0..DAYS_MAX {
            if let Some(slot) = self.on(date).into_iter().find(|slot| *slot > time_us) {
                return Some(slot);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The latest slots after `after_us` and not after `until_us`, at most `max`, oldest first.
    pub fn between(&self, after_us: i64, until_us: i64, max: usize) -> Vec<i64> {
        let mut slots = Vec::new();
        let (Some(first), Some(last)) = (self.date(after_us), self.date(until_us)) else { return slots };
        let (Ok(first), Ok(mut date)) = (first.checked_sub(1.day()), last.tomorrow()) else { return slots };
        for _ in 0..DAYS_MAX {
            let day = self.on(date).into_iter().rev().filter(|slot| *slot > after_us && *slot <= until_us);
            slots.extend(day.take(max - slots.len()));
            match date.yesterday() {
                Ok(yesterday) if slots.len() < max && yesterday >= first => date = yesterday,
                _ => break,
            }
        }
        slots.reverse();
        slots
    }

    fn date(&self, time_us: i64) -> Option<Date> {
        Some(self.zone.to_datetime(Timestamp::from_microsecond(time_us).ok()?).date())
    }

    /// The slots of one day, in order.
    fn on(&self, date: Date) -> Vec<i64> {
        if !self.months.has(date.month()) || !self.is_day(date) {
            return Vec::new();
        }
        let mut slots = Vec::new();
        for hour in (0..24).filter(|hour| self.hours.has(*hour)) {
            for minute in (0..60).filter(|minute| self.minutes.has(*minute)) {
                let time = self.zone.to_ambiguous_timestamp(date.at(hour, minute, 0, 0));
                if self.hours.any && time.is_ambiguous() {
                    slots.extend(time.later().map(Timestamp::as_microsecond));
                }
                slots.extend(time.compatible().map(Timestamp::as_microsecond));
            }
        }
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    fn is_day(&self, date: Date) -> bool {
        let day = self.days.has(date.day());
        let weekday = self.weekdays.has(Weekday::to_sunday_zero_offset(date.weekday()));
        if self.days.any || self.weekdays.any { day && weekday } else { day || weekday }
    }
}

fn field(name: &str, text: &str, (least, most): (u32, u32), names: &[&str]) -> Result<Field, String> {
    let wrong = |problem: &str| format!("{name} `{text}` {problem}");
    let number = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        match named.and_then(|place| u32::try_from(place).ok()) {
            Some(place) => Ok(place + least),
            None => text.parse::<u32>().map_err(|_| wrong("is not a number")),
        }
    };
    let mut bits = 0_u64;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            None => (part, None),
            Some((range, step)) => (range, Some(step.parse::<u32>().map_err(|_| wrong("has no number after `/`"))?)),
        };
        let (from, to) = match (range, range.split_once('-')) {
            ("*", _) => (least, most),
            (_, Some((from, to))) => (number(from)?, number(to)?),
            // `5/10` begins at 5 and goes on to the end.
            (_, None) if step.is_some() => (number(range)?, most),
            (_, None) => (number(range)?, number(range)?),
        };
        if from < least || to > most || from > to {
            return Err(wrong(&format!("is not within {least} to {most}, in rising order")));
        }
        let step = usize::try_from(step.unwrap_or(1)).unwrap_or(0);
        if step == 0 {
            return Err(wrong("has a step of 0"));
        }
        for number in (from..=to).step_by(step) {
            bits |= 1_u64 << number;
        }
    }
    Ok(Field { bits, any: text.starts_with('*') })
}

#[cfg(test)]
mod tests;
