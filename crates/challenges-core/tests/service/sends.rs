use std::time::Duration;

use challenges_core::{
    Address, Answer, ChallengeId, ChallengeSpec, ChallengeType, Error, Invalid, Policy, Retry, State, Task, Types,
};
use challenges_testkit::{Interrupted, Yielding};

use crate::courier::{Scripted, Step};
use crate::harness::{Host, owner, passed, refused, service};

const SMS: ChallengeType = ChallengeType::Sms;
const COOL_DOWN: Duration = Duration::from_secs(30);

async fn phone(host: &Host, user: &str, number: &str) {
    let address = Address::Phone(number.parse().unwrap());
    host.challenges.register_vouched_endpoint(owner(user), address).await.unwrap();
}

async fn alice() -> Host {
    let host = Host::new().await;
    phone(&host, "alice", "+4915112345678").await;
    host
}

fn wait(error: &Error) -> u64 {
    let Error::Invalid(Invalid::TooManyMessages { wait }) = error else { panic!("{error:?}") };
    *wait
}

async fn send(host: &Host, user: &str) -> Result<ChallengeId, Error> {
    let spec = ChallengeSpec::new(SMS).unwrap();
    Ok(host.challenges.create_challenge(owner(user), spec).await?.challenge.id())
}

/// The secret of the one message in the outbox.
async fn secret(host: &Host) -> String {
    let entries = host.challenges.outbox(None, None, 10).await.unwrap();
    let [Ok(entry)] = &entries[..] else { panic!("{entries:?}") };
    let Task::Deliver(delivery) = &entry.task else { panic!("a message") };
    delivery.secret.expose().to_owned()
}

#[tokio::test]
async fn r20_a_user_gets_one_message_a_cool_down_and_ten_without_a_success() {
    let host = alice().await;
    for number in 0..10 {
        assert!(send(&host, "alice").await.is_ok(), "{number}");
        host.clock.advance(Duration::from_secs(1));
        let error = send(&host, "alice").await.unwrap_err();
        if number < 9 {
            assert_eq!(wait(&error), 29);
            assert_eq!(error.to_string(), "too many messages to this user; wait 29 s");
        }
        host.clock.advance(COOL_DOWN);
    }
    assert_eq!(wait(&send(&host, "alice").await.unwrap_err()), 86_400 - 310);
    host.clock.advance(Duration::from_secs(86_400 - 310));
    assert!(send(&host, "alice").await.is_ok(), "a day after the first of them");
}

/// A user who answers each message, and is paid for it by the provider of the number.
#[tokio::test]
async fn r20_successes_do_not_end_the_limit_of_the_window() {
    let host = alice().await;
    for number in 0..100 {
        let id = send(&host, "alice").await.unwrap_or_else(|error| panic!("{number}: {error}"));
        assert!(passed(host.answer(id, SMS, &secret(&host).await).await));
        let courier = Scripted::new(&host.clock, []);
        host.challenges.dispatch(&courier, 10).await.unwrap();
    }
    assert_eq!(wait(&send(&host, "alice").await.unwrap_err()), 86_400);
    phone(&host, "bob", "+4915112345679").await;
    assert!(send(&host, "bob").await.is_ok(), "others go on");
    host.clock.advance(Duration::from_secs(86_400));
    assert!(send(&host, "alice").await.is_ok());
}

/// What was sent counts for its whole window, though everything else about it is over and swept.
#[tokio::test]
async fn r20_no_sweep_forgets_what_was_sent_within_the_window() {
    let mut policy = Policy::default();
    policy.retention = Duration::from_secs(60);
    policy.sends.window = Duration::from_secs(10 * 86_400);
    policy.sends.per_user = 1;
    let host = Host::with_policy(policy).await;
    phone(&host, "alice", "+4915112345678").await;
    let id = send(&host, "alice").await.unwrap();
    host.clock.advance(Duration::from_secs(5 * 86_400));
    host.challenges.sweep(100).await.unwrap();
    assert!(matches!(host.challenges.challenge(id).await, Err(Error::NotFound)), "the control: the challenge is swept");
    assert_eq!(wait(&send(&host, "alice").await.unwrap_err()), 5 * 86_400);
    host.clock.advance(Duration::from_secs(5 * 86_400));
    assert!(send(&host, "alice").await.is_ok());
}

