//! Message budgets: no account uses up the messages of another.

use std::time::Duration;

use challenges_core::endpoints::{Address, PhoneNumber, PushSubscription};
use challenges_core::outbox::Retry;
use challenges_core::{ChallengeSpec, ChallengeType, Policy, State};
use challenges_testkit::administrator;

use crate::courier::{Effect, Scripted, Step, What};
use crate::harness::{Host, owner, quiet};

const SMS: ChallengeType = ChallengeType::Sms;
const PUSH: ChallengeType = ChallengeType::WebPush;
const NUMBER: &str = "+4915112345678";

/// Returns a host without a cool-down, so that budgets are the only limits.
async fn host(change: impl FnOnce(&mut Policy)) -> Host {
    let mut policy = quiet();
    policy.sends.cool_down = Duration::ZERO;
    policy.default_timeout = Duration::from_secs(3_600);
    change(&mut policy);
    Host::with_policy(policy).await
}

async fn register_phone(host: &Host, user: &str, number: &str) {
    let address = Address::Phone(number.parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner(user), &administrator(), address).await.unwrap();
}

async fn register_push(host: &Host, user: &str, count: usize) {
    for number in 0..count {
        let uri = format!("https://push.example/{user}/{number}");
        let subscription = PushSubscription::new(&uri, &"A".repeat(87), &"A".repeat(22)).unwrap();
        host.challenges
            .endpoints()
            .register_confirmed(owner(user), &administrator(), Address::Push(subscription))
            .await
            .unwrap();
    }
}

async fn send(host: &Host, user: &str, kind: ChallengeType) {
    let created = host.challenges.create(owner(user), ChallengeSpec::new(kind).unwrap()).await.unwrap();
    assert_eq!(created.challenge.state(), State::Issued);
}

/// Dispatches the due entries, and returns the number of messages sent.
async fn dispatch(host: &Host) -> usize {
    let courier = Scripted::new(&host.clock, []);
    host.challenges.outbox().dispatch(&courier, 500).await.unwrap();
    courier.done().len()
}

/// Fails every attempt of `passes` dispatches, a minute apart. Returns the number of attempts.
async fn fail(host: &Host, passes: usize) -> usize {
    let courier = Scripted::new(&host.clock, []);
    for _ in 0..passes {
        courier.script((0..500).map(|_| Step::Fail(Retry::Later(None))));
        host.challenges.outbox().dispatch(&courier, 500).await.unwrap();
        host.clock.advance(Duration::from_secs(60));
    }
    courier.attempts().len()
}

/// R62: retries to the dead receivers of an account take nothing from the total.
#[tokio::test]
async fn dead_receivers_take_one_message_each() {
    let host = host(|policy| policy.sends.in_total = 18).await;
    register_push(&host, "mallory", 16).await;
    send(&host, "mallory", PUSH).await;
    let attempts = fail(&host, 10).await;
    assert!(attempts > 60, "control: {attempts} attempts are more than the total of 18");
    for (user, expected) in [("alice", 1), ("bob", 1), ("carol", 0)] {
        register_push(&host, user, 1).await;
        send(&host, user, PUSH).await;
        // The messages of mallory wait for the next retry.
        assert_eq!(dispatch_of(&host, user).await, expected, "{user}: the total of 18 less 16");
    }
}

/// Dispatches until nothing is due, and returns the number of push messages to a user.
async fn dispatch_of(host: &Host, user: &str) -> usize {
    let courier = Scripted::new(&host.clock, []);
    host.challenges.outbox().dispatch(&courier, 500).await.unwrap();
    let to_user = |effect: &Effect| matches!(&effect.what, What::Push { to, .. } if to.contains(user));
    courier.done().iter().filter(|effect| to_user(effect)).count()
}

