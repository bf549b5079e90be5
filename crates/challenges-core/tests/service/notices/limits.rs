//! R62: notices are limited, nobody else uses up the notices of a user, and notices use up nothing of the user.

use std::time::Duration;

use async_trait::async_trait;
use challenges_core::endpoints::Address;
use challenges_core::outbox::{Courier, Errand, Failure, Job, Notice, OutboxEntry, Retry, Task};
use challenges_core::{ChallengeSpec, ChallengeType, Error, Factor, Invalid, Policy, Timestamp};
use challenges_testkit::administrator;

use super::{EMAIL, PHONE, PUSH, TOTP, address, addresses, queued, register, to, told};
use crate::courier::{Scripted, Step};
use crate::harness::{Host, START, owner, passed, refused};

async fn host(policy: Policy) -> Host {
    let host = Host::with_policy(policy).await;
    register(&host.challenges, "alice", EMAIL).await;
    host
}

async fn generate(host: &Host) {
    host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
}

/// Changes over the limit are made. The window opens again.
#[tokio::test]
async fn changes_over_the_limit_are_made_untold() {
    let mut policy = Policy::default();
    policy.sends.notices_per_user = 2;
    let host = host(policy).await;
    for told_to in [1, 1, 0, 0] {
        generate(&host).await;
        assert_eq!(told(&host.challenges).await.len(), told_to);
    }
    assert_eq!(host.challenges.recovery_codes().left(&owner("alice")).await.unwrap(), 10);
    host.clock.advance(Duration::from_secs(86_400));
    generate(&host).await;
    assert_eq!(told(&host.challenges).await, to(Notice::RecoveryCodesGenerated, &[EMAIL]));
}

#[tokio::test]
async fn limit_of_zero_sends_none() {
    let mut policy = Policy::default();
    policy.sends.notices_per_user = 0;
    let host = host(policy).await;
    generate(&host).await;
    assert_eq!(queued(&host.challenges).await, 0);
}

/// A stranger who locks factors uses up no notice of a change, and the limit holds for locks too.
#[tokio::test]
async fn locks_use_up_no_notice_of_changes() {
    let mut policy = Policy::default();
    policy.sends.notices_per_user = 1;
    policy.sends.per_destination = 1;
    policy.sends.in_total = 1;
    policy.sends.attempts_per_user = 1;
    policy.failures_before_delay = 1;
    let host = Host::with_policy(policy).await;
    let (_, app) = host.enroll("alice").await;
    register(&host.challenges, "alice", EMAIL).await;
    for told_to in [1, 0] {
        host.clock.advance(Duration::from_secs(60));
        let id = host.create("alice", TOTP).await.challenge.id();
        assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), 1)).await));
        assert_eq!(told(&host.challenges).await, to(Notice::Locked(Factor::Totp), &[EMAIL][..told_to]));
        host.clock.advance(Duration::from_secs(60));
        assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
    }
    generate(&host).await;
    assert_eq!(told(&host.challenges).await, to(Notice::RecoveryCodesGenerated, &[EMAIL]));
}

/// R67: a thief of the session who knows the URL of a subscription replaces the subscription again and again, and uses
/// up no notice of other changes. Control: subscriptions added with a grant.
#[tokio::test]
async fn renewals_use_up_no_notice_of_changes() {
    for with_grant in [false, true] {
        let mut policy = Policy::default();
        policy.sends.notices_per_user = 1;
        policy.sends.per_destination = 1;
        policy.sends.attempts_per_user = 2;
        let host = host(policy).await;
        register(&host.challenges, "alice", PUSH).await;
        host.clock.advance(Duration::from_secs(86_400));
        told(&host.challenges).await;

        let (alice, endpoints) = (owner("alice"), host.challenges.endpoints());
        let other = "https://push.example/other";
        for (replaced, url, told_to) in [(PUSH, other, &[EMAIL, PUSH][..]), (other, PUSH, &[][..])] {
            let Address::Push(subscription) = address(url) else { unreachable!() };
            if with_grant {
                endpoints.register_push(alice.clone(), &administrator(), subscription).await.unwrap();
            } else {
                endpoints.renew_push(&alice, replaced, subscription).await.unwrap();
            }
            assert_eq!(told(&host.challenges).await, to(Notice::Added(ChallengeType::WebPush), told_to));
        }
        generate(&host).await;
        let receivers: &[&str] = if with_grant { &[] } else { &[EMAIL, PUSH] };
        assert_eq!(told(&host.challenges).await, to(Notice::RecoveryCodesGenerated, receivers));
    }
}

