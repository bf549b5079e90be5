#![allow(clippy::unwrap_used)]

use challenges_core::store::StoreError;
use redis::RedisError;

use super::{Fault, Meaning, meaning};

/// Parses an error reply.
fn reply(text: &str) -> RedisError {
    let value = redis::parse_redis_value(format!("-{text}\r\n").as_bytes()).unwrap();
    value.extract_error().unwrap_err()
}

#[test]
fn error_replies_are_classified() {
    for (text, expected) in [
        ("TRYAGAIN Multiple keys request during rehashing of slot", Meaning::Transient),
        ("LOADING Redis is loading the dataset in memory", Meaning::Transient),
        ("CLUSTERDOWN The cluster is down", Meaning::Transient),
        ("MASTERDOWN Link with MASTER is down", Meaning::Transient),
        ("MOVED 1 127.0.0.1:7000", Meaning::Transient),
        ("BUSY Redis is busy running a script.", Meaning::Transient),
        ("ASK 1 127.0.0.1:7000", Meaning::Ask),
        ("READONLY You can't write against a read only replica.", Meaning::Demoted),
        ("NOSCRIPT No matching script.", Meaning::UnknownScript),
        ("OOM command not allowed when used memory > 'maxmemory'.", Meaning::Full),
        (
            "ERR Error running script (call to f_1): @user_script:1: @user_script: 1: -OOM command not allowed when used \
             memory > 'maxmemory'.",
            Meaning::Full,
        ),
        ("WRONGTYPE Operation against a key holding the wrong kind of value", Meaning::Foreign),
        ("EMPTIED the records of the store are gone", Meaning::Emptied),
        ("INCOMPLETE challenges:{017}:index has fewer entries than the store has records", Meaning::Incomplete),
        ("MISCONF Redis is configured to save RDB snapshots", Meaning::Refused),
        ("NOREPLICAS Not enough good replicas to write.", Meaning::Refused),
        ("NOAUTH Authentication required.", Meaning::Refused),
        ("NOPERM this user has no permissions", Meaning::Refused),
        ("CROSSSLOT Keys in request don't hash to the same slot", Meaning::Refused),
        ("ERR unknown command", Meaning::Refused),
        ("UNBLOCKED force unblock from blocking operation", Meaning::Lost),
    ] {
        assert_eq!(meaning(&reply(text)), expected, "{text}");
    }
}

#[test]
fn network_errors_are_lost_replies() {
    for kind in [
        std::io::ErrorKind::BrokenPipe,
        std::io::ErrorKind::ConnectionReset,
        std::io::ErrorKind::UnexpectedEof,
        std::io::ErrorKind::TimedOut,
    ] {
        let error: RedisError = std::io::Error::from(kind).into();
        assert_eq!(meaning(&error), Meaning::Lost);
        assert!(matches!(Fault::from_redis(error).into_commit_error(), StoreError::OutcomeUnknown(_)), "{kind:?}");
    }
}

#[test]
fn only_possibly_applied_commits_are_unknown() {
    let lost = || Fault::Lost(reply("UNBLOCKED"));
    assert!(matches!(lost().into_commit_error(), StoreError::OutcomeUnknown(_)));
    assert!(matches!(lost().into_read_error(), StoreError::Unavailable(_)));
    assert!(matches!(Fault::TimedOut.into_commit_error(), StoreError::OutcomeUnknown(_)));
    assert!(matches!(Fault::NotReplicated(0).into_commit_error(), StoreError::OutcomeUnknown(_)));
    assert!(matches!(Fault::from_redis(reply("MISCONF x")).into_commit_error(), StoreError::Unavailable(_)));
    assert!(matches!(Fault::from_redis(reply("OOM x")).into_commit_error(), StoreError::Full(Some(_))));
}
