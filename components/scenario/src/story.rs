//! All tickets at a moment, numbered by the days of their submission.

use std::collections::BTreeMap;

use crate::play::{moment, play};
use crate::plot::{Plot, plots};
use crate::ticket::Ticket;

const DAY_US: i64 = 86_400_000_000;

/// Every ticket as it stands at `now` (microseconds since 1970), the oldest first.
pub fn story(now: i64) -> Vec<Ticket> {
    let mut begun: Vec<(i64, u16, &'static Plot)> =
        (1..).zip(plots()).map(|(place, plot)| (moment(plot, place, now, plot.ago), place, plot)).collect();
    begun.sort_by_key(|(at, ..)| *at);
    let mut of_day: BTreeMap<String, u32> = BTreeMap::new();
    let mut number = |at: i64| {
        let day = day(at);
        let sequence = of_day.entry(day.clone()).or_default();
        *sequence += 1;
        format!("TX{day}{sequence:06}")
    };
    begun.into_iter().filter_map(|(at, place, plot)| play(plot, place, number(at), now)).collect()
}

/// The UTC day of a moment, `yyyymmdd`, in the Gregorian calendar.
fn day(at: i64) -> String {
    // Days are counted in eras of 400 years that begin on the first of March, so that leap days end a year.
    let days = at.div_euclid(DAY_US) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    format!("{:04}{month:02}{day:02}", year_of_era + era * 400 + i64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, text) in [(0, "19700101"), (951_782_400, "20000229"), (1_773_065_100, "20260309")] {
            assert_eq!(day(seconds * 1_000_000), text);
        }
    }

    #[test]
    fn numbers_of_a_day_begin_with_one_and_have_no_gaps() {
        let tickets = story(1_773_065_100_000_000);
        for ticket in &tickets {
            let same_day = tickets.iter().filter(|other| other.day() == ticket.day());
            let earlier = same_day.filter(|other| other.submitted_at < ticket.submitted_at).count();
            assert_eq!(usize::try_from(ticket.sequence()).unwrap(), earlier + 1, "{}", ticket.number);
            assert_eq!(ticket.day(), day(ticket.submitted_at));
        }
    }
}