#[tokio::test]
async fn r20_a_success_by_a_message_ends_both_and_another_success_neither() {
    let host = alice().await;
    for _ in 0..30 {
        let id = send(&host, "alice").await.unwrap();
        let secret = secret(&host).await;
        assert!(passed(host.answer(id, SMS, &secret).await));
        let courier = Scripted::new(&host.clock, []);
        host.challenges.dispatch(&courier, 10).await.unwrap();
    }
    send(&host, "alice").await.unwrap();
    let code = host.create("alice", ChallengeType::Code).await;
    assert!(passed(host.answer(code.challenge.id(), ChallengeType::Code, code.code.unwrap().expose()).await));
    assert!(wait(&send(&host, "alice").await.unwrap_err()) > 0);

    let host = alice().await;
    let types = Types::new(None, Some(vec![SMS, ChallengeType::Code])).unwrap();
    let spec = ChallengeSpec::new(types).unwrap();
    let created = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    assert!(passed(host.answer(created.challenge.id(), SMS, created.code.unwrap().expose()).await));
    assert!(wait(&send(&host, "alice").await.unwrap_err()) > 0, "a code that answers as sms was in no message");

    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let decline = Answer::decline(id, SMS, secret(&host).await);
    assert!(host.challenges.answer(decline).await.is_ok());
    assert!(wait(&send(&host, "alice").await.unwrap_err()) > 0, "whoever declines has not asked for more");
}

#[tokio::test]
async fn r20_a_challenge_that_is_answered_otherwise_goes_without_a_message() {
    let host = alice().await;
    send(&host, "alice").await.unwrap();
    let types = Types::new(None, Some(vec![SMS, ChallengeType::Code])).unwrap();
    let spec = ChallengeSpec::new(types).unwrap();
    let created = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    assert_eq!(created.challenge.state(), State::Issued);
    assert_eq!(host.challenges.outbox(None, None, 10).await.unwrap().len(), 1);
    let id = created.challenge.id();
    assert!(passed(host.answer(id, ChallengeType::Code, created.code.unwrap().expose()).await));
}

