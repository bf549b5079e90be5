//! The status of an account, unlocking, and asking by every completed factor.

use std::time::Duration;

use challenges_core::account::AccountStatus;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::outbox::Retry;
use challenges_core::step_up::Requirement;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, CreatedChallenge, EndpointId, Factor, Policy, Purpose, Refused, State,
    Timestamp,
};
use challenges_testkit::administrator;

use crate::courier::{Scripted, Step};
use crate::harness::{Host, KEYS, Seen, owner, passed, refused};
use crate::rotation::{both, only_new, walk};

const TOTP: ChallengeType = ChallengeType::Totp;
const SMS: ChallengeType = ChallengeType::Sms;
const PUSH: ChallengeType = ChallengeType::WebPush;

async fn phone(host: &Host, user: &str, number: &str) -> EndpointId {
    let address = Address::Phone(number.parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner(user), &administrator(), address).await.unwrap().id()
}

async fn push(host: &Host, user: &str) -> EndpointId {
    let push = PushSubscription::new("https://push.example/secret-path", &"A".repeat(87), &"A".repeat(22)).unwrap();
    host.challenges
        .endpoints()
        .register_confirmed(owner(user), &administrator(), Address::Push(push))
        .await
        .unwrap()
        .id()
}

/// Gives six wrong TOTP codes in challenges of their own.
async fn fail_totp(host: &Host, user: &str) {
    for guess in 0..6 {
        let id = host.create(user, TOTP).await.challenge.id();
        assert!(refused(host.answer(id, TOTP, &format!("00000{guess}")).await));
    }
}

async fn ask(host: &Host, user: &str) -> Option<(CreatedChallenge, AccountStatus)> {
    ask_for(host, user, Requirement::any()).await
}

async fn ask_for(host: &Host, user: &str, required: Requirement) -> Option<(CreatedChallenge, AccountStatus)> {
    host.challenges.ask(&owner(user), Purpose::new("transfer").unwrap(), &required).await.unwrap()
}

/// Asks a user with a factor. Returns the offered types and the state of the challenge.
async fn asked(host: &Host, user: &str) -> (Vec<ChallengeType>, State) {
    let challenge = ask(host, user).await.unwrap().0.challenge;
    (challenge.types().unwrap().iter().collect(), challenge.state())
}

#[tokio::test]
async fn status_shows_factors_addresses_codes_and_locks() {
    let host = Host::new().await;
    let empty = host.challenges.account(&owner("alice")).status().await.unwrap();
    assert!(!empty.has_factor() && empty.totp.is_empty() && empty.endpoints.is_empty());
    assert_eq!((empty.recovery_codes, empty.void_recovery_codes, empty.locks().count()), (0, 0, 0));

    let (completed, _) = host.enroll("alice").await;
    host.next_step();
    let pending = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap().0.id();
    let mobile = phone(&host, "alice", "+4915112345678").await;
    let browser = push(&host, "alice").await;
    let entered = "+15551234567".parse().unwrap();
    let unconfirmed =
        host.challenges.endpoints().register_phone(owner("alice"), &administrator(), entered).await.unwrap().id();
    host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
    host.enroll("bob").await;
    fail_totp(&host, "alice").await;

    let status = host.challenges.account(&owner("alice")).status().await.unwrap();
    assert!(status.has_factor());
    let totp: Vec<_> = status.totp.iter().map(|found| (found.id(), found.is_completed())).collect();
    assert_eq!(totp, [(completed, true), (pending, false)]);
    let endpoints: Vec<_> = status.endpoints.iter().map(|found| (found.id(), found.is_confirmed())).collect();
    assert_eq!(endpoints.len(), 3);
    assert!(endpoints.contains(&(mobile, true)) && endpoints.contains(&(unconfirmed, false)));
    assert_eq!(status.address(mobile), Some("+***********78"));
    assert_eq!(status.address(unconfirmed), Some("+*********67"));
    assert_eq!(status.address(browser), Some("push.example"), "the path is a capability");
    assert_eq!((status.recovery_codes, status.void_recovery_codes), (10, 0));
    let until = host.now().after(Duration::from_secs(30));
    assert_eq!(status.locks().collect::<Vec<_>>(), [(Factor::Totp, until)]);
    assert_eq!((status.locked_until(Factor::Totp), status.locked_until(Factor::Code)), (Some(until), None));
    let debug = format!("{status:?}");
    assert!(!debug.contains("15112345678") && !debug.contains("secret-path"), "{debug}");

    host.clock.advance(Duration::from_secs(30));
    assert_eq!(
        host.challenges.account(&owner("alice")).status().await.unwrap().locks().count(),
        0,
        "the delay is over"
    );
}

