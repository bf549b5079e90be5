//! Failure counts of guessable factors: delays, locks and resets.

use std::time::Duration;

use challenges_core::{Answer, ChallengeId, ChallengeType, Challenges, Error, Factor, Outcome, Policy, Refused};
use challenges_testkit::{FakeClock, Interrupted, administrator};

use crate::harness::{Host, Seen, owner, passed, refused, service};

const TOTP: ChallengeType = ChallengeType::Totp;
const CODE: ChallengeType = ChallengeType::Code;
const WRONG: Seen = Seen::Moved(Outcome::Wrong);

/// Gives wrong codes, each to the challenge that `next` returns. Returns the number of compared codes.
async fn count_compared(host: &Host, guesses: u32, mut next: impl AsyncFnMut() -> ChallengeId) -> usize {
    host.seen.take();
    for guess in 0..guesses {
        assert!(refused(host.answer(next().await, TOTP, &format!("{guess:06}")).await));
    }
    host.seen.take().into_iter().filter(|seen| *seen == WRONG).count()
}

async fn failures(challenges: &Challenges, factor: Factor) -> u32 {
    challenges.account(&owner("alice")).failures(factor).await.unwrap()
}

/// R4: the sixth failure delays the user.
#[tokio::test]
async fn guesses_count_over_parallel_challenges() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let mut ids = Vec::new();
    for _ in 0..50 {
        ids.push(host.create("alice", TOTP).await.challenge.id());
    }
    let mut next = ids.into_iter().cycle();
    assert_eq!(count_compared(&host, 50, async || next.next().unwrap()).await, 6);
}

/// R4: a deletion clears no failures.
#[tokio::test]
async fn guesses_count_over_deleted_challenges() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let count = count_compared(&host, 50, async || {
        let id = host.create("alice", TOTP).await.challenge.id();
        for old in host.challenges.list(&owner("alice"), None, 500).await.unwrap() {
            if old.id() != id {
                host.challenges.delete(old.id()).await.unwrap();
            }
        }
        id
    });
    assert_eq!(count.await, 6);
}

/// R4, R7: negative control. Without the count per user every guess is compared.
#[tokio::test]
async fn control_guesses_of_other_users_are_compared() {
    let host = Host::new().await;
    let mut users = (0..50).map(|number| format!("user{number}")).collect::<Vec<_>>().into_iter();
    let count = count_compared(&host, 50, async || {
        let user = users.next().unwrap();
        host.enroll(&user).await;
        host.create(&user, TOTP).await.challenge.id()
    });
    assert_eq!(count.await, 50);
}

/// R66: a right answer asserts the failure counts that admitted it. Wrong answers to other challenges, committed between its
/// load and its commit, delay it like any other.
#[tokio::test]
async fn right_answer_meets_failures_counted_meanwhile() {
    for (wrong, expected) in [(5, None), (6, Some(Refused::Delayed))] {
        let host = Host::new().await;
        let (_, app) = host.enroll("alice").await;
        host.next_step();
        let id = host.create("alice", TOTP).await.challenge.id();
        let mut others = Vec::new();
        for _ in 0..wrong {
            others.push(host.create("alice", TOTP).await.challenge.id());
        }
        let (challenges, wrong_code) = (host.challenges.clone(), app.wrong_code(host.now(), 0));
        let meanwhile = async move {
            for other in others {
                assert!(refused(challenges.answer(Answer::allow(other, TOTP, wrong_code.as_str())).await));
            }
        };
        let store = Interrupted::new(host.store.clone(), meanwhile);
        let racing = service(store, Policy::default(), host.clock.clone(), host.seen.clone()).await;
        host.seen.take();
        let answered = racing.answer(Answer::allow(id, TOTP, app.code(host.now()))).await;
        assert_eq!(passed(answered), expected.is_none(), "control: {wrong} failures delay nobody");
        let refusals: Vec<_> = host.seen.take().into_iter().filter(|seen| matches!(seen, Seen::Refused(_))).collect();
        assert_eq!(refusals, expected.map(Seen::Refused).into_iter().collect::<Vec<_>>());
    }
}

/// R7, R8: five wrong codes close a challenge, and the sixth delays the user. A delay is no lock.
#[tokio::test]
async fn wrong_codes_close_a_challenge_and_delay() {
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
    assert!(passed(host.answer(second, TOTP, &app.code(host.now())).await));
    assert_eq!(failures(&host.challenges, Factor::Totp).await, 0);
}

