//! The conformance suite for implementations of [`Store`].
//!
//! - [`conformance_tests!`](crate::conformance_tests) generates one test for each [`Case`].
//! - [`run`] runs every case in a single call.
//! - [`Suite`] configures rounds, tasks and spawning.
//!
//! Each case opens a new, empty store and reports the first breach of the contract.
//!
//! Concurrent cases yield between reads and writes. Such a case fails when no conflict happened, because the tasks then
//! ran one after another. Without a [`spawner`](Suite::spawner) the tasks run concurrently in one future, on any
//! executor. Set a spawner to run the tasks in parallel.
//!
//! [`Case::OneChallenge`] and [`Case::LostReplies`] record concurrent calls on one challenge and check that the history
//! is linearizable (Herlihy and Wing, 1990).

mod addresses;
mod case;
mod devices;
mod due;
mod durability;
mod factors;
mod failure;
mod fixture;
mod history;
mod host;
mod linearizability;
mod list;
mod load;
mod open;
mod purge;
mod race;
mod record;
mod service;
mod suite;
mod tally;
mod write;

pub use case::Case;
pub use durability::survives_reopen;
pub use failure::{Complaint, Failure};
pub use linearizability::Unexplained;
pub use suite::{Suite, Task};
pub use tally::Tally;

use std::error::Error as _;
use std::future::Future;

use challenges_core::Store;

/// Runs every case. `open` must return a new, empty store on each call.
///
/// # Panics
///
/// Panics when the store fails a case, with a report of every failed case. [`Suite::failures`] returns the failures
/// instead.
///
/// # Examples
///
/// ```no_run
/// use challenges_testkit::{DefectiveStore, conformance};
///
/// # futures::executor::block_on(async {
/// conformance::run(|| async { DefectiveStore::sound() }).await;
/// # });
/// ```
pub async fn run<S, F, Fut>(open: F)
where
    S: Store,
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = S> + Send + 'static,
{
    report(&Suite::new(open).failures().await);
}

/// Runs one case, as the tests from [`conformance_tests!`](crate::conformance_tests) do.
///
/// # Panics
///
/// Panics when the store fails the case. [`Suite::check`] returns the failure instead.
pub async fn check(case: Case, suite: &Suite) {
    if let Err(failure) = suite.check(case).await {
        report(&[failure]);
    }
}

/// Runs one case 1,000 times with 256 tasks, if `CHALLENGES_FULL` is set in the environment. Does nothing otherwise.
///
/// [`conformance_tests!`](crate::conformance_tests) generates such a test for [`Case::OneRightAnswer`] (R1),
/// [`Case::OneOutcome`] (R10), [`Case::OneChallenge`] and [`Case::LostReplies`] (R54).
///
/// # Panics
///
/// Panics when the store fails the case.
pub async fn check_a_thousand_times(case: Case, suite: Suite) {
    const ROUNDS: usize = 1_000;
    const TASKS: usize = 256;
    if std::env::var_os("CHALLENGES_FULL").is_none() {
        println!("{case}: skipped; set CHALLENGES_FULL=1 for {ROUNDS} rounds of {TASKS} tasks");
        return;
    }
    check(case, &suite.rounds(ROUNDS).tasks(&[TASKS])).await;
    println!("{case}: {ROUNDS} rounds of {TASKS} tasks, no failure");
}

#[expect(clippy::panic, reason = "a failed case must fail the test of the caller")]
fn report(failures: &[Failure]) {
    if !failures.is_empty() {
        let lines: Vec<_> = failures.iter().map(with_causes).collect();
        panic!("the store breaks the contract of challenges_core::Store:\n{}", lines.join("\n"));
    }
}

/// Returns the text of a failure, and of the errors below the error of the store or service.
fn with_causes(failure: &Failure) -> String {
    let causes = std::iter::successors(failure.complaint.source(), |error| (**error).source());
    causes.skip(1).fold(failure.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Generates one test for each [`Case`] from an asynchronous test attribute and a [`Suite`] expression.
///
/// # Examples
///
/// ```
/// use challenges_testkit::DefectiveStore;
/// use challenges_testkit::conformance::Suite;
///
/// mod conformance {
///     use super::*;
///     challenges_testkit::conformance_tests! {
///         #[tokio::test]
///         Suite::new(|| async { DefectiveStore::sound() })
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance_tests {
    (#[$($attribute:tt)*] $suite:expr) => {
        $crate::conformance_tests! { @all [$($attribute)*] ($suite)
            exclusive_create ExclusiveCreate,
            update Update,
            stale_update StaleUpdate,
            recreated_record RecreatedRecord,
            missing_record MissingRecord,
            delete Delete,
            all_or_nothing AllOrNothing,
            many_writes ManyWrites,
            load_of_nothing LoadOfNothing,
            siblings Siblings,
            equal_random_parts EqualRandomParts,
            bodies Bodies,
            extreme_times ExtremeTimes,
            list_of_an_owner ListOfAnOwner,
            list_of_all ListOfAll,
            list_limits ListLimits,
            list_under_change ListUnderChange,
            due_order DueOrder,
            due_shards DueShards,
            due_changes DueChanges,
            purge_of_expired PurgeOfExpired,
            purge_shards PurgeShards,
            purge_backlog PurgeBacklog,
            purge_changes PurgeChanges,
            purge_race PurgeRace,
            one_creator OneCreator,
            one_winner OneWinner,
            write_skew WriteSkew,
            exact_counter ExactCounter,
            snapshot Snapshot,
            random_history RandomHistory,
            one_right_answer OneRightAnswer,
            one_use_of_a_code OneUseOfACode,
            one_use_of_a_recovery_code OneUseOfARecoveryCode,
            nothing_after_erasure NothingAfterErasure,
            one_secret_of_a_device OneSecretOfADevice,
            one_import OneImport,
            one_first_factor OneFirstFactor,
            last_factor_stays LastFactorStays,
            one_confirmation OneConfirmation,
            attempt_budget AttemptBudget,
            guesses_over_challenges GuessesOverChallenges,
            one_outcome OneOutcome,
            end_of_time EndOfTime,
            clock_going_back ClockGoingBack,
            one_challenge OneChallenge,
            lost_replies LostReplies,
        }

        $crate::conformance_tests! { @full [$($attribute)*] ($suite)
            one_right_answer_a_thousand_times OneRightAnswer,
            one_outcome_a_thousand_times OneOutcome,
            one_challenge_a_thousand_times OneChallenge,
            lost_replies_a_thousand_times LostReplies,
        }
    };
    (@all $attribute:tt $suite:tt $($name:ident $case:ident,)*) => {
        $($crate::conformance_tests! { @one $attribute $suite $name $case })*

        const _: () = assert!(
            [$($crate::conformance::Case::$case),*].len() == $crate::conformance::Case::ALL.len(),
            "conformance_tests! must name every case",
        );
    };
    (@full $attribute:tt $suite:tt $($name:ident $case:ident,)*) => {
        $($crate::conformance_tests! { @full_one $attribute $suite $name $case })*
    };
    (@full_one [$($attribute:tt)*] ($suite:expr) $name:ident $case:ident) => {
        #[$($attribute)*]
        async fn $name() {
            $crate::conformance::check_a_thousand_times($crate::conformance::Case::$case, $suite).await;
        }
    };
    (@one [$($attribute:tt)*] ($suite:expr) $name:ident $case:ident) => {
        #[$($attribute)*]
        async fn $name() {
            $crate::conformance::check($crate::conformance::Case::$case, &$suite).await;
        }
    };
}
