use std::cell::Cell;
use std::future::ready;

use futures::executor::block_on;

use super::*;

#[test]
fn work_that_lost_a_race_runs_again_until_it_wins() {
    let runs = Cell::new(0);
    let outcome: Result<u32, Error> = block_on(retry(|| {
        runs.set(runs.get() + 1);
        ready(if runs.get() < 4 { Err(Error::Conflict) } else { Ok(runs.get()) })
    }));
    assert_eq!(outcome.unwrap(), 4);
}

#[test]
fn work_that_always_loses_ends_after_six_runs() {
    let runs = Cell::new(0);
    let outcome: Result<(), Problem> = block_on(retry(|| {
        runs.set(runs.get() + 1);
        ready(Err(Error::Conflict.into()))
    }));
    assert_eq!((outcome.unwrap_err().status(), runs.get()), (503, ATTEMPTS_MAX));
}

#[test]
fn other_errors_are_not_tried_again() {
    let runs = Cell::new(0);
    let outcome: Result<(), Error> = block_on(retry(|| {
        runs.set(runs.get() + 1);
        ready(Err(Error::Timeout))
    }));
    assert!(matches!(outcome, Err(Error::Timeout)) && runs.get() == 1);
}
