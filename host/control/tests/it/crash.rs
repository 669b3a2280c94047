//! A crash after any durable step: the state folder as it was then is opened again, as a new start would.

use std::path::Path;
use std::sync::{Arc, Mutex};

use control::Outcome;
use rollout::Journal;

use crate::bed::Bed;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Copies the folder after each step of a rollout, then starts on each copy.
#[tokio::test(start_paused = true)]
async fn every_step_leaves_the_old_or_the_new_release_and_the_way_free() {
    for (strategy, outcome) in
        [("now", rollout::Outcome::Good), ("canary", rollout::Outcome::Good), ("canary", rollout::Outcome::Fault)]
    {
        let bed = Bed::new().await;
        *bed.host.traffic.lock().unwrap() = Some(outcome);
        let copies = Arc::new(tempfile::tempdir().unwrap());
        let (count, source, target) = (Arc::new(Mutex::new(0)), bed.dir.path().to_owned(), Arc::clone(&copies));
        let counted = Arc::clone(&count);
        *bed.host.after_step.lock().unwrap() = Some(Box::new(move || {
            let mut count = counted.lock().unwrap();
            *count += 1;
            copy(&source, &target.path().join(count.to_string()));
        }));
        bed.deploy(bed.order("v2", strategy)).await.unwrap();
        bed.end().await;
        let last = bed.live();
        let steps = *count.lock().unwrap();
        assert!(steps >= 4, "{steps} steps");
        let mut seen = std::collections::BTreeSet::new();
        for step in 1..=steps {
            let state = copies.path().join(step.to_string());
            let again = Bed::on(&state, Arc::clone(&copies)).await;
            assert!([1, last].contains(&again.live()), "step {step}: r{}", again.live());
            seen.insert(again.live());
            let record = Journal::open(&state).unwrap().0;
            assert!(record.state().lock.is_none() && record.state().rollout.is_none(), "step {step}");
            // The same deploy again: done already, or done now.
            match again.deploy(again.order("v2", "now")).await {
                Ok(_) => assert_eq!(again.end().await.outcome, Outcome::Live, "step {step}"),
                Err(refusal) => assert!(refusal.message.starts_with("nothing changes"), "step {step}: {refusal}"),
            }
        }
        assert!(seen.contains(&1) && seen.contains(&last), "{seen:?}");
    }
}
