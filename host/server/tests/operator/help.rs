//! `--help` is a contract too.

use super::{command, ended};

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        &[][..],
        &["plan"],
        &["deploy"],
        &["status"],
        &["releases"],
        &["promote"],
        &["pause"],
        &["resume"],
        &["abort"],
        &["rollback"],
        &["logs"],
        &["audit"],
        &["queue"],
        &["queue", "ls"],
        &["queue", "peek"],
        &["queue", "redrive"],
        &["queue", "discard"],
        &["queue", "pause"],
        &["queue", "resume"],
        &["token"],
        &["token", "create"],
        &["token", "ls"],
        &["token", "revoke"],
    ] {
        let ended = ended(command(folder.path(), &[words, &["--help"]].concat())).await;
        assert_eq!(ended.code, 0, "{words:?}");
        let name = [&["wharf"], words].concat().join("-");
        insta::assert_snapshot!(name, ended.out);
    }
}