/// R7: neither does completing another enrollment.
#[tokio::test]
async fn success_of_another_factor_clears_nothing() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let totp = host.create("alice", TOTP).await.challenge.id();
    for guess in 0..3 {
        assert!(refused(host.answer(totp, TOTP, &app.wrong_code(host.now(), guess)).await));
    }
    let code = host.create("alice", CODE).await;
    assert!(passed(host.answer(code.challenge.id(), CODE, code.code.unwrap().expose()).await));
    host.enroll("alice").await;
    assert_eq!(failures(&host.challenges, Factor::Totp).await, 3);
}

/// R7: only a reset enables the factor again.
#[tokio::test]
async fn hundred_failures_disable_the_factor() {
    let mut policy = Policy::default();
    policy.guesses_per_challenge = 100;
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
    host.challenges.account(&owner("alice")).reset_factor(&administrator(), Factor::Totp).await.unwrap();
    assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
}

/// R4: consecutive failures never expire.
#[tokio::test]
async fn sweep_keeps_failure_counts() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let id = host.create("alice", TOTP).await.challenge.id();
    assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), 0)).await));
    host.clock.advance(Duration::from_secs(400 * 86_400));
    host.challenges.sweep(100).await.unwrap();
    assert_eq!(failures(&host.challenges, Factor::Totp).await, 1);
    let swept = host.challenges.get(id).await;
    assert!(matches!(swept, Err(Error::NotFound)), "control: the challenge is swept, not {swept:?}");
}

/// R8, R7: up to one hour, exact to the millisecond.
#[tokio::test]
async fn each_failure_doubles_the_delay() {
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
    for guess in 0..5 {
        assert_eq!(fail(guess).await, [WRONG], "no delay before the sixth failure");
    }
    // Each delay is an event of its own.
    let delayed = [WRONG, Seen::Other];
    assert_eq!(fail(5).await, delayed, "the sixth failure");
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

/// R7: a reset of another user or factor changes nothing.
#[tokio::test]
async fn reset_ends_a_delay_and_is_observed() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    for guess in 0..6 {
        let id = host.create("alice", TOTP).await.challenge.id();
        assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), guess)).await));
    }
    let id = host.create("alice", TOTP).await.challenge.id();
    host.seen.take();
    host.challenges.account(&owner("alice")).reset_factor(&administrator(), Factor::Code).await.unwrap();
    host.challenges.account(&owner("bob")).reset_factor(&administrator(), Factor::Totp).await.unwrap();
    assert_eq!(host.seen.take(), [], "no failures were cleared");
    assert!(refused(host.answer(id, TOTP, &app.code(host.now())).await), "control: the delay lasts");
    host.seen.take();
    host.challenges.account(&owner("alice")).reset_factor(&administrator(), Factor::Totp).await.unwrap();
    assert_eq!(host.seen.take(), [Seen::AdministratorActed, Seen::FactorReset(Factor::Totp)]);
    assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
}

async fn with_short_codes() -> Host {
    let mut policy = Policy::default();
    policy.code_digits = Some(6);
    Host::with_policy(policy).await
}

#[tokio::test]
async fn short_codes_count_as_guessable() {
    let host = with_short_codes().await;
    let created = host.create("alice", CODE).await;
    let code = created.code.unwrap();
    assert!(code.expose().len() == 6 && code.expose().bytes().all(|byte| byte.is_ascii_digit()));
    let wrong = if code.expose() == "000000" { "111111" } else { "000000" };
    assert!(refused(host.answer(created.challenge.id(), CODE, wrong).await));
    assert_eq!(failures(&host.challenges, Factor::Code).await, 1);
    assert!(passed(host.answer(created.challenge.id(), CODE, code.expose()).await));
    assert_eq!(failures(&host.challenges, Factor::Code).await, 0);
}

#[tokio::test]
async fn short_codes_stay_guessable_after_policy_changes() {
    let host = with_short_codes().await;
    let created = host.create("alice", CODE).await;
    let later = service(host.store.clone(), Policy::default(), host.clock.clone(), ()).await;
    let guess = Answer::allow(created.challenge.id(), CODE, "x");
    assert!(refused(later.answer(guess).await));
    assert_eq!(failures(&later, Factor::Code).await, 1);
}

/// Gives `count` different wrong codes to a challenge that the host created. Returns the id and the right code.
async fn guess_code(host: &Host, count: u32) -> (ChallengeId, String) {
    let created = host.create("alice", CODE).await;
    let right = created.code.unwrap();
    let wrong = (0..).map(|guess| format!("{guess:06}")).filter(|guess| guess != right.expose());
    for guess in wrong.take(usize::try_from(count).unwrap()) {
        assert!(refused(host.answer(created.challenge.id(), CODE, &guess).await));
    }
    (created.challenge.id(), right.expose().to_owned())
}