/// R62: an account with many endpoints takes a bounded part of the total.
#[tokio::test]
async fn messages_of_an_account_are_limited() {
    for (messages_per_user, bob) in [(20, 1), (10_000, 0)] {
        let host = host(|policy| {
            policy.sends.in_total = 100;
            policy.sends.messages_per_user = messages_per_user;
        });
        let host = host.await;
        register_push(&host, "mallory", 16).await;
        let mut sent = 0;
        for _ in 0..10 {
            send(&host, "mallory", PUSH).await;
            sent += dispatch(&host).await;
        }
        assert_eq!(sent, if bob == 1 { 20 } else { 100 });
        register_push(&host, "bob", 1).await;
        send(&host, "bob", PUSH).await;
        assert_eq!(dispatch(&host).await, bob, "control: without the limit of mallory nothing is left");
    }
}

/// R62: the dead receivers of an account cost a bounded number of attempts.
#[tokio::test]
async fn attempts_of_an_account_are_limited() {
    let host = host(|policy| policy.sends.attempts_per_user = 40).await;
    register_push(&host, "mallory", 16).await;
    send(&host, "mallory", PUSH).await;
    assert_eq!(fail(&host, 20).await, 40);
    register_push(&host, "bob", 1).await;
    send(&host, "bob", PUSH).await;
    assert_eq!(dispatch(&host).await, 1);
    host.clock.advance(Duration::from_secs(86_400));
    send(&host, "mallory", PUSH).await;
    assert_eq!(dispatch(&host).await, 16, "control: another day");
}

/// R62: push messages and text messages have totals of their own.
#[tokio::test]
async fn push_messages_take_no_text_messages() {
    let host = host(|policy| policy.sends.in_total = 2).await;
    for user in ["mallory", "bob", "carol"] {
        register_push(&host, user, 1).await;
        send(&host, user, PUSH).await;
    }
    assert_eq!(dispatch(&host).await, 2, "control: the total of push messages");
    register_phone(&host, "alice", NUMBER).await;
    send(&host, "alice", SMS).await;
    assert_eq!(dispatch(&host).await, 1);
}

/// R62: accounts that register a number take nothing from the confirmed owner of the number.
#[tokio::test]
async fn confirmations_leave_the_owner_of_a_number_alone() {
    let host = host(|_| ()).await;
    register_phone(&host, "alice", NUMBER).await;
    for number in 0..40 {
        let owner = owner(&format!("mallory{number}"));
        host.challenges.endpoints().register_phone(owner, &administrator(), NUMBER.parse().unwrap()).await.unwrap();
    }
    assert_eq!(dispatch(&host).await, 5, "confirmation codes to a number");
    send(&host, "alice", SMS).await;
    assert_eq!(dispatch(&host).await, 1);
    // The control: links do take from the budget of the number.
    for number in 0..40 {
        let user = format!("relative{number}");
        register_phone(&host, &user, NUMBER).await;
        send(&host, &user, SMS).await;
    }
    assert_eq!(dispatch(&host).await, 29);
}

/// R62: a fault of the gateway uses up no messages of a number: a message counts once, however often it is retried.
#[tokio::test]
async fn retries_take_nothing_from_the_number() {
    let host = host(|policy| {
        (policy.sends.confirmations_per_destination, policy.sends.per_destination) = (2, 2);
    });
    let host = host.await;
    let number: PhoneNumber = NUMBER.parse().unwrap();
    host.challenges.endpoints().register_phone(owner("alice"), &administrator(), number.clone()).await.unwrap();
    assert!(fail(&host, 4).await > 2, "control: more attempts than the limit of the number");
    host.clock.advance(Duration::from_secs(60));
    assert_eq!(dispatch(&host).await, 1, "the code leaves after the fault");
    for (user, expected) in [("bob", 1), ("carol", 0)] {
        host.challenges.endpoints().register_phone(owner(user), &administrator(), number.clone()).await.unwrap();
        assert_eq!(dispatch(&host).await, expected, "{user}: control, two codes to a number");
    }

    for (user, expected) in [("dave", 1), ("erin", 1), ("frank", 0)] {
        register_phone(&host, user, NUMBER).await;
        send(&host, user, SMS).await;
        if user == "dave" {
            assert!(fail(&host, 4).await > 2, "control: more attempts than the limit of the number");
            host.clock.advance(Duration::from_secs(60));
        }
        assert_eq!(dispatch(&host).await, expected, "{user}: two links to a number");
    }
}

