//! What the answer of a component, or its absence, means for a message.

use std::time::Duration;

use http::StatusCode;

/// Kept of a response for the operator, in bytes.
const EXCERPT_BYTES_MAX: usize = 1024;
/// Longest wait a component can ask for: a mistyped `Retry-After` must not park a message for years.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);

/// How one attempt to deliver a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
    pub(crate) status: Option<u16>,
    pub(crate) response: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Ack,
    /// Try again, not before this much time has passed where the component said so.
    Retry(Option<Duration>),
    Dead,
    /// It was never attempted; offer it again after this much time.
    Return(Duration),
}

impl Outcome {
    /// The component handled the message.
    pub fn ack() -> Self {
        Self { verdict: Verdict::Ack, reason: String::new(), status: None, response: String::new() }
    }

    /// Reads an HTTP response: 2xx is handled; 408, 429 and 5xx are tried again, not before `retry_after`; any other
    /// 4xx is a dead letter at once. What is none of these (a redirect) is tried again and ends as a dead letter.
    ///
    /// `detail` is the beginning of the body for the operator; more than 1 KiB of it is cut off. `retry_after` is
    /// taken as at most one day.
    pub fn from_response(status: StatusCode, retry_after: Option<Duration>, detail: impl Into<String>) -> Self {
        let verdict = match status {
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Verdict::Retry(retry_after),
            status if status.is_success() => Verdict::Ack,
            status if status.is_client_error() => Verdict::Dead,
            _ => Verdict::Retry(retry_after),
        };
        let verdict = match verdict {
            Verdict::Retry(after) => Verdict::Retry(after.map(|after| after.min(RETRY_AFTER_MAX))),
            verdict => verdict,
        };
        let reason = format!("the component answered {}", status.as_u16());
        Self { verdict, reason, status: Some(status.as_u16()), response: excerpt(detail.into()) }
    }

    /// There was no answer: a trap, memory or time ran out, the connection broke. Tried again.
    pub fn fault(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Retry(None), reason: excerpt(reason.into()), status: None, response: String::new() }
    }

    /// The component was never asked, because the host had no place for it or is about to stop: this is no attempt.
    /// The message is offered again after `after`, at least 100 ms and at most a day.
    pub fn returned(after: Duration) -> Self {
        let after = after.clamp(Duration::from_millis(100), RETRY_AFTER_MAX);
        Self { verdict: Verdict::Return(after), reason: String::new(), status: None, response: String::new() }
    }
}

fn excerpt(mut text: String) -> String {
    let mut end = text.len().min(EXCERPT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// Reads a `Retry-After` header: seconds, or a date compared with `now_us`. `None`: it is neither.
///
/// # Source
/// RFC 9110 section 10.2.3.
pub fn retry_after(value: &str, now_us: i64) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp().as_microsecond();
    Some(Duration::from_micros(u64::try_from(date.saturating_sub(now_us)).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16) -> Verdict {
        let status = StatusCode::from_u16(status).expect("a status");
        Outcome::from_response(status, Some(Duration::from_secs(7)), "").verdict
    }

    #[test]
    fn each_class_of_status_means_what_the_contract_says() {
        let again = Verdict::Retry(Some(Duration::from_secs(7)));
        for status in [200, 202, 204] {
            assert_eq!(verdict(status), Verdict::Ack);
        }
        for status in [408, 429, 500, 502, 503, 504, 302] {
            assert_eq!(verdict(status), again, "{status}");
        }
        for status in [400, 401, 403, 404, 409, 410, 422] {
            assert_eq!(verdict(status), Verdict::Dead, "{status}");
        }
        assert_eq!(Outcome::fault("trap").verdict, Verdict::Retry(None));
    }

    #[test]
    fn an_excerpt_is_cut_at_a_whole_character_within_one_kibibyte() {
        let outcome = Outcome::from_response(StatusCode::BAD_REQUEST, None, format!("x{}", "é".repeat(600)));
        assert_eq!(outcome.response.len(), 1023);
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        assert_eq!(retry_after(" 120 ", 0), Some(Duration::from_mins(2)));
        let noon = 784_123_200_000_000;
        assert_eq!(retry_after("Sun, 06 Nov 1994 12:00:05 GMT", noon), Some(Duration::from_secs(5)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 11:00:00 GMT", noon), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", noon), None);
    }
}
