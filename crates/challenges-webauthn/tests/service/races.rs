//! Changes between reading and writing an answer.

use challenges_core::store::{Batch, Commit, Kind, Store as _, Write};
use challenges_core::webauthn::Preference;
use challenges_core::{Answer, Error, State};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Interrupted, Yielding, administrator};

use crate::harness::{Host, Seen, WEBAUTHN, owner, passed, refused, spec};

/// R40: A deletion during verification revokes the credential, with and without a signature counter.
///
/// Without a counter, the answer writes no new counter to the enrollment that could conflict.
#[tokio::test]
async fn enrollment_deleted_during_its_answer_is_refused() {
    for counts in [true, false] {
        for deletes_used in [true, false] {
            let host = Host::new().await;
            let mut key = SecurityKey::new(1);
            key.sign_count = counts.then_some(0);
            let used = host.enroll("ann", &mut key).await;
            let other = host.enroll("ann", &mut SecurityKey::new(2)).await;
            let id = host.challenge("ann", &[used, other]).await;
            let answer = Answer::allow(id, WEBAUTHN, host.assertion(id, &mut key).await);
            let challenges = host.challenges.clone();
            let deleted = if deletes_used { used } else { other };
            let deletion =
                async move { challenges.webauthn().delete(&owner("ann"), &administrator(), deleted).await.unwrap() };
            let judging = host.through(Interrupted::new(host.store.clone(), deletion)).await;
            let result = judging.answer(answer).await;
            let state = host.stored(id).await.state();
            if deletes_used {
                assert!(refused(result), "counts: {counts}");
                assert_eq!(state, State::Issued);
            } else {
                assert!(passed(result), "negative control: deleting another enrollment changes nothing");
                assert_eq!(state, State::ChallengePassed);
            }
        }
    }
}

/// R50: A key and its clone answer two challenges at once with the same counter.
#[tokio::test]
async fn concurrent_assertions_with_equal_counters_pass_once() {
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

/// R51: A credential answers two challenges at once, and only one assertion reports a backup.
///
/// Both pass, and the new backup state is stored.
#[tokio::test]
async fn concurrent_backup_state_change_is_kept() {
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
    assert!(backed_up.credential().unwrap().is_backed_up());
    let stored = host.challenges.webauthn().get(&owner("ann"), enrollment).await.unwrap();
    assert!(stored.credential().unwrap().backed_up);
    assert!(!host.seen.take().iter().any(|seen| matches!(seen, Seen::Rejected(..))));
}

/// R51: An answer without verification, accepted because of another credential, is refused when that credential is
/// deleted meanwhile.
#[tokio::test]
async fn relaxing_credential_deleted_during_an_answer_is_noticed() {
    for verified in [false, true] {
        let host = Host::new().await;
        let (mut passkey, mut plain) = (SecurityKey::new(1), SecurityKey::new(2));
        // Without a signature counter, the answer writes nothing to the enrollment.
        (passkey.sign_count, plain.verifies_user) = (None, false);
        let mut named = Vec::new();
        for key in [&mut passkey, &mut plain] {
            let wanted = spec("example.org").with_user_verification(Preference::Preferred);
            let pending = host.challenges.webauthn().create(owner("ann"), &administrator(), wanted).await.unwrap();
            named.push(host.complete(&pending, key).await.unwrap().id());
        }
        let id = host.challenge("ann", &named).await;
        // Without counters, as of a challenge of an earlier version, the answer writes none that could conflict.
        let counters = host.store.list(Kind::Counters, None, None, 10).await.unwrap();
        let deletions: Vec<_> =
            counters.iter().map(|stored| Write::delete(stored.record.key, stored.version)).collect();
        assert_eq!(deletions.len(), 1);
        let batch = Batch::new([9; 16], deletions).unwrap();
        assert_eq!(host.store.commit(batch).await.unwrap(), Commit::Applied);
        passkey.verifies_user = verified;
        let answer = Answer::allow(id, WEBAUTHN, host.assertion(id, &mut passkey).await);
        let (challenges, deleted) = (host.challenges.clone(), named[1]);
        let deletion =
            async move { challenges.webauthn().delete(&owner("ann"), &administrator(), deleted).await.unwrap() };
        let judging = host.through(Interrupted::new(host.store.clone(), deletion)).await;
        let result = judging.answer(answer).await;
        assert_eq!(passed(result), verified, "control: a verified answer relies on no other credential");
    }
}
