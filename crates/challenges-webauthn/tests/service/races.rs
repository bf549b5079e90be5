//! What happens between the reading and the writing of an answer.

use challenges_core::{Answer, Error, State};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Interrupted, Yielding};

use crate::harness::{Host, Seen, WEBAUTHN, owner, passed, refused};

/// R40: of an enrollment whose counter the answer would store, and of one without a counter, of which it stores nothing.
#[tokio::test]
async fn r40_an_enrollment_deleted_while_its_answer_is_judged_answers_nothing() {
    for counts in [true, false] {
        for deletes_it in [true, false] {
            let host = Host::new().await;
            let mut key = SecurityKey::new(1);
            key.sign_count = counts.then_some(0);
            let used = host.enroll("ann", &mut key).await;
            let other = host.enroll("ann", &mut SecurityKey::new(2)).await;
            let id = host.challenge("ann", &[used, other]).await;
            let answer = Answer::allow(id, WEBAUTHN, host.assertion(id, &mut key).await);
            let challenges = host.challenges.clone();
            let deleted = if deletes_it { used } else { other };
            let deletion = async move { challenges.delete_webauthn_enrollment(&owner("ann"), deleted).await.unwrap() };
            let judging = host.through(Interrupted::new(host.store.clone(), deletion)).await;
            let result = judging.answer(answer).await;
            let state = host.stored(id).await.state();
            if deletes_it {
                assert!(refused(result), "counts: {counts}");
                assert_eq!(state, State::Issued);
            } else {
                assert!(passed(result), "control: the deletion of another one is no hindrance");
                assert_eq!(state, State::ChallengePassed);
            }
        }
    }
}

/// R50: a key and its copy answer two challenges at once with the same count.
#[tokio::test]
async fn r50_of_two_simultaneous_assertions_with_one_count_one_passes() {
    for round in 0..30 {
        for (counter, expected) in [(Some(7), 1), (None, 2)] {
            let host = Host::new().await;
            let challenges = host.through(Yielding::sharing(host.store.clone())).await;
            let mut key = SecurityKey::new(round);
            key.sign_count = counter;
            let enrollment = host.enroll("ann", &mut key).await;
            let mut racers = Vec::new();
            for mut copy in [key.clone(), key] {
                let id = host.challenge("ann", &[enrollment]).await;
                let answer = Answer::allow(id, WEBAUTHN, host.assertion(id, &mut copy).await);
                let challenges = challenges.clone();
                racers.push(tokio::spawn(async move { challenges.answer(answer).await }));
            }
            let mut winners = 0;
            for racer in racers {
                match racer.await.unwrap() {
                    Ok(answered) => winners += usize::from(answered.passed().is_some()),
                    Err(error) => assert!(matches!(error, Error::AnswerRefused), "{error:?}"),
                }
            }
            assert_eq!(winners, expected, "{counter:?}");
        }
    }
}

/// R51: the same credential answers two challenges at once, and one of the assertions says that it was backed up
/// meanwhile. Neither is lost on the other.
#[tokio::test]
async fn r51_a_backup_state_that_changes_between_two_answers_is_kept() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    (key.sign_count, key.backup_eligible) = (None, true);
    let enrollment = host.enroll("ann", &mut key).await;
    let (first, second) = (host.challenge("ann", &[enrollment]).await, host.challenge("ann", &[enrollment]).await);
    let before = Answer::allow(first, WEBAUTHN, host.assertion(first, &mut key).await);
    key.backed_up = true;
    let after = Answer::allow(second, WEBAUTHN, host.assertion(second, &mut key).await);
    let challenges = host.challenges.clone();
    let meanwhile = async move { assert!(passed(challenges.answer(before).await)) };
    let judging = host.through(Interrupted::new(host.store.clone(), meanwhile)).await;
    let backed_up = judging.answer(after).await.unwrap().passed().unwrap();
    assert!(backed_up.credential().unwrap().backed_up);
    let stored = host.challenges.webauthn_enrollment(&owner("ann"), enrollment).await.unwrap();
    assert!(stored.credential().unwrap().backed_up);
    assert!(!host.seen.take().iter().any(|seen| matches!(seen, Seen::Fault(..))));
}
