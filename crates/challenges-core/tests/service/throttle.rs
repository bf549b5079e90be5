use std::time::Duration;

use challenges_core::machine::Refused;
use challenges_core::{ChallengeType, CodeForm, Error, Factor, Policy};

use crate::harness::{Host, Seen, owner, passed, refused};

const TOTP: ChallengeType = ChallengeType::Totp;

/// Tries wrong codes, each on the challenge that `challenge` gives, and counts those that were compared.
async fn evaluated(
    host: &Host,
    kind: ChallengeType,
    guesses: u32,
    mut fresh: impl AsyncFnMut() -> challenges_core::ChallengeId,
) -> usize {
    host.seen.take();
    for guess in 0..guesses {
        assert!(refused(host.answer(fresh().await, kind, &format!("{guess:06}")).await));
    }
    let wrong = Seen::Moved(challenges_core::machine::Outcome::Wrong);
    host.seen.take().into_iter().filter(|seen| *seen == wrong).count()
}

#[tokio::test]
async fn r4_guesses_are_counted_over_parallel_challenges() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let mut ids = Vec::new();
    for _ in 0..50 {
        ids.push(host.create("alice", TOTP).await.challenge.id());
    }
    let mut next = ids.into_iter().cycle();
    assert_eq!(evaluated(&host, TOTP, 50, async || next.next().unwrap()).await, 6);
}

#[tokio::test]
async fn r4_guesses_are_counted_over_deletion_and_re_creation() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let count = evaluated(&host, TOTP, 50, async || {
        let id = host.create("alice", TOTP).await.challenge.id();
        for old in host.challenges.challenges_of(&owner("alice"), None, 500).await.unwrap() {
            if old.id() != id {
                host.challenges.delete_challenge(old.id()).await.unwrap();
            }
        }
        id
    });
    assert_eq!(count.await, 6);
}

#[tokio::test]
async fn r4_without_the_count_per_user_every_guess_would_be_compared() {
    // The control: other users' challenges are not held back, so it is the count that stopped the ones above.
    let host = Host::new().await;
    let mut users = (0..50).map(|number| format!("user{number}")).collect::<Vec<_>>().into_iter();
    let count = evaluated(&host, TOTP, 50, async || {
        let user = users.next().unwrap();
        host.enroll(&user).await;
        host.create(&user, TOTP).await.challenge.id()
    });
    assert_eq!(count.await, 50);
}

#[tokio::test]
async fn r7_five_wrong_codes_close_a_challenge_and_a_sixth_makes_the_user_wait() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let first = host.create("alice", TOTP).await.challenge.id();
    for guess in 0..5 {
        assert!(refused(host.answer(first, TOTP, &app.wrong_code(host.now(), guess)).await));
    }
    host.seen.take();
    assert!(refused(host.answer(first, TOTP, &app.code(host.now())).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);

    let second = host.create("alice", TOTP).await.challenge.id();
    assert!(refused(host.answer(second, TOTP, &app.wrong_code(host.now(), 9)).await));
    host.seen.take();
    assert!(refused(host.answer(second, TOTP, &app.code(host.now())).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Delayed)]);

    host.clock.advance(Duration::from_secs(30));
    assert!(passed(host.answer(second, TOTP, &app.code(host.now())).await), "r8: it is a delay, no lock");
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Totp).await.unwrap(), 0);
}

#[tokio::test]
async fn r7_the_success_of_another_factor_clears_nothing() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let totp = host.create("alice", TOTP).await.challenge.id();
    for guess in 0..3 {
        assert!(refused(host.answer(totp, TOTP, &app.wrong_code(host.now(), guess)).await));
    }
    let code = host.create("alice", ChallengeType::Code).await;
    assert!(passed(host.answer(code.challenge.id(), ChallengeType::Code, code.code.unwrap().expose()).await));
    host.enroll("alice").await;
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Totp).await.unwrap(), 3);
}

#[tokio::test]
async fn r7_a_hundred_failures_disable_the_factor_until_a_reset() {
    let policy = {
        let mut policy = Policy::default();
        policy.guesses_per_challenge = 100;
        policy
    };
    let host = Host::with_policy(policy).await;
    let (_, app) = host.enroll("alice").await;
    for guess in 0..100 {
        host.clock.advance(Duration::from_secs(3_600));
        let id = host.create("alice", TOTP).await.challenge.id();
        assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), guess)).await));
    }
    host.clock.advance(Duration::from_secs(86_400));
    let id = host.create("alice", TOTP).await.challenge.id();
    host.seen.take();
    assert!(refused(host.answer(id, TOTP, &app.code(host.now())).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::FactorDisabled)]);
    host.challenges.reset_factor(&owner("alice"), Factor::Totp).await.unwrap();
    assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
}

