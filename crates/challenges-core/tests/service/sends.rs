//! Send limits, message budgets and resends.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::endpoints::Address;
use challenges_core::outbox::{Retry, Task};
use challenges_core::{Answer, ChallengeId, ChallengeSpec, ChallengeType, Error, Invalid, State};
use challenges_testkit::{Interrupted, Yielding, administrator};

use crate::courier::{Scripted, Step};
use crate::harness::{Host, owner, passed, quiet, refused, service};

const SMS: ChallengeType = ChallengeType::Sms;
const CODE: ChallengeType = ChallengeType::Code;
const COOL_DOWN: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(86_400);

async fn register_phone(host: &Host, user: &str, number: &str) {
    let address = Address::Phone(number.parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner(user), &administrator(), address).await.unwrap();
}

/// Returns a host where alice has a phone.
async fn alice() -> Host {
    let host = Host::new().await;
    register_phone(&host, "alice", "+4915112345678").await;
    host
}

/// Returns the seconds to wait.
fn wait(error: &Error) -> u64 {
    let Error::Invalid(Invalid::TooManyMessages { wait }) = error else { panic!("{error:?}") };
    *wait
}

async fn send(host: &Host, user: &str) -> Result<ChallengeId, Error> {
    let spec = ChallengeSpec::new(SMS).unwrap();
    Ok(host.challenges.create(owner(user), spec).await?.challenge.id())
}

fn sms_or_code() -> ChallengeSpec {
    ChallengeSpec::new([SMS, CODE]).unwrap()
}

/// Returns the secret of the only message in the outbox.
async fn secret(host: &Host) -> String {
    let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
    let [Ok(entry)] = &entries[..] else { panic!("{entries:?}") };
    let Task::Deliver { secret, .. } = &entry.task else { panic!("no message: {entry:?}") };
    secret.expose().to_owned()
}

async fn state(host: &Host, id: ChallengeId) -> State {
    host.challenges.get(id).await.unwrap().state()
}

/// R20: an unlocked user receives messages again. Control: after the cool-down alone, no message is sent.
#[tokio::test]
async fn unlock_forgets_sends_without_success() {
    let host = alice().await;
    for _ in 0..10 {
        send(&host, "alice").await.unwrap();
        host.clock.advance(COOL_DOWN);
    }
    assert!(wait(&send(&host, "alice").await.unwrap_err()) > COOL_DOWN.as_secs(), "control");
    host.challenges.account(&owner("alice")).unlock(&administrator()).await.unwrap();
    send(&host, "alice").await.unwrap();
}

/// R20: one message per cool-down, and ten per day without a success.
#[tokio::test]
async fn messages_to_a_user_are_limited() {
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
    assert!(send(&host, "alice").await.is_ok(), "the window ends a day after the first message");
}

/// R20: a user who answers could be paid by the provider of the number.
#[tokio::test]
async fn success_does_not_lift_the_window_limit() {
    let host = alice().await;
    for number in 0..100 {
        let id = send(&host, "alice").await.unwrap_or_else(|error| panic!("{number}: {error}"));
        assert!(passed(host.answer(id, SMS, &secret(&host).await).await));
        let courier = Scripted::new(&host.clock, []);
        host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    }
    assert_eq!(wait(&send(&host, "alice").await.unwrap_err()), 86_400);
    register_phone(&host, "bob", "+4915112345679").await;
    assert!(send(&host, "bob").await.is_ok(), "the limit is per user");
    host.clock.advance(DAY);
    assert!(send(&host, "alice").await.is_ok());
}

