use super::*;

fn us(time: &str) -> i64 {
    time.parse::<Timestamp>().expect("a time").as_microsecond()
}

/// The next `count` slots after a time, as text.
fn slots(schedule: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(schedule, zone).expect("a schedule");
    let mut time = us(after);
    let mut next = || {
        time = schedule.next_after(time).expect("a next slot");
        Timestamp::from_microsecond(time).expect("in range").to_string()
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn steps_ranges_lists_and_names_are_understood() {
    assert_eq!(
        slots("*/20 9-10 * * *", "UTC", "2026-01-01T09:20:00Z", 4),
        ["2026-01-01T09:40:00Z", "2026-01-01T10:00:00Z", "2026-01-01T10:20:00Z", "2026-01-01T10:40:00Z"]
    );
    assert_eq!(
        slots("0 0 1,15 feb,Mar *", "UTC", "2026-01-01T00:00:00Z", 3),
        ["2026-02-01T00:00:00Z", "2026-02-15T00:00:00Z", "2026-03-01T00:00:00Z"]
    );
    assert_eq!(slots("50/5 0 1 1 *", "UTC", "2026-01-01T00:50:00Z", 1), ["2026-01-01T00:55:00Z"]);
    assert_eq!(slots("0 12 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1), ["2104-02-29T12:00:00Z"]);
}

#[test]
fn sunday_has_two_numbers_and_a_restricted_day_of_either_kind_suffices() {
    // 4 January 2026 is a Sunday.
    assert_eq!(slots("0 0 * * 7", "UTC", "2026-01-01T00:00:00Z", 1), ["2026-01-04T00:00:00Z"]);
    assert_eq!(slots("0 0 * * sun", "UTC", "2026-01-01T00:00:00Z", 1), ["2026-01-04T00:00:00Z"]);
    assert_eq!(
        slots("0 0 3 * 0", "UTC", "2026-01-01T00:00:00Z", 3),
        ["2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"]
    );
}

#[test]
fn a_time_skipped_by_summer_time_happens_once_and_later() {
    // Berlin goes from 02:00 to 03:00 on 29 March 2026.
    assert_eq!(
        slots("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
        ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"]
    );
    assert_eq!(
        slots("0,30 * * * *", "Europe/Berlin", "2026-03-29T00:15:00Z", 3),
        ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"]
    );
}

#[test]
fn a_time_that_comes_twice_happens_once_but_an_hourly_one_each_hour() {
    // Berlin goes from 03:00 back to 02:00 on 25 October 2026.
    assert_eq!(
        slots("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    );
    assert_eq!(
        slots("30 * * * *", "Europe/Berlin", "2026-10-24T23:00:00Z", 4),
        ["2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]
    );
}

#[test]
fn the_latest_slots_of_a_span_are_given_oldest_first() {
    let hourly = Schedule::parse("0 * * * *", "UTC").expect("a schedule");
    let (from, to) = (us("2026-01-01T10:00:00Z"), us("2026-01-01T13:00:00Z"));
    let hours = [us("2026-01-01T11:00:00Z"), us("2026-01-01T12:00:00Z"), to];
    assert_eq!(hourly.between(from, to, 100), hours);
    assert_eq!(hourly.between(from, to, 2), hours[1..]);
    assert_eq!(hourly.between(us("2020-01-01T00:00:00Z"), to, 3), hours);
    assert!(hourly.between(to, to, 100).is_empty());
}

#[test]
fn what_cannot_be_read_is_refused_in_words() {
    for (schedule, zone, words) in [
        ("* * * *", "UTC", "has 4 fields instead of five"),
        ("60 * * * *", "UTC", "minute `60` is not within 0 to 59"),
        ("* * 0 * *", "UTC", "day of month `0` is not within 1 to 31"),
        ("5-1 * * * *", "UTC", "in rising order"),
        ("*/0 * * * *", "UTC", "has a step of 0"),
        ("*/4294967297 * * * *", "UTC", "has no number after `/`"),
        ("x * * * *", "UTC", "minute `x` is not a number"),
        ("0 0 30 2 *", "UTC", "never happens"),
        ("* * * * *", "Mars/Olympus", "there is no time zone `Mars/Olympus`"),
    ] {
        let error = Schedule::parse(schedule, zone).expect_err(schedule);
        assert!(error.contains(words), "{error}");
    }
}