#[tokio::test]
async fn r20_issuing_by_replacement_counts_as_well() {
    let host = alice().await;
    let pending = ChallengeSpec::new(SMS).unwrap().pending();
    let pending = host.challenges.create_challenge(owner("alice"), pending).await.unwrap().challenge.id();
    send(&host, "alice").await.unwrap();
    let issue = || host.challenges.replace_challenge(pending, ChallengeSpec::new(SMS).unwrap());
    assert_eq!(wait(&issue().await.unwrap_err()), 30);
    host.clock.advance(COOL_DOWN);
    assert_eq!(issue().await.unwrap().state(), State::Issued);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r20_of_a_thousand_creates_at_once_one_sends() {
    let host = alice().await;
    let store = Yielding::sharing(std::sync::Arc::clone(&host.store));
    let challenges = service(store, Policy::default(), host.clock.clone(), ()).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let challenges = challenges.clone();
        tasks.spawn(async move {
            let spec = ChallengeSpec::new(SMS).unwrap();
            challenges.create_challenge(owner("alice"), spec).await.is_ok()
        });
    }
    let sent = tasks.join_all().await.into_iter().filter(|sent| *sent).count();
    assert_eq!((sent, host.challenges.outbox(None, None, 500).await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn r20_a_destination_gets_no_more_than_its_share_from_all_users_together() {
    let mut policy = Policy::default();
    policy.sends.per_destination = 5;
    let host = Host::with_policy(policy).await;
    let courier = Scripted::new(&host.clock, []);
    for number in 0..20 {
        let user = format!("user{number}");
        phone(&host, &user, "+4915112345678").await;
        let id = send(&host, &user).await.unwrap();
        let done = host.challenges.dispatch(&courier, 10).await.unwrap();
        assert_eq!((done.performed, done.dead), if number < 5 { (1, 0) } else { (0, 1) }, "{number}");
        let state = host.challenges.challenge(id).await.unwrap().state();
        assert_eq!(state, if number < 5 { State::Issued } else { State::ChallengeFailed });
    }
    assert_eq!(courier.done().len(), 5);
    phone(&host, "else", "+4915112345679").await;
    send(&host, "else").await.unwrap();
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().performed, 1, "the control: another number");
    host.clock.advance(Duration::from_secs(86_400));
    send(&host, "user0").await.unwrap();
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().performed, 1, "and another day");
}

#[tokio::test]
async fn r20_no_more_than_the_total_is_sent_by_all_processes_together() {
    let mut policy = Policy::default();
    policy.sends.in_total = 300;
    let host = Host::with_policy(policy.clone()).await;
    let other = service(host.store.clone(), policy, host.clock.clone(), ()).await;
    let courier = Scripted::new(&host.clock, []);
    for number in 0..1_000 {
        let user = format!("user{number}");
        phone(&host, &user, &format!("+49151{number:08}")).await;
        send(&host, &user).await.unwrap();
        let challenges = if number % 2 == 0 { &host.challenges } else { &other };
        challenges.dispatch(&courier, 10).await.unwrap();
    }
    assert_eq!(courier.done().len(), 300);
    host.clock.advance(Duration::from_secs(86_400));
    send(&host, "user0").await.unwrap();
    assert_eq!(other.dispatch(&courier, 10).await.unwrap().performed, 1, "another day");
}

#[tokio::test]
async fn a_process_takes_one_chunk_of_the_total_however_much_it_sends_at_once() {
    let mut policy = Policy::default();
    policy.sends.in_total = 1_000;
    let host = Host::with_policy(policy.clone()).await;
    for number in 0..8 {
        let user = format!("user{number}");
        phone(&host, &user, &format!("+49151{number:08}")).await;
        send(&host, &user).await.unwrap();
    }
    let store = Yielding::sharing(std::sync::Arc::clone(&host.store));
    let challenges = service(store, policy, host.clock.clone(), ()).await;
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(challenges.dispatch(&courier, 10).await.unwrap().performed, 8);
    let dump = host.dump().await;
    assert!(dump.contains(r#""count":10,"#) && !dump.contains(r#""count":20,"#), "a hundredth of the total");
}

#[tokio::test]
async fn r20_a_message_over_a_budget_waits_when_its_challenge_lives_long_enough() {
    let mut policy = Policy::default();
    policy.sends.per_destination = 1;
    policy.sends.window = Duration::from_secs(60);
    let host = Host::with_policy(policy).await;
    let courier = Scripted::new(&host.clock, []);
    for user in ["alice", "bob"] {
        phone(&host, user, "+4915112345678").await;
        send(&host, user).await.unwrap();
    }
    let done = host.challenges.dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.performed, done.retried), (1, 1));
    host.clock.advance(Duration::from_secs(60));
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().performed, 1);
}

#[tokio::test]
async fn r19_a_resend_replaces_the_secret_and_keeps_the_count_and_the_time() {
    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let old = secret(&host).await;
    assert!(refused(host.answer(id, SMS, "wrong").await));
    let before = host.challenges.challenge(id).await.unwrap();
    host.clock.advance(COOL_DOWN);
    let resent = host.challenges.resend(id).await.unwrap();
    assert_eq!((resent.wrong_answers(), resent.expires()), (1, before.expires()));
    let new = secret(&host).await;
    assert_ne!(old, new, "and the unsent message of the old one is gone");
    assert!(refused(host.answer(id, SMS, &old).await));
    assert_eq!(host.challenges.challenge(id).await.unwrap().wrong_answers(), 2);
    assert!(passed(host.answer(id, SMS, &new).await));
}

#[tokio::test]
async fn r19_a_hundred_resends_send_no_more_than_the_cap() {
    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let courier = Scripted::new(&host.clock, []);
    let mut resent = 0;
    for _ in 0..100 {
        resent += usize::from(host.challenges.resend(id).await.is_ok());
        host.challenges.dispatch(&courier, 10).await.unwrap();
        host.clock.advance(Duration::from_secs(5));
    }
    assert_eq!(resent, 9, "ten with the first");
    assert_eq!(courier.done().len(), 10);
}