/// R68: codes under a retired or removed key are shown as void.
#[tokio::test]
async fn status_shows_codes_that_ended_with_their_key() {
    let host = Host::new().await;
    host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
    let host = host.restarted(&both()).await.unwrap();
    let (_, _, report) = walk(&host, 500).await;
    assert!(report.done);
    let retired = format!("{}\n~{}", only_new(), &KEYS[1..]);
    for (keys, expected) in [(both(), (10, 0)), (retired, (0, 10)), (only_new(), (0, 10))] {
        let host = host.restarted(&keys).await.unwrap();
        let status = host.challenges.account(&owner("alice")).status().await.unwrap();
        assert_eq!((status.recovery_codes, status.void_recovery_codes), expected);
    }
}

/// R7: unlocking ends delays and disabled factors of this user only.
#[tokio::test]
async fn unlock_clears_every_lock_and_is_observed() {
    let mut policy = Policy::default();
    policy.failures_before_disabled = 6;
    let host = Host::with_policy(policy).await;
    let (_, app) = host.enroll("alice").await;
    host.enroll("bob").await;
    host.next_step();
    fail_totp(&host, "alice").await;
    fail_totp(&host, "bob").await;
    let status = host.challenges.account(&owner("alice")).status().await.unwrap();
    assert_eq!(status.locked_until(Factor::Totp), Some(Timestamp::MAX), "disabled until a reset");
    host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
    let recovery = host.create("alice", ChallengeType::RecoveryCode).await.challenge.id();
    assert!(refused(host.answer(recovery, ChallengeType::RecoveryCode, "ZZZZ-ZZZZ-ZZZZ").await));

    let id = host.create("alice", TOTP).await.challenge.id();
    host.seen.take();
    assert!(refused(host.answer(id, TOTP, &app.code(host.now())).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::FactorDisabled)], "control: the factor is locked");
    host.challenges.account(&owner("alice")).unlock(&administrator()).await.unwrap();
    host.challenges.account(&owner("alice")).unlock(&administrator()).await.unwrap();
    let reset = [Factor::Totp, Factor::RecoveryCode].map(Seen::FactorReset);
    assert_eq!(host.seen.take(), [Seen::AdministratorActed, reset[0], reset[1]], "once");
    assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
    let bobs = host.challenges.account(&owner("bob")).status().await.unwrap();
    assert_eq!(bobs.locked_until(Factor::Totp), Some(Timestamp::MAX), "control: another user stays locked");
}

/// Only a user without any completed factor goes unasked.
#[tokio::test]
async fn asking_needs_a_completed_factor() {
    let host = Host::new().await;
    assert!(ask(&host, "alice").await.is_none());
    let _ = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
    let entered = "+15551234567".parse().unwrap();
    host.challenges.endpoints().register_phone(owner("alice"), &administrator(), entered).await.unwrap();
    host.enroll("bob").await;
    assert!(ask(&host, "alice").await.is_none(), "pending factors, recovery codes and other users do not count");
    let listed = host.challenges.list(&owner("alice"), None, 10).await.unwrap();
    assert!(listed.is_empty(), "nothing was created");

    let mobile = phone(&host, "carol", "+4915112345678").await;
    host.challenges.endpoints().set_enabled(&owner("carol"), &administrator(), mobile, false).await.unwrap();
    assert_eq!(asked(&host, "carol").await, (vec![SMS], State::ChallengeFailed), "a disabled factor is no free pass");
}

#[tokio::test]
async fn asking_offers_every_completed_factor() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
    host.next_step();
    assert_eq!(asked(&host, "alice").await, (vec![TOTP], State::Issued), "recovery is offered apart");
    let mobile = phone(&host, "alice", "+4915112345678").await;
    let browser = push(&host, "alice").await;
    host.challenges.endpoints().set_enabled(&owner("alice"), &administrator(), browser, false).await.unwrap();
    assert_eq!(asked(&host, "alice").await, (vec![TOTP, SMS], State::Issued), "a disabled address is left out");
    host.challenges.endpoints().set_enabled(&owner("alice"), &administrator(), browser, true).await.unwrap();

    let (created, account) = ask(&host, "alice").await.unwrap();
    let types: Vec<_> = created.challenge.types().unwrap().iter().collect();
    assert_eq!(types.len(), 3);
    assert!([TOTP, SMS, PUSH].iter().all(|kind| types.contains(kind)), "{types:?}");
    assert_eq!(created.challenge.purpose().unwrap().as_str(), "transfer");
    assert_eq!((account.address(mobile), account.locked_until(Factor::Totp)), (Some("+***********78"), None));
    let answer = Answer::allow(created.challenge.id(), TOTP, app.code(host.now())).by_owner(&owner("alice"));
    let passed = host.challenges.answer(answer).await.unwrap().passed().unwrap();
    assert!(host.challenges.step_up().grant(&passed).is_ok(), "the pass grants a token for the purpose");

    fail_totp(&host, "alice").await;
    let (_, delayed) = ask(&host, "alice").await.unwrap();
    let until = host.now().after(Duration::from_secs(30));
    assert_eq!(delayed.locked_until(Factor::Totp), Some(until));
    let spec = ChallengeSpec::new(TOTP).unwrap();
    assert!(host.challenges.create(owner("alice"), spec).await.is_ok(), "control");
}