/// R62: confirmation codes have a total of their own, whatever the numbers.
#[tokio::test]
async fn confirmations_take_nothing_from_the_total() {
    let host = host(|policy| (policy.sends.in_total, policy.sends.confirmations_in_total) = (1, 3)).await;
    for number in 0..10 {
        let (owner, number) = (owner(&format!("mallory{number}")), format!("+49151{number:08}"));
        host.challenges.endpoints().register_phone(owner, &administrator(), number.parse().unwrap()).await.unwrap();
    }
    assert_eq!(dispatch(&host).await, 3);
    for (user, expected) in [("alice", 1), ("bob", 0)] {
        register_phone(&host, user, NUMBER).await;
        send(&host, user, SMS).await;
        assert_eq!(dispatch(&host).await, expected, "the control: a total of one link");
    }
}

/// R62: a user takes a small part of the confirmation codes of a day.
#[tokio::test]
async fn confirmations_of_an_account_are_limited() {
    for (confirmations_per_user, bob) in [(20, 1), (100, 0)] {
        let host = host(|policy| {
            policy.endpoints = 100;
            policy.sends.per_user = 100;
            policy.sends.confirmations_in_total = 40;
            policy.sends.confirmations_per_user = confirmations_per_user;
        });
        let host = host.await;
        let mut sent = 0;
        for number in 0..50 {
            register_number(&host, "mallory", number).await;
            sent += dispatch(&host).await;
        }
        assert_eq!(sent, if bob == 1 { 20 } else { 40 });
        register_number(&host, "bob", 99).await;
        assert_eq!(dispatch(&host).await, bob, "control: without the limit of mallory nothing is left");
    }
}

/// A code counts at the first attempt only, so retries use up no other code of the user.
#[tokio::test]
async fn retried_code_counts_once() {
    let host = host(|policy| policy.sends.confirmations_per_user = 2).await;
    register_number(&host, "alice", 1).await;
    assert!(fail(&host, 3).await >= 2, "control: a retry");
    register_number(&host, "alice", 2).await;
    let mut sent = 0;
    for _ in 0..5 {
        sent += dispatch(&host).await;
        host.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(sent, 2);
    register_number(&host, "alice", 3).await;
    assert_eq!(dispatch(&host).await, 0, "control: the limit of the user");
}

/// Registers the number without a confirmation.
async fn register_number(host: &Host, user: &str, number: usize) {
    let number = format!("+49151{number:08}").parse().unwrap();
    host.challenges.endpoints().register_phone(owner(user), &administrator(), number).await.unwrap();
}

/// R62: codes to mailboxes and to phone numbers have totals of their own.
#[tokio::test]
async fn codes_by_mail_take_no_text_messages() {
    let host = host(|policy| policy.sends.confirmations_in_total = 2).await;
    for user in ["mallory", "bob", "carol"] {
        let address = format!("{user}@example.com").parse().unwrap();
        host.challenges.endpoints().register_email(owner(user), &administrator(), address).await.unwrap();
    }
    assert_eq!(dispatch(&host).await, 2, "control: the total of codes by e-mail");
    register_number(&host, "alice", 1).await;
    assert_eq!(dispatch(&host).await, 1);
}

/// R62: a message that waits for the budget of its destination is given back to the total.
#[tokio::test]
async fn waiting_message_takes_nothing_from_the_total() {
    let host = host(|policy| {
        policy.sends.window = Duration::from_secs(600);
        (policy.sends.per_destination, policy.sends.in_total) = (1, 2);
    });
    let host = host.await;
    for user in ["alice", "bob"] {
        register_phone(&host, user, NUMBER).await;
        send(&host, user, SMS).await;
    }
    assert_eq!(dispatch(&host).await, 1);
    register_phone(&host, "carol", "+4915112345679").await;
    send(&host, "carol", SMS).await;
    assert_eq!(dispatch(&host).await, 1);
}
