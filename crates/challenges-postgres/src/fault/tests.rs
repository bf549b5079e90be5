use std::sync::Arc;

use challenges_core::store::StoreError;

use super::Fault;
use crate::driver::{Failure, ServerError};

fn commit_error(failure: Failure) -> StoreError {
    Arc::new(Fault::from(failure)).commit_error()
}

fn store_error(code: &str, ends_session: bool) -> StoreError {
    let error = ServerError { code: code.to_owned(), ends_session, source: "an error".into() };
    commit_error(Failure::Server(error))
}

/// R57: an error response that rolls back is not applied.
#[test]
fn rolled_back_commits_are_not_applied() {
    for code in ["40001", "40P01", "55P03", "25006", "57014", "42501", "23505", "26000", "25000", "CH001"] {
        assert!(matches!(store_error(code, false), StoreError::Unavailable(_)), "{code}");
    }
    for code in ["53100", "53200"] {
        assert!(matches!(store_error(code, false), StoreError::Full(_)), "{code}");
    }
}

/// R57: an error of the session or the connection leaves the outcome unknown.
#[test]
fn ended_sessions_leave_the_outcome_unknown() {
    for (code, ends_session) in [("57P01", true), ("57P02", true), ("08P01", true), ("40003", false), ("XX000", false)]
    {
        assert!(matches!(store_error(code, ends_session), StoreError::OutcomeUnknown(_)), "{code}");
    }
    for failure in [Failure::Lost("eof".into()), Failure::TimedOut, Failure::Reply("no number".into())] {
        assert!(matches!(commit_error(failure), StoreError::OutcomeUnknown(_)));
    }
    assert!(matches!(commit_error(Failure::NoConnection("refused".into())), StoreError::Unavailable(_)));
}
