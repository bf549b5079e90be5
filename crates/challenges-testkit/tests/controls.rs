//! Controls of the suite: a sound store passes and every defective store fails.
#![allow(missing_docs, clippy::unwrap_used)]

use challenges_testkit::conformance::{Case, Complaint, Failure, Suite};
use challenges_testkit::{Defect, DefectiveStore};

mod sound {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test]
        Suite::new(|| async { DefectiveStore::sound() }).rounds(3)
    }
}

mod sound_in_parallel {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        Suite::new(|| async { DefectiveStore::sound() })
            .spawner(|task| Box::pin(async { tokio::spawn(task).await.unwrap() }))
    }
}

fn suite(defect: Defect) -> Suite {
    Suite::new(move || async move { DefectiveStore::new(defect) }).rounds(1).tasks(&[16])
}

#[tokio::test]
async fn every_defect_and_every_case_counts() {
    let mut caught = Vec::new();
    for defect in Defect::ALL {
        let failures = suite(*defect).failures().await;
        // A specific case must catch each defect, in addition to the random history.
        let named = failures.iter().filter(|failure| failure.case != Case::RandomHistory).count();
        assert!(named > 0, "{defect:?} passes every specific case; failures: {failures:?}");
        for failure in failures {
            println!("{defect:?} {failure}");
            caught.push(failure.case);
        }
    }
    for case in Case::ALL {
        assert!(caught.contains(case), "the case \"{case}\" passes on every defective store");
    }
}

#[tokio::test]
async fn naive_store_fails_more_than_four_of_five_races() {
    for case in [Case::OneCreator, Case::OneWinner, Case::ExactCounter, Case::OneRightAnswer, Case::OneOutcome] {
        for tasks in [2, 16, 64, 256] {
            let naive = || async { DefectiveStore::new(Defect::ChecksThenWrites) };
            let tally = Suite::new(naive).rounds(1).tasks(&[tasks]).tally(case, 50).await;
            println!("the naive store, {tasks} tasks, {tally}");
            assert!(tally.failed > 40, "{tasks} tasks, {tally}");
        }
    }
}

/// R67, R68, R69, R70, R72, R75: control of the races of 256 tasks for an account.
#[tokio::test]
async fn naive_store_fails_account_races_of_256() {
    let cases = [
        Case::OneUseOfACode,
        Case::OneUseOfARecoveryCode,
        Case::NothingAfterErasure,
        Case::OneSecretOfADevice,
        Case::OneImport,
        Case::OneFirstFactor,
        Case::LastFactorStays,
        Case::OneConfirmation,
    ];
    for case in cases {
        let naive = || async { DefectiveStore::new(Defect::ChecksThenWrites) };
        let failure = Suite::new(naive).rounds(1).tasks(&[256]).check(case).await.unwrap_err();
        assert!(matches!(failure.complaint, Complaint::Wrong(_)), "{failure}");
        println!("the naive store {failure}");
    }
}

#[tokio::test]
async fn decisions_before_the_write_step_fail_every_race() {
    for (case, defect) in [(Case::PurgeRace, Defect::SelectsThenPurges), (Case::WriteSkew, Defect::ChecksKeepsFirst)] {
        for tasks in [2, 16, 64, 256] {
            let store = move || async move { DefectiveStore::new(defect) };
            let tally = Suite::new(store).rounds(1).tasks(&[tasks]).tally(case, 20).await;
            assert_eq!(tally.failed, tally.times, "{defect:?}, {tasks} tasks, {tally}");
        }
    }
}

/// R54: recorded histories on defective stores are rejected.
#[tokio::test]
async fn r54_histories_reveal_lost_updates_and_stale_reads() {
    for case in [Case::OneChallenge, Case::LostReplies] {
        for defect in [Defect::ChecksThenWrites, Defect::IgnoresVersions, Defect::LagsBehind] {
            let mut found = 0;
            for round in 0..50 {
                let store = move || async move { DefectiveStore::new(defect) };
                let checked = Suite::new(store).rounds(3).tasks(&[16]).seed(round).check(case).await;
                found += u32::from(matches!(checked, Err(Failure { complaint: Complaint::History(_), .. })));
            }
            println!("{defect:?}, {case}: found in {found} of 50 times 3 histories");
            assert!(found > 40, "{defect:?}, {case}: found in {found} of 50");
        }
        let tally = Suite::new(|| async { DefectiveStore::sound() }).rounds(3).tasks(&[16]).tally(case, 50).await;
        assert_eq!(tally.failed, 0, "{tally}");
    }
}