/// An address that disappears without the user leaves no user without a factor, who could then be enrolled by a stranger.
#[tokio::test]
async fn lost_last_address_fails_the_challenge() {
    for taken in [true, false] {
        let host = Host::new().await;
        push(&host, "alice").await;
        assert_eq!(asked(&host, "alice").await, (vec![PUSH], State::Issued), "control: the address is a factor");
        if taken {
            push(&host, "bob").await;
        } else {
            let courier = Scripted::new(&host.clock, [Step::Fail(Retry::AddressGone)]);
            assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().dropped, 1);
        }
        let status = host.challenges.account(&owner("alice")).status().await.unwrap();
        assert!(status.endpoints.is_empty() && status.has_factor());
        host.clock.advance(Duration::from_secs(30 * 86_400));
        host.challenges.sweep(10).await.unwrap();
        assert_eq!(asked(&host, "alice").await, (vec![PUSH], State::ChallengeFailed));
        let strict = ask_for(&host, "alice", Requirement::any().phishing_resistant()).await;
        assert_eq!(strict.unwrap().0.challenge.state(), State::ChallengeFailed, "whatever is required");
        host.challenges.account(&owner("alice")).unlock(&administrator()).await.unwrap();
        assert!(ask(&host, "alice").await.is_none(), "control: support let the user enroll");
    }
}

/// Signing out of a browser, or removing something unfinished, leaves no user without a factor.
#[tokio::test]
async fn sign_out_keeps_the_lost_address() {
    let host = Host::new().await;
    push(&host, "alice").await;
    let here = "https://push.example/secret-path";
    for (user, url) in [("bob", here), ("alice", "https://push.example/other")] {
        host.challenges.endpoints().forget_push(&owner(user), url).await.unwrap();
    }
    assert_eq!(asked(&host, "alice").await, (vec![PUSH], State::Issued), "control: another user and browser");
    host.challenges.endpoints().forget_push(&owner("alice"), here).await.unwrap();
    assert_eq!(asked(&host, "alice").await, (vec![PUSH], State::ChallengeFailed));
    let pending = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap().0.id();
    host.challenges.totp().delete(&owner("alice"), &administrator(), pending).await.unwrap();
    assert_eq!(asked(&host, "alice").await, (vec![PUSH], State::ChallengeFailed));
    let (completed, _) = host.enroll("alice").await;
    host.challenges.totp().delete(&owner("alice"), &administrator(), completed).await.unwrap();
    assert!(ask(&host, "alice").await.is_none(), "control: a factor removed on purpose");
}

/// Control: who deletes the own number is a user without a factor.
#[tokio::test]
async fn own_deletion_leaves_no_factor() {
    let host = Host::new().await;
    let other = push(&host, "alice").await;
    push(&host, "bob").await;
    assert_eq!(asked(&host, "alice").await.1, State::ChallengeFailed);
    let mobile = phone(&host, "alice", "+4915112345678").await;
    assert_ne!(mobile, other);
    host.challenges.endpoints().delete(&owner("alice"), &administrator(), mobile).await.unwrap();
    assert!(ask(&host, "alice").await.is_none());
}

#[tokio::test]
async fn asking_offers_admitted_factors_only() {
    let host = Host::new().await;
    host.enroll("alice").await;
    phone(&host, "alice", "+4915112345678").await;
    let offered = async |required: Requirement| {
        let (created, _) = ask_for(&host, "alice", required).await?;
        let challenge = created.challenge;
        assert_eq!((challenge.number_match(), challenge.state()), (created.number.is_some(), State::Issued));
        Some((challenge.types().unwrap().iter().collect::<Vec<_>>(), challenge.number_match()))
    };
    assert_eq!(offered(Requirement::any()).await, Some((vec![TOTP, SMS], false)));
    host.clock.advance(Duration::from_secs(120));
    assert_eq!(offered(Requirement::aal2()).await, Some((vec![TOTP, SMS], true)));
    assert_eq!(offered(Requirement::aal2().any_of([TOTP])).await, Some((vec![TOTP], false)));
    assert_eq!(offered(Requirement::any().phishing_resistant()).await, None);
    assert_eq!(offered(Requirement::any().any_of([PUSH])).await, None);
}