/// R20: sends count for the whole window, even when the challenges are swept.
#[tokio::test]
async fn sweep_keeps_the_counts_of_sends() {
    let mut policy = quiet();
    policy.retention = Duration::from_secs(60);
    policy.sends.window = 10 * DAY;
    policy.sends.per_user = 1;
    let host = Host::with_policy(policy).await;
    register_phone(&host, "alice", "+4915112345678").await;
    let id = send(&host, "alice").await.unwrap();
    host.clock.advance(5 * DAY);
    host.challenges.sweep(100).await.unwrap();
    assert!(matches!(host.challenges.get(id).await, Err(Error::NotFound)), "control: the challenge is swept");
    assert_eq!(wait(&send(&host, "alice").await.unwrap_err()), 5 * 86_400);
    host.clock.advance(5 * DAY);
    assert!(send(&host, "alice").await.is_ok());
}

/// R20: the cool-down and the limit per user.
#[tokio::test]
async fn success_by_message_resets_the_limits() {
    let host = alice().await;
    for _ in 0..30 {
        let id = send(&host, "alice").await.unwrap();
        let secret = secret(&host).await;
        assert!(passed(host.answer(id, SMS, &secret).await));
        let courier = Scripted::new(&host.clock, []);
        host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    }
}

/// R20: only an approval by the secret of a message does.
#[tokio::test]
async fn other_successes_reset_no_send_limit() {
    let host = alice().await;
    send(&host, "alice").await.unwrap();
    let code = host.create("alice", CODE).await;
    assert!(passed(host.answer(code.challenge.id(), CODE, code.code.unwrap().expose()).await));
    assert!(wait(&send(&host, "alice").await.unwrap_err()) > 0, "a code challenge");

    let host = alice().await;
    let created = host.challenges.create(owner("alice"), sms_or_code()).await.unwrap();
    assert!(passed(host.answer(created.challenge.id(), SMS, created.code.unwrap().expose()).await));
    assert!(wait(&send(&host, "alice").await.unwrap_err()) > 0, "a code given under the type Sms");

    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let decline = Answer::decline(id, SMS, secret(&host).await);
    assert!(host.challenges.answer(decline).await.is_ok());
    assert!(wait(&send(&host, "alice").await.unwrap_err()) > 0, "a declined challenge");
}

/// R20: the user can answer by code.
#[tokio::test]
async fn challenge_over_the_limit_goes_without_message() {
    let host = alice().await;
    send(&host, "alice").await.unwrap();
    let created = host.challenges.create(owner("alice"), sms_or_code()).await.unwrap();
    assert_eq!(created.challenge.state(), State::Issued);
    assert_eq!(host.challenges.outbox().list(None, None, 10).await.unwrap().len(), 1);
    let id = created.challenge.id();
    assert!(passed(host.answer(id, CODE, created.code.unwrap().expose()).await));
}

/// R20: the limits apply as at creation.
#[tokio::test]
async fn issuing_by_replacement_counts_as_a_send() {
    let host = alice().await;
    let pending = ChallengeSpec::new(SMS).unwrap().pending();
    let pending = host.challenges.create(owner("alice"), pending).await.unwrap().challenge.id();
    send(&host, "alice").await.unwrap();
    let issue = || host.challenges.replace(pending, ChallengeSpec::new(SMS).unwrap());
    assert_eq!(wait(&issue().await.unwrap_err()), 30);
    host.clock.advance(COOL_DOWN);
    assert_eq!(issue().await.unwrap().state(), State::Issued);
}

/// R20: the others meet the cool-down.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_concurrent_creates_one_sends() {
    let host = alice().await;
    let store = Yielding::sharing(Arc::clone(&host.store));
    let challenges = service(store, quiet(), host.clock.clone(), ()).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let challenges = challenges.clone();
        tasks.spawn(async move {
            let spec = ChallengeSpec::new(SMS).unwrap();
            challenges.create(owner("alice"), spec).await.is_ok()
        });
    }
    let sent = tasks.join_all().await.into_iter().filter(|sent| *sent).count();
    assert_eq!((sent, host.challenges.outbox().list(None, None, 500).await.unwrap().len()), (1, 1));
}

