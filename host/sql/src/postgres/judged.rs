//! What is known of statements that came before: a service says the same few again and again, and to cut one into words
//! takes longer than to look it up.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::connection::{CACHED_BYTES_MAX, STATEMENTS_CACHED};
use super::guard::{Effect, judge};
use crate::Error;

/// Accepted statements of one database, as many as a connection keeps prepared. What was refused is looked at each time.
#[derive(Debug, Default)]
pub(crate) struct Judged(RwLock<HashMap<Box<str>, Effect>>);

impl Judged {
    /// As [`judge`], which sees a text once.
    pub(crate) fn judge(&self, statement: &str) -> Result<Effect, Error> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(statement).copied();
        if let Some(effect) = known {
            return Ok(effect);
        }
        let effect = judge(statement)?;
        if statement.len() <= CACHED_BYTES_MAX {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= STATEMENTS_CACHED {
                known.clear();
            }
            known.insert(statement.into(), effect);
        }
        Ok(effect)
    }
}

#[cfg(test)]
mod tests {
    use super::{Judged, STATEMENTS_CACHED};
    use crate::Error;
    use crate::postgres::guard::Effect;

    #[test]
    fn a_statement_is_judged_alike_every_time_and_few_are_remembered() {
        let judged = Judged::default();
        for _ in 0..2 {
            assert_eq!(judged.judge("select 1"), Ok(Effect::Read));
            assert_eq!(judged.judge("delete from t"), Ok(Effect::Change));
            assert_eq!(judged.judge("select * from wharf_outbox"), Err(Error::Denied));
        }
        for n in 0..STATEMENTS_CACHED * 2 {
            assert_eq!(judged.judge(&format!("select {n}")), Ok(Effect::Read));
            assert!(judged.0.read().unwrap().len() <= STATEMENTS_CACHED);
        }
    }
}