/// R4: a sweep removes what is over. Failures in a row are not, however long ago they were.
#[tokio::test]
async fn r4_no_sweep_forgets_failures_in_a_row() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let id = host.create("alice", TOTP).await.challenge.id();
    assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), 0)).await));
    host.clock.advance(Duration::from_secs(400 * 86_400));
    host.challenges.sweep(100).await.unwrap();
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Totp).await.unwrap(), 1);
    let swept = host.challenges.challenge(id).await;
    assert!(matches!(swept, Err(Error::NotFound)), "the control: the challenge is swept, not {swept:?}");
}

/// R7, R8: the schedule as a user meets it, to the millisecond.
#[tokio::test]
async fn r8_each_failure_doubles_the_wait_up_to_an_hour() {
    let mut policy = Policy::default();
    policy.guesses_per_challenge = 100;
    let host = Host::with_policy(policy).await;
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let fail = async |guess| {
        let id = host.create("alice", TOTP).await.challenge.id();
        host.seen.take();
        assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), guess)).await));
        host.seen.take()
    };
    let wrong = Seen::Moved(challenges_core::machine::Outcome::Wrong);
    for guess in 0..5 {
        assert_eq!(fail(guess).await, [wrong], "no wait before the sixth");
    }
    // That there is a wait from here on is told as well.
    let delayed = [wrong, Seen::Other];
    assert_eq!(fail(5).await, delayed, "the sixth");
    let millisecond = Duration::from_millis(1);
    for (guess, seconds) in (6..).zip([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]) {
        host.clock.advance(Duration::from_secs(seconds) - millisecond);
        assert_eq!(fail(guess).await, [Seen::Refused(Refused::Delayed)], "{seconds} s less a millisecond");
        host.clock.advance(millisecond);
        assert_eq!(fail(guess).await, delayed, "after {seconds} s");
    }
    host.clock.advance(Duration::from_secs(3_600));
    let id = host.create("alice", TOTP).await.challenge.id();
    assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
}

#[tokio::test]
async fn r7_a_reset_unlocks_a_factor_that_has_to_wait_and_is_observed() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    for guess in 0..6 {
        let id = host.create("alice", TOTP).await.challenge.id();
        assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), guess)).await));
    }
    let id = host.create("alice", TOTP).await.challenge.id();
    host.seen.take();
    host.challenges.reset_factor(&owner("alice"), Factor::Code).await.unwrap();
    host.challenges.reset_factor(&owner("bob"), Factor::Totp).await.unwrap();
    assert_eq!(host.seen.take(), [], "there was nothing to forget");
    assert!(refused(host.answer(id, TOTP, &app.code(host.now())).await), "the control: it still has to wait");
    host.seen.take();
    host.challenges.reset_factor(&owner("alice"), Factor::Totp).await.unwrap();
    assert_eq!(host.seen.take(), [Seen::FactorReset(Factor::Totp)]);
    assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
}

async fn with_short_codes() -> Host {
    let mut policy = Policy::default();
    policy.code = CodeForm::Digits(6);
    Host::with_policy(policy).await
}

#[tokio::test]
async fn short_codes_are_guessable_and_counted_as_such() {
    let host = with_short_codes().await;
    let created = host.create("alice", ChallengeType::Code).await;
    let code = created.code.unwrap();
    assert!(code.expose().len() == 6 && code.expose().bytes().all(|byte| byte.is_ascii_digit()));
    let wrong = if code.expose() == "000000" { "111111" } else { "000000" };
    assert!(refused(host.answer(created.challenge.id(), ChallengeType::Code, wrong).await));
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Code).await.unwrap(), 1);
    assert!(passed(host.answer(created.challenge.id(), ChallengeType::Code, code.expose()).await));
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Code).await.unwrap(), 0);
}

#[tokio::test]
async fn a_short_code_of_an_earlier_policy_is_still_counted_per_user() {
    let host = with_short_codes().await;
    let created = host.create("alice", ChallengeType::Code).await;
    let later = crate::harness::service(host.store.clone(), Policy::default(), host.clock.clone(), ()).await;
    let guess = challenges_core::Answer::allow(created.challenge.id(), ChallengeType::Code, "x");
    assert!(refused(later.answer(guess).await));
    assert_eq!(later.failures(&owner("alice"), Factor::Code).await.unwrap(), 1);
}