/// Challenge messages of the user take no place of notices, and notices no place of challenge messages.
#[tokio::test]
async fn notices_and_challenge_messages_are_counted_apart() {
    let mut policy = Policy::default();
    policy.sends.per_user = 1;
    policy.sends.messages_per_user = 1;
    policy.sends.attempts_per_user = 1;
    policy.sends.per_destination = 1;
    policy.sends.in_total = 1;
    let host = host(policy).await;
    let send = async || host.challenges.create(owner("alice"), ChallengeSpec::new(ChallengeType::Email).unwrap()).await;
    generate(&host).await;
    assert_eq!(told(&host.challenges).await, to(Notice::RecoveryCodesGenerated, &[EMAIL]));
    let courier = Scripted::new(&host.clock, []);
    let _ = send().await.unwrap();
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!(courier.done().len(), 1, "the notice took nothing");
    host.clock.advance(Duration::from_secs(86_400));

    let _ = send().await.unwrap();
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert!(matches!(send().await, Err(Error::Invalid(Invalid::TooManyMessages { .. }))), "control: nothing is left");
    generate(&host).await;
    assert_eq!(told(&host.challenges).await, to(Notice::RecoveryCodesGenerated, &[EMAIL]));
}

/// R62: however many numbers a user has, notices cause a bounded number of text messages. Control: without the limit.
#[tokio::test]
async fn copies_of_notices_are_limited() {
    for (copies, sent) in [(None, 20 + 40), (Some(10_000), 20 * 16)] {
        let mut policy = Policy::default();
        policy.sends.notice_copies_per_user = copies.unwrap_or(policy.sends.notice_copies_per_user);
        let host = Host::with_policy(policy).await;
        for number in 0..16 {
            register(&host.challenges, "alice", &format!("+491511234567{number:02}")).await;
        }
        host.clock.advance(Duration::from_secs(86_400));
        while queued(&host.challenges).await > 0 {
            assert!(told(&host.challenges).await.is_empty(), "the notices of the registrations are too late");
        }
        for _ in 0..25 {
            generate(&host).await;
        }
        assert_eq!(queued(&host.challenges).await, sent);
    }
}

/// R62, R67: the oldest address of each kind receives every notice, whatever was added since. Kinds, and locks, have
/// counts of their own.
#[tokio::test]
async fn oldest_addresses_receive_every_notice() {
    let mut policy = Policy::default();
    policy.sends.notice_copies_per_user = 3;
    policy.failures_before_delay = 1;
    let host = Host::with_policy(policy).await;
    let (_, app) = host.enroll("alice").await;
    let phones = [PHONE, "+4915112345671", "+4915112345672"];
    let emails = [EMAIL, "alice@example.com"];
    for address in phones.into_iter().chain(emails) {
        register(&host.challenges, "alice", address).await;
        // Ids of one time have no order.
        host.clock.advance(Duration::from_secs(1));
    }
    host.clock.advance(Duration::from_secs(86_400));
    told(&host.challenges).await;

    let all: Vec<&str> = phones.into_iter().chain(emails).collect();
    let three_copies = [phones[0], phones[1], emails[0], emails[1]];
    let oldest = [phones[0], emails[0]];
    let expected = |receivers: &[&str]| to(Notice::RecoveryCodesGenerated, receivers);
    for receivers in [&all[..], &three_copies, &[phones[0], emails[0], emails[1]], &oldest] {
        generate(&host).await;
        assert_eq!(told(&host.challenges).await, expected(receivers));
    }
    let id = host.create("alice", TOTP).await.challenge.id();
    assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), 1)).await));
    assert_eq!(told(&host.challenges).await, to(Notice::Locked(Factor::Totp), &all));
    host.clock.advance(Duration::from_secs(86_400));
    generate(&host).await;
    assert_eq!(told(&host.challenges).await, expected(&all), "the window opens again");
}

