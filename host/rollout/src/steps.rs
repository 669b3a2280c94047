//! How weight goes to a candidate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Steps of `canary`, percent of clients: one in twenty meets the first fault; from 5 to 25 and 50 the baseline
/// still is large enough to compare with; then all.
pub const STEPS_DEFAULT: [u8; 4] = [5, 25, 50, 100];

/// How weight goes to a candidate. Written `now`, `canary` or `5,25,50,100`, in JSON too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Strategy {
    /// All at once.
    Now,
    /// [`STEPS_DEFAULT`].
    Canary,
    /// Percent of clients: ascending, the last one 100; at most 20 steps. The first may be 0: testers alone, until an
    /// operator promotes it.
    Steps(Vec<u8>),
}

/// A step takes minutes; with more than this nobody waits for the end.
const STEPS_MAX: usize = 20;

impl Strategy {
    /// The weights to go through in percent; never empty, the last one is 100.
    pub fn weights(&self) -> Vec<u8> {
        match self {
            Self::Now => vec![100],
            Self::Canary => STEPS_DEFAULT.to_vec(),
            Self::Steps(steps) => steps.clone(),
        }
    }
}

impl FromStr for Strategy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |reason| Error::Strategy { text: text.to_owned(), reason };
        match text.trim() {
            "now" => return Ok(Self::Now),
            "canary" => return Ok(Self::Canary),
            _ => {}
        }
        let mut steps = Vec::new();
        for word in text.split(',') {
            let word = word.trim();
            let word = word.strip_suffix('%').unwrap_or(word);
            let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
            let step = word.parse::<u8>().ok().filter(|step| digits && *step <= 100);
            let step = step.ok_or_else(|| refuse("has a step that is no number from 0 to 100"))?;
            if steps.last().is_some_and(|last| *last >= step) {
                return Err(refuse("has steps that do not ascend"));
            }
            steps.push(step);
        }
        if steps.len() > STEPS_MAX {
            return Err(refuse("has more than 20 steps"));
        }
        if steps.last() != Some(&100) {
            return Err(refuse("does not end at 100"));
        }
        Ok(Self::Steps(steps))
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("now"),
            Self::Canary => f.write_str("canary"),
            Self::Steps(steps) => {
                let words: Vec<_> = steps.iter().map(ToString::to_string).collect();
                f.write_str(&words.join(","))
            }
        }
    }
}

impl From<Strategy> for String {
    fn from(strategy: Strategy) -> Self {
        strategy.to_string()
    }
}

impl TryFrom<String> for Strategy {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for (text, weights) in [
            ("now", &[100][..]),
            ("canary", &STEPS_DEFAULT),
            ("1,2,100", &[1, 2, 100]),
            ("0,100", &[0, 100]),
            ("100", &[100]),
        ] {
            let strategy: Strategy = text.parse().unwrap();
            assert_eq!(strategy.weights(), weights);
            assert_eq!(strategy.to_string(), text);
            let json = serde_json::to_string(&strategy).unwrap();
            assert_eq!(serde_json::from_str::<Strategy>(&json).unwrap(), strategy);
        }
        assert_eq!(" 5%, 100 %".replace(" %", "%").parse::<Strategy>().unwrap(), Strategy::Steps(vec![5, 100]));
    }

    #[test]
    fn steps_ascend_to_100_and_end_there() {
        let many: Vec<_> = (80..=100).map(|n| n.to_string()).collect();
        for text in
            ["", "later", "0", "0,0,100", "5", "5,5,100", "50,25,100", "5,101", "5,,100", "+5,100", "-5,100", "256,100"]
                .into_iter()
                .chain([many.join(",").as_str()])
        {
            assert!(text.parse::<Strategy>().is_err(), "{text:?}");
        }
    }
}
