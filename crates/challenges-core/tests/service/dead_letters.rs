use std::time::Duration;

use challenges_core::outbox::{Retry, Task};
use challenges_core::store::Kind;
use challenges_core::{ChallengeId, Error, Invalid, OutboxId, Policy};
use challenges_testkit::administrator;

use crate::courier::{Scripted, Step, decided};
use crate::harness::{Host, owner};

/// Creates one dead letter.
async fn dead(host: &Host) -> (Scripted, OutboxId, ChallengeId) {
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    let id = decided(&host.challenges, 1, true).await;
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().dead, 1);
    let key = courier.attempts()[0].0;
    (courier, key, id)
}

/// R53: a permanent failure is kept, with its task, until the host decides.
#[tokio::test]
async fn permanent_failure_becomes_a_dead_letter() {
    let host = Host::new().await;
    let outbox = host.challenges.outbox();
    let (_, key, id) = dead(&host).await;
    assert!(outbox.list(None, None, 10).await.unwrap().is_empty());
    let letters = outbox.dead_letters(Some(&owner("alice")), None, 10).await.unwrap();
    let [Ok(letter)] = &letters[..] else { panic!("one letter") };
    assert_eq!((letter.id, letter.attempts, letter.status), (key, 1, Some(503)));
    assert_eq!((letter.challenge, letter.died), (Some(id), Some(host.challenges.now())));
    let Task::Act { action, .. } = &letter.task else { panic!("an action") };
    assert_eq!(action.uri(), "https://a.example/true/0");
    assert!(outbox.dead_letters(Some(&owner("bob")), None, 10).await.unwrap().is_empty());
    assert!(outbox.dead_letters(None, Some(key), 10).await.unwrap().is_empty());
    let result = host.challenges.actions().results(id).await.unwrap()[0];
    assert_eq!((result.entry, result.performed, result.status), (key, false, Some(503)));
    host.clock.advance(Duration::from_secs(365 * 86_400));
    host.challenges.sweep(100).await.unwrap();
    assert_eq!(outbox.dead_letters(None, None, 10).await.unwrap().len(), 1, "dead letters do not expire");
}

/// R52, R53: a sweep keeps the letter of a decided action. Control: the letter of a message goes.
#[tokio::test]
async fn sweep_keeps_letters_of_actions() {
    let host = Host::new().await;
    let outbox = host.challenges.outbox();
    let (_, action, _) = dead(&host).await;
    let number = "+4915112345678".parse().unwrap();
    host.challenges.endpoints().register_phone(owner("alice"), &administrator(), number).await.unwrap();
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().dead, 1);
    assert_eq!(outbox.dead_letters(None, None, 10).await.unwrap().len(), 2);
    host.clock.advance(Duration::from_secs(365 * 86_400));
    while host.challenges.sweep(100).await.unwrap() > 0 {}
    let left = outbox.dead_letters(None, None, 10).await.unwrap();
    assert_eq!(left.iter().map(|letter| letter.as_ref().unwrap().id).collect::<Vec<_>>(), [action]);
}

/// R53: the idempotency key stays the same, and the new result replaces the old one.
#[tokio::test]
async fn retried_dead_letter_keeps_its_key() {
    let host = Host::new().await;
    let outbox = host.challenges.outbox();
    let (courier, key, id) = dead(&host).await;
    let written = Box::pin(outbox.written());
    outbox.retry(key).await.unwrap();
    written.await;
    assert!(matches!(outbox.retry(key).await, Err(Error::NotFound)));
    assert!(host.challenges.actions().results(id).await.unwrap().is_empty(), "a queued action has no result");
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().performed, 1);
    assert_eq!(courier.attempts(), [(key, 1), (key, 1)]);
    let results = host.challenges.actions().results(id).await.unwrap();
    let [result] = results[..] else { panic!("one result") };
    assert!(result.performed && result.entry == key);
}

#[tokio::test]
async fn discarded_dead_letter_leaves_its_result() {
    let host = Host::new().await;
    let outbox = host.challenges.outbox();
    let (_, key, id) = dead(&host).await;
    let given_up = host.challenges.actions().results(id).await.unwrap();
    host.clock.advance(Duration::from_secs(60));
    outbox.discard(key).await.unwrap();
    assert_eq!(host.challenges.actions().results(id).await.unwrap(), given_up);
    assert!(given_up.len() == 1 && !given_up[0].performed);
    assert!(outbox.dead_letters(None, None, 10).await.unwrap().is_empty());
    assert!(matches!(outbox.discard(key).await, Err(Error::NotFound)));
    assert!(matches!(outbox.retry(key).await, Err(Error::NotFound)));
    assert!(matches!(outbox.dead_letters(None, None, 0).await, Err(Error::Invalid(Invalid::Limit))));
}

/// R53: an action is given up after the last attempt, or after a day.
#[tokio::test]
async fn attempts_and_time_of_actions_are_limited() {
    let mut policy = Policy::default();
    policy.dispatch.attempts = 3;
    let host = Host::with_policy(policy).await;
    let outbox = host.challenges.outbox();
    let courier = Scripted::new(&host.clock, (0..3).map(|_| Step::Fail(Retry::Later(None))));
    decided(&host.challenges, 1, true).await;
    for _ in 0..2 {
        assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().retried, 1);
        host.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().dead, 1);
    decided(&host.challenges, 1, true).await;
    host.clock.advance(Duration::from_secs(86_400));
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().dead, 1, "no dispatcher ran for a day");
    assert!(courier.done().is_empty());
}

/// R52: results are swept with their challenge, and no result is written for a challenge past its retention.
#[tokio::test]
async fn results_expire_with_their_challenge() {
    let host = Host::new().await;
    let outbox = host.challenges.outbox();
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never), Step::Fail(Retry::Never), Step::Perform(200)]);
    let id = decided(&host.challenges, 3, true).await;
    let done = outbox.dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.performed, done.dead), (1, 2));
    let [result] = &host.records(Kind::ActionResult).await[..] else { panic!("one result") };
    let challenge = host.records(Kind::Challenge).await.pop().unwrap();
    assert_eq!((result.due, result.expires), (None, challenge.expires));

    host.clock.set(challenge.expires.unwrap());
    let letters = outbox.dead_letters(None, None, 10).await.unwrap();
    let [retried, discarded] = [0, 1].map(|index| letters[index].as_ref().unwrap().id);
    outbox.retry(retried).await.unwrap();
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().performed, 1);
    outbox.discard(discarded).await.unwrap();
    assert_eq!(host.records(Kind::ActionResult).await.len(), 1, "the late results are not stored");
    host.clock.advance(Duration::from_millis(1));
    while host.challenges.sweep(100).await.unwrap() > 0 {}
    assert!(host.records(Kind::ActionResult).await.is_empty());
    assert!(matches!(host.challenges.actions().results(id).await, Err(Error::NotFound)));
}
