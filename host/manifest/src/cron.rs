//! The syntax of cron schedules. When one fires is the queue capability's matter.

use crate::fault::Fault;

/// One of the five fields.
struct Field {
    name: &'static str,
    low: u8,
    high: u8,
    /// Names of the values from `low` on; empty where there are none.
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", low: 0, high: 59, names: &[] },
    Field { name: "hour", low: 0, high: 23, names: &[] },
    Field { name: "day of month", low: 1, high: 31, names: &[] },
    Field {
        name: "month",
        low: 1,
        high: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field { name: "day of week", low: 0, high: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];
/// Days of each month in its longest year.
const DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Checks a schedule of five fields: lists of `*`, values, ranges and steps.
pub(crate) fn check(schedule: &str) -> Result<(), Fault> {
    let texts: Vec<&str> = schedule.split_ascii_whitespace().collect();
    if schedule.starts_with('@') || texts.len() != FIELDS.len() {
        return Err(Fault::new(
            format!("schedule `{schedule}` has {} fields instead of five", texts.len()),
            "write minute, hour, day of month, month and day of week, for example `*/5 * * * *`",
        ));
    }
    let mut values = Vec::new();
    for (field, text) in FIELDS.iter().zip(&texts) {
        values.push(field.values(text)?);
    }
    let [_, _, days, months, _] = values.as_slice() else {
        return Ok(());
    };
    let any_weekday = texts.last().is_some_and(|text| text.starts_with('*'));
    if any_weekday && !some_day_exists(days, months) {
        return Err(Fault::new(format!("schedule `{schedule}` never fires"), "none of the months has such a day"));
    }
    Ok(())
}

fn some_day_exists(days: &[u8], months: &[u8]) -> bool {
    let first = days.iter().min().copied().unwrap_or(u8::MAX);
    let length = |month: &u8| month.checked_sub(1).and_then(|index| DAYS.get(usize::from(index)));
    months.iter().filter_map(length).any(|length| first <= *length)
}

impl Field {
    /// The values that a field's text stands for, in no order.
    fn values(&self, text: &str) -> Result<Vec<u8>, Fault> {
        let mut all = Vec::new();
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                None => (item, 1),
                Some((range, step)) => (range, self.step(item, range, step)?),
            };
            let (from, to) = match range.split_once('-') {
                None if range == "*" => (self.low, self.high),
                None => (self.value(range)?, self.value(range)?),
                Some((from, to)) => (self.value(from)?, self.value(to)?),
            };
            if from > to {
                return Err(self.fault(range, "write the smaller value first, or two ranges with a comma"));
            }
            all.extend((from..=to).step_by(usize::from(step)));
        }
        Ok(all)
    }

    fn step(&self, item: &str, range: &str, step: &str) -> Result<u8, Fault> {
        if range != "*" && !range.contains('-') {
            let hint = format!("a step needs a range, for example `{range}-{}/{step}`", self.high);
            return Err(self.fault(item, &hint));
        }
        number(step)
            .filter(|step| (1..=self.high).contains(step))
            .ok_or_else(|| self.fault(item, &format!("write a step of 1 to {}", self.high)))
    }

    fn value(&self, text: &str) -> Result<u8, Fault> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let named = named.and_then(|index| u8::try_from(index).ok()).map(|index| index + self.low);
        let value = named.or_else(|| number(text)).filter(|value| (self.low..=self.high).contains(value));
        value.ok_or_else(|| {
            let names = if self.names.is_empty() { String::new() } else { format!(" or {}", self.names.join(" ")) };
            self.fault(text, &format!("write {} to {}{names}", self.low, self.high))
        })
    }

    fn fault(&self, text: &str, hint: &str) -> Fault {
        Fault::new(format!("`{text}` is not a {} of a schedule", self.name), hint)
    }
}

/// Digits only: `u8::from_str` also takes a sign.
fn number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_schedules_are_accepted() {
        let right = [
            "*/5 * * * *",
            "0 2 * * *",
            "0,30 8-18 * * mon-fri",
            "15 4 1 JAN,jul *",
            "0 0 29 2 *",
            "10-50/20 * * * 7",
            "0 0 31 2 mon",
            "  0   0 1 1 0 ",
        ];
        for schedule in right {
            assert_eq!(check(schedule), Ok(()), "{schedule}");
        }
    }

    #[test]
    fn broken_schedules_are_refused() {
        let wrong = [
            "",
            "* * * *",
            "* * * * * *",
            "@daily",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "5/10 * * * *",
            "*/0 * * * *",
            "*/60 * * * *",
            "30-10 * * * *",
            "a * * * *",
            "* * * * mon-",
            ", * * * *",
            "+1 * * * *",
            "0 0 30 2 *",
            "0 0 31 4,6 *",
            "1-2-3 * * * *",
            "* * * * fri-sun",
        ];
        for schedule in wrong {
            assert!(check(schedule).is_err(), "{schedule}");
        }
    }

    #[test]
    fn a_fault_says_what_to_write() {
        let fault = |schedule| check(schedule).map_err(|fault| (fault.message, fault.hint));
        assert_eq!(
            fault("5/10 * * * *"),
            Err((
                "`5/10` is not a minute of a schedule".to_owned(),
                "a step needs a range, for example `5-59/10`".to_owned()
            ))
        );
        assert_eq!(
            fault("* * * * noday"),
            Err((
                "`noday` is not a day of week of a schedule".to_owned(),
                "write 0 to 7 or sun mon tue wed thu fri sat".to_owned()
            ))
        );
    }
}
