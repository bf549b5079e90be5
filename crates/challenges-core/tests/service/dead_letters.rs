use std::time::Duration;

use challenges_core::store::Kind;
use challenges_core::{Error, Invalid, OutboxId, Retry, Task};

use crate::courier::{Scripted, Step, decided};
use crate::harness::{Host, owner};

async fn dead(host: &Host) -> (Scripted, OutboxId, challenges_core::ChallengeId) {
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    let id = decided(&host.challenges, 1, true).await;
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dead, 1);
    let key = courier.attempts()[0].0;
    (courier, key, id)
}

#[tokio::test]
async fn r53_what_fails_for_good_is_kept_with_its_task_for_the_host() {
    let host = Host::new().await;
    let (_, key, id) = dead(&host).await;
    assert!(host.challenges.outbox(None, None, 10).await.unwrap().is_empty());
    let letters = host.challenges.dead_letters(Some(&owner("alice")), None, 10).await.unwrap();
    let [Ok(letter)] = &letters[..] else { panic!("one letter") };
    assert_eq!((letter.entry.id, letter.entry.attempts, letter.status), (key, 1, Some(503)));
    assert_eq!((letter.entry.challenge, letter.died), (Some(id), host.challenges.now()));
    let Task::Act(act) = &letter.entry.task else { panic!("an action") };
    assert_eq!(act.action.parts().uri, "https://a.example/true/0");
    assert!(host.challenges.dead_letters(Some(&owner("bob")), None, 10).await.unwrap().is_empty());
    assert!(host.challenges.dead_letters(None, Some(key), 10).await.unwrap().is_empty());
    let result = host.challenges.action_results(id).await.unwrap()[0];
    assert_eq!((result.entry, result.performed, result.status), (key, false, Some(503)));
    host.clock.advance(Duration::from_secs(365 * 86_400));
    host.challenges.sweep(100).await.unwrap();
    assert_eq!(host.challenges.dead_letters(None, None, 10).await.unwrap().len(), 1, "it waits for the host");
}

#[tokio::test]
async fn r53_a_dead_letter_that_is_tried_again_has_the_same_key_and_replaces_its_result() {
    let host = Host::new().await;
    let (courier, key, id) = dead(&host).await;
    let woken = Box::pin(host.challenges.outbox_woken());
    host.challenges.retry_dead_letter(key).await.unwrap();
    woken.await;
    assert!(matches!(host.challenges.retry_dead_letter(key).await, Err(Error::NotFound)));
    assert!(host.challenges.action_results(id).await.unwrap().is_empty(), "it has not ended");
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().performed, 1);
    assert_eq!(courier.attempts(), [(key, 1), (key, 1)]);
    let results = host.challenges.action_results(id).await.unwrap();
    let [result] = results[..] else { panic!("one result") };
    assert!(result.performed && result.entry == key);
}

#[tokio::test]
async fn a_discarded_dead_letter_is_gone_and_leaves_its_result() {
    let host = Host::new().await;
    let (_, key, id) = dead(&host).await;
    let given_up = host.challenges.action_results(id).await.unwrap();
    host.clock.advance(Duration::from_secs(60));
    host.challenges.discard_dead_letter(key).await.unwrap();
    assert_eq!(host.challenges.action_results(id).await.unwrap(), given_up);
    assert!(given_up.iter().all(|result| !result.performed));
    assert!(host.challenges.dead_letters(None, None, 10).await.unwrap().is_empty());
    assert!(matches!(host.challenges.discard_dead_letter(key).await, Err(Error::NotFound)));
    assert!(matches!(host.challenges.retry_dead_letter(key).await, Err(Error::NotFound)));
    assert!(matches!(host.challenges.dead_letters(None, None, 0).await, Err(Error::Invalid(Invalid::Limit))));
}

#[tokio::test]
async fn r53_an_action_is_given_up_when_its_attempts_or_its_time_are_over() {
    let mut policy = challenges_core::Policy::default();
    policy.dispatch.attempts = 3;
    let host = Host::with_policy(policy).await;
    let courier = Scripted::new(&host.clock, (0..3).map(|_| Step::Fail(Retry::Later(None))));
    decided(&host.challenges, 1, true).await;
    for _ in 0..2 {
        assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().retried, 1);
        host.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dead, 1);
    decided(&host.challenges, 1, true).await;
    host.clock.advance(Duration::from_secs(86_400));
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dead, 1, "nobody dispatched for a day");
    assert!(courier.done().is_empty());
}

/// R52: what became of an action goes with its challenge, and what ends later leaves nothing behind.
#[tokio::test]
async fn results_are_collected_with_their_challenge() {
    let host = Host::new().await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never), Step::Fail(Retry::Never), Step::Perform(200)]);
    let id = decided(&host.challenges, 3, true).await;
    let done = host.challenges.dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.performed, done.dead), (1, 2));
    let [result] = &host.records(Kind::ActionResult).await[..] else { panic!("one result") };
    let challenge = host.records(Kind::Challenge).await.pop().unwrap();
    assert_eq!((result.due, result.expires), (None, challenge.expires));

    host.clock.set(challenge.expires.unwrap());
    let letters = host.challenges.dead_letters(None, None, 10).await.unwrap();
    let [retried, discarded] = [0, 1].map(|index| letters[index].as_ref().unwrap().entry.id);
    host.challenges.retry_dead_letter(retried).await.unwrap();
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().performed, 1);
    host.challenges.discard_dead_letter(discarded).await.unwrap();
    assert_eq!(host.records(Kind::ActionResult).await.len(), 1, "nothing that outlives the challenge");
    host.clock.advance(Duration::from_millis(1));
    while host.challenges.sweep(100).await.unwrap() > 0 {}
    assert!(host.records(Kind::ActionResult).await.is_empty());
    assert!(matches!(host.challenges.action_results(id).await, Err(Error::NotFound)));
}