/// R20: over all users.
#[tokio::test]
async fn messages_to_a_destination_are_limited() {
    let mut policy = quiet();
    policy.sends.per_destination = 5;
    let host = Host::with_policy(policy).await;
    let courier = Scripted::new(&host.clock, []);
    for number in 0..20 {
        let user = format!("user{number}");
        register_phone(&host, &user, "+4915112345678").await;
        let id = send(&host, &user).await.unwrap();
        let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        assert_eq!((done.performed, done.dead), if number < 5 { (1, 0) } else { (0, 1) }, "{number}");
        let expected = if number < 5 { State::Issued } else { State::ChallengeFailed };
        assert_eq!(state(&host, id).await, expected);
    }
    assert_eq!(courier.done().len(), 5);
    register_phone(&host, "else", "+4915112345679").await;
    send(&host, "else").await.unwrap();
    let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!(done.performed, 1, "control: another number");
    host.clock.advance(DAY);
    send(&host, "user0").await.unwrap();
    let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!(done.performed, 1, "control: another day");
}

/// R20: two processes share one total.
#[tokio::test]
async fn total_is_limited_over_all_processes() {
    let mut policy = quiet();
    policy.sends.in_total = 300;
    let host = Host::with_policy(policy.clone()).await;
    let other = service(host.store.clone(), policy, host.clock.clone(), ()).await;
    let courier = Scripted::new(&host.clock, []);
    for number in 0..1_000 {
        let user = format!("user{number}");
        register_phone(&host, &user, &format!("+49151{number:08}")).await;
        send(&host, &user).await.unwrap();
        let challenges = if number % 2 == 0 { &host.challenges } else { &other };
        challenges.outbox().dispatch(&courier, 10).await.unwrap();
    }
    assert_eq!(courier.done().len(), 300);
    host.clock.advance(DAY);
    send(&host, "user0").await.unwrap();
    assert_eq!(other.outbox().dispatch(&courier, 10).await.unwrap().performed, 1, "control: another day");
}

#[tokio::test]
async fn concurrent_sends_share_one_budget_chunk() {
    let mut policy = quiet();
    policy.sends.in_total = 1_000;
    let host = Host::with_policy(policy.clone()).await;
    for number in 0..8 {
        let user = format!("user{number}");
        register_phone(&host, &user, &format!("+49151{number:08}")).await;
        send(&host, &user).await.unwrap();
    }
    let store = Yielding::sharing(Arc::clone(&host.store));
    let challenges = service(store, policy, host.clock.clone(), ()).await;
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(challenges.outbox().dispatch(&courier, 10).await.unwrap().performed, 8);
    // A chunk is a hundredth of the total.
    let dump = host.dump().await;
    assert!(dump.contains(r#""count":10,"#) && !dump.contains(r#""count":20,"#));
}

/// R20: the challenge lives longer than the wait.
#[tokio::test]
async fn message_over_a_budget_waits_for_the_window() {
    let mut policy = quiet();
    policy.sends.per_destination = 1;
    policy.sends.window = Duration::from_secs(60);
    let host = Host::with_policy(policy).await;
    let courier = Scripted::new(&host.clock, []);
    for user in ["alice", "bob"] {
        register_phone(&host, user, "+4915112345678").await;
        send(&host, user).await.unwrap();
    }
    let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.performed, done.retried), (1, 1));
    host.clock.advance(Duration::from_secs(60));
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().performed, 1);
}

/// R19: the count of wrong answers and the expiry stay.
#[tokio::test]
async fn resend_replaces_only_the_secret() {
    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let old = secret(&host).await;
    assert!(refused(host.answer(id, SMS, "wrong").await));
    let before = host.challenges.get(id).await.unwrap();
    host.clock.advance(COOL_DOWN);
    let resent = host.challenges.resend(id).await.unwrap();
    assert_eq!((resent.wrong_answers(), resent.expires()), (1, before.expires()));
    // The unsent message with the old secret is gone, so the outbox holds one message.
    let new = secret(&host).await;
    assert_ne!(old, new);
    assert!(refused(host.answer(id, SMS, &old).await));
    assert_eq!(host.challenges.get(id).await.unwrap().wrong_answers(), 2);
    assert!(passed(host.answer(id, SMS, &new).await));
}

