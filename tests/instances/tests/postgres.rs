//! Private PostgreSQL servers start, are cut off, and come back with what was committed.

use instances::Postgres;

#[test]
fn a_server_keeps_what_was_committed_when_it_is_cut_off() {
    let server = Postgres::start();
    server.psql("postgres", "create table t (n int); insert into t values (7)");
    server.stop_immediately();
    server.start_again();
    assert_eq!(server.psql("postgres", "select n from t"), "7");
    assert!(server.log().contains("ready to accept connections"));
}
