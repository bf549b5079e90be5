#![allow(clippy::unwrap_used)]

use challenges_core::store::StoreError;
use redis::RedisError;

use super::{Fault, Meaning, meaning};

/// The error that an error reply becomes.
fn reply(text: &str) -> RedisError {
    let value = redis::parse_redis_value(format!("-{text}\r\n").as_bytes()).unwrap();
    value.extract_error().unwrap_err()
}

#[test]
fn every_reply_says_whether_the_command_was_carried_out() {
    for (text, expected) in [
        ("TRYAGAIN Multiple keys request during rehashing of slot", Meaning::NotNow),
        ("LOADING Redis is loading the dataset in memory", Meaning::NotNow),
        ("CLUSTERDOWN The cluster is down", Meaning::NotNow),
        ("MASTERDOWN Link with MASTER is down", Meaning::NotNow),
        ("MOVED 1 127.0.0.1:7000", Meaning::NotNow),
        ("BUSY Redis is busy running a script.", Meaning::NotNow),
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
fn what_the_network_says_is_a_lost_reply() {
    for kind in [
        std::io::ErrorKind::BrokenPipe,
        std::io::ErrorKind::ConnectionReset,
        std::io::ErrorKind::UnexpectedEof,
        std::io::ErrorKind::TimedOut,
    ] {
        let error: RedisError = std::io::Error::from(kind).into();
        assert_eq!(meaning(&error), Meaning::Lost);
        assert!(matches!(Fault::of(error).of_commit(), StoreError::OutcomeUnknown(_)), "{kind:?}");
    }
}

#[test]
fn only_what_may_have_been_applied_is_unknown() {
    let lost = || Fault::Lost(reply("UNBLOCKED"));
    assert!(matches!(lost().of_commit(), StoreError::OutcomeUnknown(_)));
    assert!(matches!(lost().of_read(), StoreError::Unavailable(_)));
    assert!(matches!(Fault::TimedOut.of_commit(), StoreError::OutcomeUnknown(_)));
    assert!(matches!(Fault::NotReplicated(0).of_commit(), StoreError::OutcomeUnknown(_)));
    assert!(matches!(Fault::of(reply("MISCONF x")).of_commit(), StoreError::Unavailable(_)));
    assert!(matches!(Fault::of(reply("OOM x")).of_commit(), StoreError::Full(Some(_))));
}
