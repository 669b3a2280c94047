//! Releases in real folders: what is refused, what stays, what is swept.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy knows tests only by their attribute")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rollout::{Digest, Error, MigrationRef, Part, Release, ReleaseId, Store};

fn release(store: &Store, number: u64, wasm: &[u8]) -> Release {
    let migration =
        MigrationRef { name: "0001_a.expand.sql".into(), checksum: store.add_text("select 1;\r\n").unwrap() };
    let part = Part {
        wasm: store.add_wasm(wasm).unwrap(),
        size_bytes: 1,
        label: "1.0".into(),
        migrations: vec![migration],
        assets: BTreeMap::new(),
    };
    Release {
        version: Release::VERSION,
        id: ReleaseId(number),
        parent: None,
        created_at_us: number,
        by: "ada".into(),
        note: String::new(),
        manifest: store.add(b"manifest").unwrap(),
        components: [("tickets".to_owned(), part)].into(),
    }
}

fn files(dir: &Path) -> BTreeSet<String> {
    let read = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    read.collect()
}

#[test]
fn what_is_stored_comes_back_under_its_digest() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let digest = store.add(b"wasm").unwrap();
    assert_eq!(digest, Digest::of(b"wasm"));
    assert_eq!(store.add(b"wasm").unwrap(), digest);
    assert_eq!(store.read(&digest).unwrap(), b"wasm");
    assert_eq!(store.add_text("a\r\nb\n").unwrap(), Digest::of(b"a\nb\n"));
    assert!(matches!(store.read(&Digest::of(b"other")), Err(Error::NoObject(_))));
    assert_eq!(files(&dir.path().join("releases/objects")).len(), 2);
}

#[test]
fn bytes_that_are_not_what_was_promised_are_refused_and_damage_is_repaired() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let promised = Digest::of(b"whole");
    assert!(matches!(store.add_expected(b"who", &promised), Err(Error::Mismatch { .. })));
    assert!(!store.contains(&promised));
    store.add_expected(b"whole", &promised).unwrap();
    fs::write(store.path(&promised), b"who").unwrap();
    assert!(matches!(store.read(&promised), Err(Error::Mismatch { .. })));
    store.add(b"whole").unwrap();
    assert_eq!(store.read(&promised).unwrap(), b"whole");
}

#[test]
fn a_release_is_recorded_once_and_only_with_all_it_needs() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.next_id().unwrap(), ReleaseId(1));
    let first = release(&store, 1, b"one");
    let lacking = Release { manifest: Digest::of(b"nowhere"), ..first.clone() };
    assert!(matches!(store.put(&lacking), Err(Error::NoObject(_))));
    store.put(&first).unwrap();
    assert!(matches!(store.put(&first), Err(Error::Exists(ReleaseId(1)))));
    let reopened = Store::open(dir.path()).unwrap();
    assert_eq!(reopened.release(ReleaseId(1)).unwrap(), first);
    assert_eq!(reopened.next_id().unwrap(), ReleaseId(2));
    assert!(matches!(store.release(ReleaseId(7)), Err(Error::NoRelease(ReleaseId(7)))));
}

/// How: a folder stands where the temporary file goes, so that the write fails before the rename, as on a full disk.
#[test]
fn a_write_that_fails_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let one = release(&store, 1, b"one");
    let before = files(&dir.path().join("releases/objects"));
    fs::create_dir(dir.path().join("releases/partial")).unwrap();
    assert!(matches!(store.add(b"new"), Err(Error::Disk { .. })));
    assert!(matches!(store.put(&one), Err(Error::Disk { .. })));
    assert_eq!(files(&dir.path().join("releases/objects")), before);
    assert!(store.releases().unwrap().is_empty());
}

#[test]
fn a_damaged_record_is_named_and_stops_the_sweep() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for number in [1, 2] {
        store.put(&release(&store, number, b"one")).unwrap();
    }
    let path = dir.path().join("releases/r1.json");
    let whole = fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        assert!(matches!(store.release(ReleaseId(1)), Err(Error::Damaged { .. })), "cut at {cut}");
    }
    assert_eq!(store.releases().unwrap().len(), 1);
    assert!(store.sweep(&BTreeSet::new(), &BTreeSet::new()).is_err());
    assert!(store.contains(&Digest::of(b"one")));
}

#[test]
fn the_last_twenty_and_those_in_use_stay_and_the_rest_goes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for number in 1..=30 {
        store.put(&release(&store, number, format!("wasm {number}").as_bytes())).unwrap();
    }
    store.add(b"left by a crash").unwrap();
    let swept = store.sweep(&[ReleaseId(2), ReleaseId(30)].into(), &BTreeSet::new()).unwrap();
    let expected: Vec<_> = (1..=10).filter(|number| *number != 2).map(ReleaseId).collect();
    assert_eq!((swept.releases, swept.objects.len()), (expected, 10));
    assert!(swept.bytes > 0);
    let kept: Vec<_> = store.releases().unwrap().iter().map(|release| release.id.0).collect();
    assert_eq!(kept, std::iter::once(2).chain(11..=30).collect::<Vec<_>>());
    assert!(store.contains(&Digest::of(b"wasm 2")) && !store.contains(&Digest::of(b"wasm 3")));
    assert_eq!(store.read(&Digest::of(b"select 1;\n")).unwrap(), b"select 1;\n");
    assert_eq!(store.sweep(&[ReleaseId(2)].into(), &BTreeSet::new()).unwrap(), rollout::Swept::default());
    assert_eq!(store.next_id().unwrap(), ReleaseId(31));
}
