use std::fs;
use std::path::Path;

use super::*;
use crate::{ReleaseId, Strategy};

fn open(dir: &Path) -> (State, Recovered) {
    let (journal, recovered) = Journal::open(dir).unwrap();
    (journal.state, recovered)
}

fn live(dir: &Path, release: u64) -> State {
    let (mut journal, _) = Journal::open(dir).unwrap();
    journal
        .update(|state| {
            state.go_live(ReleaseId(release));
            state.decide(release, "live", "because");
            Ok(())
        })
        .unwrap();
    journal.state
}

/// How: every file that a kill can leave is made by hand, for each length that the write may have reached.
#[test]
fn a_kill_at_any_byte_of_a_write_leaves_the_old_or_the_new_record() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    live(dir, 1);
    let old = live(dir, 2);
    let (old_bytes, before) = (fs::read(dir.join(NAME)).unwrap(), fs::read(dir.join(BEFORE)).unwrap());
    let new = live(dir, 3);
    let new_bytes = fs::read(dir.join(NAME)).unwrap();
    let lay = |journal: &[u8], one: &[u8], temporary: Option<&[u8]>, link: bool| {
        for name in [NAME, BEFORE, NEW, LINK] {
            drop(fs::remove_file(dir.join(name)));
        }
        fs::write(dir.join(NAME), journal).unwrap();
        fs::write(dir.join(BEFORE), one).unwrap();
        if let Some(bytes) = temporary {
            fs::write(dir.join(NEW), bytes).unwrap();
        }
        if link {
            fs::hard_link(dir.join(NAME), dir.join(LINK)).unwrap();
        }
    };
    for cut in 0..=new_bytes.len() {
        // While `journal.new` grows, and with the steps after it.
        for link in [false, true] {
            for one in [&before, &old_bytes] {
                lay(&old_bytes, one, Some(&new_bytes[..cut]), link);
                assert_eq!(open(dir), (old.clone(), Recovered::Whole), "cut at {cut}");
            }
        }
        // A disk that reorders: the rename is there and the bytes are not, or not all.
        lay(&new_bytes[..cut], &old_bytes, None, false);
        let whole = cut == new_bytes.len();
        let expected = if whole { (new.clone(), Recovered::Whole) } else { (old.clone(), Recovered::Previous) };
        assert_eq!(open(dir), expected, "cut at {cut}");
    }
    // The next write works from each of them, and clears up.
    lay(&old_bytes, &old_bytes, Some(&new_bytes[..7]), true);
    assert_eq!(live(dir, 3), new);
    assert!(!dir.join(NEW).exists() && !dir.join(LINK).exists());
}

/// How: one bit of the record is turned, for each bit.
#[test]
fn a_flipped_bit_is_never_believed() {
    let dir = tempfile::tempdir().unwrap();
    let old = live(dir.path(), 1);
    live(dir.path(), 2);
    let bytes = fs::read(dir.path().join(NAME)).unwrap();
    for at in 0..bytes.len() * 8 {
        let mut bent = bytes.clone();
        bent[at / 8] ^= 1 << (at % 8);
        fs::write(dir.path().join(NAME), &bent).unwrap();
        assert_eq!(open(dir.path()), (old.clone(), Recovered::Previous), "bit {at}");
    }
}

#[test]
fn a_damaged_record_never_replaces_the_whole_one_before_it() {
    let dir = tempfile::tempdir().unwrap();
    live(dir.path(), 1);
    live(dir.path(), 2);
    let before = fs::read(dir.path().join(BEFORE)).unwrap();
    fs::write(dir.path().join(NAME), b"").unwrap();
    let (mut journal, recovered) = Journal::open(dir.path()).unwrap();
    assert_eq!((recovered, journal.state().live), (Recovered::Previous, Some(ReleaseId(1))));
    journal.update(|state| state.take_lock("ci", 5)).unwrap();
    assert_eq!(fs::read(dir.path().join(BEFORE)).unwrap(), before);
    journal
        .update(|state| {
            state.release_lock();
            Ok(())
        })
        .unwrap();
    assert_eq!(open(dir.path()).1, Recovered::Whole);
}

#[test]
fn nothing_whole_is_said_and_not_guessed() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(open(dir.path()), (State::default(), Recovered::Fresh));
    fs::write(dir.path().join(NAME), b"").unwrap();
    assert!(matches!(Journal::open(dir.path()), Err(Error::Damaged { .. })));
    fs::write(dir.path().join(BEFORE), b"{}\nsha256 0\n").unwrap();
    assert!(matches!(Journal::open(dir.path()), Err(Error::Damaged { .. })));
    let newer = seal::seal(NAME, &serde_json::json!({"version": 2, "live": 7})).unwrap();
    fs::write(dir.path().join(NAME), newer).unwrap();
    assert!(matches!(Journal::open(dir.path()), Err(Error::Newer { version: 2, .. })));
}

/// How: the place of the temporary file is taken by a folder, so that the write fails as on a full disk.
#[test]
fn a_write_that_fails_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let old = live(dir.path(), 1);
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    fs::create_dir(dir.path().join(NEW)).unwrap();
    let refused = journal.update(|state| {
        state.go_live(ReleaseId(2));
        Ok(())
    });
    assert!(matches!(refused, Err(Error::Disk { .. })));
    assert_eq!((journal.state(), open(dir.path()).0), (&old, old.clone()));
    fs::remove_dir(dir.path().join(NEW)).unwrap();
    let refused = journal.update(|state| {
        state.go_live(ReleaseId(2));
        Err::<(), _>(Error::NoRelease(ReleaseId(2)))
    });
    assert!(refused.is_err());
    assert_eq!(journal.state(), &old);
}

#[test]
fn a_second_deploy_is_refused_while_one_runs() {
    let mut state = State::default();
    state.take_lock("ci", 7).unwrap();
    for holder in ["ci", "ada"] {
        let error = state.take_lock(holder, 9).unwrap_err();
        assert!(matches!(error, Error::Locked { since_us: 7, .. }));
    }
    state.release_lock();
    state.take_lock("ada", 9).unwrap();
}

#[test]
fn lists_stay_bounded_and_a_rollout_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    for release in 1..=30 {
        live(dir.path(), release);
    }
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    journal
        .update(|state| {
            (0..500).for_each(|n| state.decide(n, "hold", "not enough data"));
            state.begin(ReleaseId(31), Strategy::Canary, 10);
            state.rollout.as_mut().unwrap().enter(1, 20);
            Ok(())
        })
        .unwrap();
    let (state, _) = open(dir.path());
    assert_eq!((state.previous.len(), state.previous[0]), (20, ReleaseId(29)));
    assert_eq!((state.decisions.len(), state.decisions[199].at_us), (200, 499));
    let rollout = state.rollout.unwrap();
    assert_eq!((rollout.step, rollout.weight, rollout.held(25).as_micros()), (1, 25, 5));
}