/// R62, R67: a thief who adds addresses uses up no copy of the second address, which may be the only one that is read.
#[tokio::test]
async fn added_addresses_use_up_no_copies_of_the_second() {
    let policy = Policy::default();
    let notices = policy.sends.notices_per_user;
    let host = Host::with_policy(policy).await;
    let own = [EMAIL, "alice@example.com"];
    let mut sent = Vec::new();
    for number in 0..=notices {
        if let Some(address) = own.get(usize::try_from(number).unwrap()) {
            register(&host.challenges, "alice", address).await;
        } else if number < 16 {
            register(&host.challenges, "alice", &format!("thief{number}@example.net")).await;
        } else {
            generate(&host).await;
        }
        host.clock.advance(Duration::from_secs(1));
        sent.push(told(&host.challenges).await.into_iter().map(|(_, to)| to).collect::<Vec<_>>());
    }
    for (number, receivers) in sent.iter().enumerate() {
        for (since, address) in own.iter().enumerate() {
            assert_eq!(receivers.iter().any(|to| to == address), number > since, "notice {number}: {receivers:?}");
        }
    }
    assert_eq!(sent.last().unwrap().len(), 2, "control: the copies are used up");
    let most = notices + Policy::default().sends.notice_copies_per_user;
    assert!(sent.concat().len() <= usize::try_from(most).unwrap());
}

/// R62: the counts of notices are kept for as long as they count. Control: a day later the notices are sent again.
#[tokio::test]
async fn sweep_keeps_the_counts_of_notices() {
    let mut policy = Policy::default();
    policy.retention = Duration::from_secs(60);
    policy.sends.notices_per_user = 1;
    policy.failures_before_delay = 1;
    let host = host(policy).await;
    let (_, app) = host.enroll("bob").await;
    register(&host.challenges, "bob", PHONE).await;
    for (wait, is_told) in [(86_400, true), (3_600, false), (86_400, true)] {
        host.clock.advance(Duration::from_secs(wait));
        while host.challenges.sweep(100).await.unwrap() > 0 {}
        generate(&host).await;
        let id = host.create("bob", TOTP).await.challenge.id();
        assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), 1)).await));
        let mut expected = to(Notice::Locked(Factor::Totp), &[PHONE]);
        expected.extend(to(Notice::RecoveryCodesGenerated, &[EMAIL]));
        assert_eq!(told(&host.challenges).await, if is_told { expected } else { Vec::new() });
        // Failures would keep the counts too.
        host.clock.advance(Duration::from_secs(60));
        assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
    }
}

/// R67: a notice queued after the clock fell back is sent, although the latest time is a day ahead.
#[tokio::test]
async fn notice_outlives_a_clock_that_fell_back() {
    let host = host(Policy::default()).await;
    let day = Duration::from_secs(86_400);
    host.clock.advance(day);
    told(&host.challenges).await;
    host.clock.set(Timestamp::from_seconds(START));
    generate(&host).await;
    assert_eq!(told(&host.challenges).await, to(Notice::RecoveryCodesGenerated, &[EMAIL]));
}

/// The limits of an address and of all users hold for notices, so that nobody is sent text messages without end.
#[tokio::test]
async fn notices_to_an_address_and_in_total_are_limited() {
    type Change = fn(&mut Policy);
    let changes: [(Change, usize); _] =
        [(|_| (), 5), (|policy| policy.sends.per_destination = 3, 3), (|policy| policy.sends.in_total = 2, 2)];
    for (change, sent) in changes {
        let mut policy = Policy::default();
        change(&mut policy);
        let host = Host::with_policy(policy).await;
        for user in 0..5 {
            let user = format!("user{user}");
            register(&host.challenges, &user, EMAIL).await;
            host.challenges.recovery_codes().generate(&owner(&user), &administrator()).await.unwrap();
        }
        let courier = Scripted::new(&host.clock, []);
        host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        assert_eq!(courier.done().len(), sent);
    }
}