#[tokio::test]
async fn what_cannot_be_sent_again_is_refused() {
    let host = alice().await;
    let resend = async |id| match host.challenges.resend(id).await {
        Err(Error::Invalid(invalid)) => invalid,
        other => panic!("{other:?}"),
    };
    let code = host.create("alice", ChallengeType::Code).await.challenge.id();
    assert_eq!(resend(code).await, Invalid::NotResendable, "nothing was sent");
    let pending = ChallengeSpec::new(SMS).unwrap().pending();
    let pending = host.challenges.create_challenge(owner("alice"), pending).await.unwrap().challenge.id();
    assert_eq!(resend(pending).await, Invalid::NotResendable, "not sent yet");
    let id = send(&host, "alice").await.unwrap();
    assert_eq!(resend(id).await, Invalid::TooManyMessages { wait: 30 });
    assert!(passed(host.answer(id, SMS, &secret(&host).await).await));
    assert_eq!(resend(id).await, Invalid::NotResendable, "it has ended");
    host.challenges.delete_challenge(id).await.unwrap();
    assert!(matches!(host.challenges.resend(id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_resend_while_the_first_message_is_under_way_leaves_the_new_one_alone() {
    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let hanging = Scripted::new(&host.clock, [Step::Hang]);
    let mut first = Box::pin(host.challenges.dispatch(&hanging, 10));
    tokio::select! {
        biased;
        _ = &mut first => panic!("it hangs"),
        () = hanging.hanging() => {}
    }
    host.clock.advance(COOL_DOWN);
    host.challenges.resend(id).await.unwrap();
    drop(first);
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    let done = host.challenges.dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.dead, courier.attempts().len()), (1, 1));
    assert_eq!(host.challenges.challenge(id).await.unwrap().state(), State::ChallengeFailed);
}

#[tokio::test]
async fn r19_a_dead_message_of_the_old_secret_is_not_sent_again_and_a_resend_starts_anew() {
    let host = alice().await;
    let types = Types::new(None, Some(vec![SMS, ChallengeType::Code])).unwrap();
    let spec = || ChallengeSpec::new(types.clone()).unwrap();
    let id = host.challenges.create_challenge(owner("alice"), spec()).await.unwrap().challenge.id();
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dead, 1);
    let old = courier.attempts()[0].0;
    host.clock.advance(COOL_DOWN);
    host.challenges.resend(id).await.unwrap();
    host.challenges.retry_dead_letter(old).await.unwrap();
    let done = host.challenges.dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.performed, done.dropped), (1, 1));
    assert!(courier.done().iter().all(|effect| effect.key != old));

    // A message that came through does not count for the next one.
    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let courier = Scripted::new(&host.clock, [Step::Perform(200), Step::Fail(Retry::Never)]);
    host.challenges.dispatch(&courier, 10).await.unwrap();
    host.clock.advance(COOL_DOWN);
    host.challenges.resend(id).await.unwrap();
    host.challenges.dispatch(&courier, 10).await.unwrap();
    assert_eq!(host.challenges.challenge(id).await.unwrap().state(), State::ChallengeFailed);
}

/// Counting a message may take as long as a store takes: what is another dispatcher's by then is not sent.
#[tokio::test]
async fn r52_nothing_is_sent_once_its_lease_may_be_over() {
    // An attempt takes up to 10 seconds of a lease of 30, and another dispatcher's clock may be 5 ahead.
    for (took, performed) in [(15, 1), (16, 0)] {
        let host = alice().await;
        send(&host, "alice").await.unwrap();
        let clock = host.clock.clone();
        let slow = Interrupted::new(host.store.clone(), async move {
            clock.advance(Duration::from_secs(took));
        });
        let slow = service(slow, Policy::default(), host.clock.clone(), ()).await;
        let courier = Scripted::new(&host.clock, []);
        let done = slow.dispatch(&courier, 10).await.unwrap();
        assert_eq!((done.performed, done.lost, courier.done().len()), (performed, 1 - performed, performed));
        host.clock.advance(Duration::from_secs(30));
        let done = host.challenges.dispatch(&courier, 10).await.unwrap();
        assert_eq!((done.performed, courier.done().len()), (1 - performed, 1), "and nothing is lost");
    }
}