/// R4: the creator of a challenge knows the code. Answering with this code does not help to guess other codes.
#[tokio::test]
async fn known_codes_clear_no_failures_of_other_challenges() {
    let host = with_short_codes().await;
    for round in 1..=2 {
        guess_code(&host, 2).await;
        let own = host.create("alice", CODE).await;
        assert!(passed(host.answer(own.challenge.id(), CODE, own.code.unwrap().expose()).await));
        assert_eq!(failures(&host.challenges, Factor::Code).await, 2 * round);
    }
    guess_code(&host, 2).await;
    let last = host.create("alice", CODE).await;
    assert!(refused(host.answer(last.challenge.id(), CODE, last.code.unwrap().expose()).await), "delayed");
}

/// R4: negative control. A right code clears the wrong codes of its own challenge, and no user is delayed for these.
#[tokio::test]
async fn control_right_code_clears_its_own_failures() {
    let host = with_short_codes().await;
    guess_code(&host, 2).await;
    for _ in 0..10 {
        let created = host.create("alice", CODE).await;
        let right = created.code.unwrap();
        let wrong = if right.expose() == "000000" { "111111" } else { "000000" };
        assert!(refused(host.answer(created.challenge.id(), CODE, wrong).await));
        assert_eq!(failures(&host.challenges, Factor::Code).await, 3);
        assert!(passed(host.answer(created.challenge.id(), CODE, right.expose()).await));
        assert_eq!(failures(&host.challenges, Factor::Code).await, 2);
    }
    host.challenges.account(&owner("alice")).unlock(&administrator()).await.unwrap();
    assert_eq!(failures(&host.challenges, Factor::Code).await, 0);
}

/// R4: an unlock clears the failures of a challenge. A later right code takes back no failures of other challenges
/// instead.
#[tokio::test]
async fn right_code_takes_back_no_failures_after_reset() {
    for is_unlock in [true, false] {
        let host = with_short_codes().await;
        let (known, right) = guess_code(&host, 4).await;
        let alice = owner("alice");
        if is_unlock {
            host.challenges.account(&alice).unlock(&administrator()).await.unwrap();
        } else {
            host.challenges.account(&alice).reset_factor(&administrator(), Factor::Code).await.unwrap();
        }
        host.clock.advance(Duration::from_secs(31));
        guess_code(&host, 3).await;
        assert!(passed(host.answer(known, CODE, &right).await));
        assert_eq!(failures(&host.challenges, Factor::Code).await, 3);

        let (later, right) = guess_code(&host, 2).await;
        assert!(passed(host.answer(later, CODE, &right).await));
        assert_eq!(failures(&host.challenges, Factor::Code).await, 3, "control: a later challenge takes back its own");
    }
}

/// R4: a reset by a clock that ran ahead does not keep the failures of later challenges.
#[tokio::test]
async fn reset_from_a_wrong_clock_is_ignored() {
    let host = with_short_codes().await;
    guess_code(&host, 1).await;
    let ahead = FakeClock::at(host.now().after(Duration::from_secs(86_400)));
    let other = service(host.store.clone(), Policy::default(), ahead, ()).await;
    other.account(&owner("alice")).unlock(&administrator()).await.unwrap();
    let (later, right) = guess_code(&host, 2).await;
    assert!(passed(host.answer(later, CODE, &right).await));
    assert_eq!(failures(&host.challenges, Factor::Code).await, 0);
}

/// R66: an unlock between the load and the commit of an answer is kept, and the answer is counted after the unlock.
#[tokio::test]
async fn unlock_during_an_answer_is_kept() {
    for is_right in [true, false] {
        let host = with_short_codes().await;
        let (id, right) = guess_code(&host, 3).await;
        let challenges = host.challenges.clone();
        let unlock = async move { challenges.account(&owner("alice")).unlock(&administrator()).await.unwrap() };
        let store = Interrupted::new(host.store.clone(), unlock);
        let racing = service(store, Policy::default(), host.clock.clone(), ()).await;
        assert_eq!(failures(&host.challenges, Factor::Code).await, 3, "control: the unlock comes later");
        let answer = if is_right { right.as_str() } else { "wrong" };
        assert_eq!(passed(racing.answer(Answer::allow(id, CODE, answer)).await), is_right);
        assert_eq!(failures(&host.challenges, Factor::Code).await, u32::from(!is_right));
    }
}