/// Dead receivers of a user cost a bounded number of attempts.
#[tokio::test]
async fn attempts_at_notices_are_limited() {
    let mut policy = Policy::default();
    policy.sends.attempts_per_user = 5;
    let host = host(policy).await;
    for _ in 0..3 {
        generate(&host).await;
    }
    let courier = Scripted::new(&host.clock, []);
    for _ in 0..10 {
        courier.script((0..10).map(|_| Step::Fail(Retry::Later(None))));
        host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        host.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(courier.attempts().len(), 5);
}

/// A notice that fails for good leaves a dead letter, and ends no cool-down of other messages.
#[tokio::test]
async fn failed_notice_ends_no_cool_down() {
    let host = host(Policy::default()).await;
    generate(&host).await;
    let register = async |text: &str| {
        let endpoints = host.challenges.endpoints();
        endpoints.register_phone(owner("alice"), &administrator(), text.parse().unwrap()).await
    };
    // At the same time as the notice.
    register("+4915112345678").await.unwrap();
    let courier = Scripted::new(&host.clock, []);
    let is_notice = |entry: &OutboxEntry| matches!(entry.task, Task::Notice { .. });
    for due in host.challenges.outbox().due(10).await.unwrap() {
        let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
        if entries.into_iter().flatten().any(|entry| entry.id == due.id() && is_notice(&entry)) {
            courier.script([Step::Fail(Retry::Never)]);
            host.challenges.outbox().attempt(&due, &courier).await.unwrap();
        }
    }
    let letters = host.challenges.outbox().dead_letters(None, None, 10).await.unwrap();
    assert!(letters.iter().all(|letter| is_notice(letter.as_ref().unwrap())) && letters.len() == 1, "{letters:?}");
    let refused = register("+4915112345679").await;
    assert!(matches!(refused, Err(Error::Invalid(Invalid::TooManyMessages { .. }))), "{refused:?}");
}

/// A push service that reports a subscription as gone ends the subscription.
#[tokio::test]
async fn address_gone_by_a_notice_is_deleted() {
    let host = Host::with_policy(Policy::default()).await;
    let [_, _, push] = addresses(&host.challenges).await;
    generate(&host).await;
    let courier = Gone;
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    let left = host.challenges.endpoints().list(&owner("alice"), None, 10).await.unwrap();
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|endpoint| endpoint.id() != push));
    assert_eq!(queued(&host.challenges).await, 0);
}

/// Reports every subscription as gone.
#[derive(Debug)]
struct Gone;

#[async_trait]
impl Courier for Gone {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        match &job.errand {
            Errand::Push { .. } => Err(Failure::new(Retry::AddressGone, "gone")),
            _ => Ok(Some(200)),
        }
    }
}

/// The host may ask for every notice. These are not limited, and need no address.
#[tokio::test]
async fn host_receives_every_notice_on_request() {
    let mut policy = Policy::default();
    policy.notify_host = true;
    policy.sends.notices_per_user = 1;
    let host = Host::with_policy(policy).await;
    for _ in 0..2 {
        generate(&host).await;
    }
    let expected = to(Notice::RecoveryCodesGenerated, &["the host of alice"; 2]);
    assert_eq!(told(&host.challenges).await, expected, "without an address");
    register(&host.challenges, "alice", EMAIL).await;
    told(&host.challenges).await;
    generate(&host).await;
    generate(&host).await;
    let expected = to(Notice::RecoveryCodesGenerated, &[EMAIL, "the host of alice", "the host of alice"]);
    assert_eq!(told(&host.challenges).await, expected);
}