/// R19: the cool-down and the limit per user apply.
#[tokio::test]
async fn resends_respect_the_send_limit() {
    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let courier = Scripted::new(&host.clock, []);
    let mut resent = 0;
    for _ in 0..100 {
        resent += usize::from(host.challenges.resend(id).await.is_ok());
        host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        host.clock.advance(Duration::from_secs(5));
    }
    assert_eq!(resent, 9);
    assert_eq!(courier.done().len(), 10, "the first message counts too");
}

#[tokio::test]
async fn challenge_tells_whether_a_message_was_queued() {
    let host = alice().await;
    let create = || async { host.challenges.create(owner("alice"), sms_or_code()).await.unwrap() };
    let (sent, held_back) = (create().await, create().await);
    assert_eq!((sent.challenge.has_message(), held_back.challenge.has_message()), (true, false));
    let (id, code) = (held_back.challenge.id(), held_back.code.unwrap());
    host.clock.advance(COOL_DOWN);
    assert!(host.challenges.resend(id).await.unwrap().has_message());
    assert!(passed(host.answer(id, CODE, code.expose()).await));
    assert!(!host.challenges.get(id).await.unwrap().has_message(), "the challenge has ended");
    assert!(!host.create("alice", CODE).await.challenge.has_message());
}

#[tokio::test]
async fn only_issued_message_challenges_are_resent() {
    let host = alice().await;
    let resend = async |id| match host.challenges.resend(id).await {
        Err(Error::Invalid(invalid)) => invalid,
        other => panic!("{other:?}"),
    };
    let code = host.create("alice", CODE).await.challenge.id();
    assert_eq!(resend(code).await, Invalid::NotResendable, "a challenge without a message");
    let pending = ChallengeSpec::new(SMS).unwrap().pending();
    let pending = host.challenges.create(owner("alice"), pending).await.unwrap().challenge.id();
    assert_eq!(resend(pending).await, Invalid::NotResendable, "a pending challenge");
    let id = send(&host, "alice").await.unwrap();
    assert_eq!(resend(id).await, Invalid::TooManyMessages { wait: 30 });
    assert!(passed(host.answer(id, SMS, &secret(&host).await).await));
    assert_eq!(resend(id).await, Invalid::NotResendable, "an ended challenge");
    host.challenges.delete(id).await.unwrap();
    assert!(matches!(host.challenges.resend(id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn resend_during_delivery_keeps_the_new_message() {
    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let hanging = Scripted::new(&host.clock, [Step::Hang]);
    let mut first = Box::pin(host.challenges.outbox().dispatch(&hanging, 10));
    tokio::select! {
        biased;
        _ = &mut first => panic!("the dispatch hangs"),
        () = hanging.hanging() => {}
    }
    host.clock.advance(COOL_DOWN);
    host.challenges.resend(id).await.unwrap();
    drop(first);
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.dead, courier.attempts().len()), (1, 1));
    assert_eq!(state(&host, id).await, State::ChallengeFailed);
}

/// R19: a retried letter is not sent after a resend.
#[tokio::test]
async fn dead_letter_of_an_old_secret_is_dropped() {
    let host = alice().await;
    let id = host.challenges.create(owner("alice"), sms_or_code()).await.unwrap().challenge.id();
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().dead, 1);
    let old = courier.attempts()[0].0;
    host.clock.advance(COOL_DOWN);
    host.challenges.resend(id).await.unwrap();
    host.challenges.outbox().retry(old).await.unwrap();
    let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!((done.performed, done.dropped), (1, 1));
    assert!(courier.done().iter().all(|effect| effect.key != old));
}

/// R19: the delivery of an earlier message does not count for the next one.
#[tokio::test]
async fn undelivered_resend_fails_the_challenge() {
    let host = alice().await;
    let id = send(&host, "alice").await.unwrap();
    let courier = Scripted::new(&host.clock, [Step::Perform(200), Step::Fail(Retry::Never)]);
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    host.clock.advance(COOL_DOWN);
    host.challenges.resend(id).await.unwrap();
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!(state(&host, id).await, State::ChallengeFailed);
}

/// R52: counting a message may outlast the lease when the store is slow.
#[tokio::test]
async fn message_is_not_sent_after_its_lease() {
    // An attempt takes up to 10 of the 30 seconds of a lease, and the clock of another dispatcher may be 5 ahead.
    for (took, performed) in [(15, 1), (16, 0)] {
        let host = alice().await;
        send(&host, "alice").await.unwrap();
        let clock = host.clock.clone();
        let slow = Interrupted::new(host.store.clone(), async move {
            clock.advance(Duration::from_secs(took));
        });
        let slow = service(slow, quiet(), host.clock.clone(), ()).await;
        let courier = Scripted::new(&host.clock, []);
        let done = slow.outbox().dispatch(&courier, 10).await.unwrap();
        assert_eq!((done.performed, done.lost, courier.done().len()), (performed, 1 - performed, performed));
        host.clock.advance(Duration::from_secs(30));
        let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        assert_eq!((done.performed, courier.done().len()), (1 - performed, 1), "the message is sent once");
    }
}

/// A message that never left makes nobody wait, and still counts in the limits of the window.
#[tokio::test]
async fn failed_send_costs_no_cool_down() {
    for retry in [Retry::Never, Retry::AddressGone] {
        let host = alice().await;
        register_phone(&host, "alice", "+4915112345679").await;
        let id = send(&host, "alice").await.unwrap();
        let courier = Scripted::new(&host.clock, [Step::Fail(retry)]);
        host.challenges.outbox().dispatch(&courier, 1).await.unwrap();
        assert_eq!(wait(&send(&host, "alice").await.unwrap_err()), 30, "the other message may still arrive");
        courier.script([Step::Fail(Retry::Never)]);
        host.challenges.outbox().dispatch(&courier, 1).await.unwrap();
        assert_eq!(state(&host, id).await, State::ChallengeFailed);
        register_phone(&host, "alice", "+4915112345678").await;
        assert!(send(&host, "alice").await.is_ok());
        assert_eq!(wait(&send(&host, "alice").await.unwrap_err()), 30, "control: a waiting message");
    }
}

#[tokio::test]
async fn partly_delivered_send_keeps_the_cool_down() {
    for steps in [[Step::Perform(200), Step::Fail(Retry::Never)], [Step::Fail(Retry::Never), Step::Perform(200)]] {
        let host = alice().await;
        register_phone(&host, "alice", "+4915112345679").await;
        send(&host, "alice").await.unwrap();
        host.challenges.outbox().dispatch(&Scripted::new(&host.clock, steps), 10).await.unwrap();
        assert_eq!(wait(&send(&host, "alice").await.unwrap_err()), 30);
    }
}

#[tokio::test]
async fn failed_confirmation_costs_no_cool_down() {
    let host = Host::new().await;
    let endpoints = host.challenges.endpoints();
    let phone =
        endpoints.register_phone(owner("alice"), &administrator(), "+4915112345678".parse().unwrap()).await.unwrap();
    assert_eq!(wait(&endpoints.resend_code(&owner("alice"), phone.id()).await.unwrap_err()), 30, "control");
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert!(endpoints.resend_code(&owner("alice"), phone.id()).await.is_ok());
}

/// R20: failed sends count, or a user with a dead number could cause attempts without end.
#[tokio::test]
async fn failed_sends_count_in_the_window() {
    let host = alice().await;
    for _ in 0..10 {
        send(&host, "alice").await.unwrap();
        let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
        host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    }
    assert_eq!(wait(&send(&host, "alice").await.unwrap_err()), 86_400);
}
