//! R70: trusted devices.

mod ending;
mod races;
mod secrets;

use std::time::Duration;

use challenges_core::approvals::OneTimeUseAction;
use challenges_core::devices::TrustedDevice;
use challenges_core::step_up::StepUpRefused;
use challenges_core::store::Kind;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, Decision, Description, Error, Grant, Invalid, Owner, Passed,
    Policy, Purpose, Secret, Timeout,
};
use challenges_testkit::administrator;

use crate::harness::{Host, Seen, owner};

const USED: Seen = Seen::Device("trusted_device_used");
const STOLEN: Seen = Seen::Device("trusted_device_stolen");
const REVOKED: Seen = Seen::Device("trusted_device_revoked");

fn login() -> Purpose {
    Purpose::new("login").unwrap()
}

pub(crate) fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.trusted_purposes = vec![login(), Purpose::new("read").unwrap()];
    // The idle time has tests of its own.
    policy.trusted_device_idle = policy.trusted_device_age;
    policy
}

async fn host() -> Host {
    Host::with_policy(policy()).await
}

/// Passes a challenge for a purpose with a code shown to the user.
async fn pass(challenges: &Challenges, user: &str, purpose: Option<&str>) -> Passed {
    let mut spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    if let Some(purpose) = purpose {
        spec = spec.with_purpose(Purpose::new(purpose).unwrap());
    }
    let created = challenges.create(owner(user), spec).await.unwrap();
    let code = created.code.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    challenges.answer(answer).await.unwrap().passed().unwrap()
}

fn label(text: &str) -> Description {
    Description::new(text).unwrap()
}

/// Trusts a device of a user. Returns the device and the cookie.
pub(crate) async fn trust(challenges: &Challenges, user: &str) -> (TrustedDevice, String) {
    let passed = pass(challenges, user, Some("login")).await;
    let (device, secret) = challenges.devices().trust(&passed, label("Firefox on Linux")).await.unwrap();
    (device, secret.expose().to_owned())
}

/// Presents a cookie. Returns the next cookie, if trusted.
async fn check_as(challenges: &Challenges, owner: &Owner, cookie: &str, purpose: &str) -> Option<String> {
    let purpose = Purpose::new(purpose).unwrap();
    let checked = challenges.devices().check(owner, &Secret::from(cookie), &purpose).await.unwrap();
    checked.map(|(_, next)| next.expose().to_owned())
}

async fn check(challenges: &Challenges, cookie: &str) -> Option<String> {
    check_as(challenges, &owner("alice"), cookie, "login").await
}

async fn listed(challenges: &Challenges, user: &str) -> usize {
    challenges.devices().list(&owner(user)).await.unwrap().len()
}

#[tokio::test]
async fn trusted_browser_stands_for_the_second_factor() {
    let host = host().await;
    let (device, mut cookie) = trust(&host.challenges, "alice").await;
    assert_eq!((device.label().as_str(), device.owner()), ("Firefox on Linux", &owner("alice")));
    assert_eq!(device.trusted_at(), host.now());
    assert_eq!(device.expires(), host.now().after(Duration::from_secs(30 * 86_400)));
    host.seen.take();
    for day in 1..=29 {
        host.clock.advance(Duration::from_secs(86_400));
        host.challenges.sweep(1_000).await.unwrap();
        let purpose = if day % 2 == 0 { "login" } else { "read" };
        let next = check_as(&host.challenges, &owner("alice"), &cookie, purpose).await.unwrap();
        assert_ne!(next, cookie, "day {day}");
        cookie = next;
        assert!(host.seen.take().ends_with(&[USED]));
        assert_eq!(host.challenges.devices().list(&owner("alice")).await.unwrap()[0].used_at(), host.now());
    }
    host.clock.advance(Duration::from_secs(86_400));
    assert_eq!(check(&host.challenges, &cookie).await, None, "a month is over");
    assert_eq!(host.seen.take(), [Seen::Device("too_old")]);
    assert_eq!(listed(&host.challenges, "alice").await, 0);
    host.clock.advance(Duration::from_millis(1));
    host.challenges.sweep(1_000).await.unwrap();
    assert!(host.records(Kind::TrustedDevice).await.is_empty(), "swept");
}

/// R70: the counters are kept until the last device ends.
#[tokio::test]
async fn later_device_outlives_the_first() {
    let host = host().await;
    trust(&host.challenges, "alice").await;
    host.clock.advance(Duration::from_secs(20 * 86_400));
    let (_, mut cookie) = trust(&host.challenges, "alice").await;
    for day in 1..30 {
        host.clock.advance(Duration::from_secs(86_400));
        host.challenges.sweep(1_000).await.unwrap();
        cookie = check(&host.challenges, &cookie).await.unwrap_or_else(|| panic!("day {day}"));
    }
    assert_eq!(host.records(Kind::TrustedDevice).await.len(), 1, "control: the first device is swept");
}

/// R70: no device is trusted unless the host names the purpose, and none by a recovery code or by an action.
#[tokio::test]
async fn few_challenges_make_a_device_trusted() {
    let refused = async |host: &Host, passed: Passed| {
        host.seen.take();
        let trusted = host.challenges.devices().trust(&passed, label("Firefox")).await;
        assert!(matches!(trusted, Err(Error::Invalid(Invalid::NotTrusted))), "{trusted:?}");
        assert_eq!(host.seen.take(), []);
    };
    let by_default = Host::new().await;
    let passed = pass(&by_default.challenges, "alice", Some("login")).await;
    refused(&by_default, passed).await;
    let genuine = trust(&host().await.challenges, "alice").await.1;
    assert_eq!(check(&by_default.challenges, &genuine).await, None);
    assert_eq!(by_default.seen.take(), [Seen::Device("other_purpose")]);

    let host = host().await;
    for purpose in [None, Some("transfer")] {
        let passed = pass(&host.challenges, "alice", purpose).await;
        refused(&host, passed).await;
    }
    let codes = host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
    let spec = ChallengeSpec::new(ChallengeType::RecoveryCode).unwrap().with_purpose(login());
    let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    let answered = host.answer(id, ChallengeType::RecoveryCode, codes[0].expose()).await.unwrap();
    refused(&host, answered.passed().unwrap()).await;
    let actor = Owner::in_tenant("o", "bob").unwrap();
    let action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    let created = host.challenges.actions().create(owner("alice"), action).await.unwrap();
    let answer = Answer::approve_action(created.challenge.id(), created.links[0].approve.expose());
    let Ok(Decision::Passed(approved)) = host.challenges.answer(answer).await else { panic!("approved") };
    refused(&host, approved).await;
    trust(&host.challenges, "alice").await;
}

/// R67: a session without a step-up revokes no device.
#[tokio::test]
async fn revoking_devices_needs_a_grant() {
    let host = host().await;
    host.enroll("alice").await;
    let (device, _) = trust(&host.challenges, "alice").await;
    let (alice, devices, first) = (owner("alice"), host.challenges.devices(), Grant::first_factor());
    let refused = [devices.revoke(&alice, &first, device.id()).await, devices.revoke_all(&alice, &first).await];
    for refused in refused {
        assert!(matches!(refused, Err(Error::Grant(StepUpRefused::FactorExists))), "{refused:?}");
    }
    assert_eq!(listed(&host.challenges, "alice").await, 1);
    devices.revoke(&alice, &administrator(), device.id()).await.unwrap();
    assert_eq!(listed(&host.challenges, "alice").await, 0, "control");
}

/// R70: a user sees and revokes the own devices, and no others.
#[tokio::test]
async fn devices_are_listed_and_revoked_by_their_user() {
    let host = host().await;
    let mut devices = Vec::new();
    for _ in 0..3 {
        devices.push(trust(&host.challenges, "alice").await);
        host.clock.advance(Duration::from_secs(1));
    }
    let (bobs, bobs_cookie) = trust(&host.challenges, "bob").await;
    let alice = owner("alice");
    let ids = async || {
        let listed = host.challenges.devices().list(&alice).await.unwrap();
        let status = host.challenges.account(&alice).status().await.unwrap();
        let ids: Vec<_> = listed.iter().map(TrustedDevice::id).collect();
        assert_eq!(ids, status.devices().iter().map(TrustedDevice::id).collect::<Vec<_>>());
        ids
    };
    assert_eq!(ids().await, devices.iter().map(|(device, _)| device.id()).collect::<Vec<_>>());
    host.seen.take();
    assert!(matches!(
        host.challenges.devices().revoke(&alice, &administrator(), bobs.id()).await,
        Err(Error::NotFound)
    ));
    host.challenges.devices().revoke(&alice, &administrator(), devices[1].0.id()).await.unwrap();
    assert!(matches!(
        host.challenges.devices().revoke(&alice, &administrator(), devices[1].0.id()).await,
        Err(Error::NotFound)
    ));
    assert_eq!(host.seen.take(), [Seen::AdministratorActed, REVOKED]);
    assert_eq!(ids().await, [devices[0].0.id(), devices[2].0.id()]);
    assert_eq!(check(&host.challenges, &devices[1].1).await, None);
    assert_eq!(host.seen.take(), [Seen::Device("device_gone")]);
    assert!(check(&host.challenges, &devices[0].1).await.is_some(), "control: the others stay");
    host.seen.take();
    host.challenges.devices().revoke_all(&alice, &administrator()).await.unwrap();
    host.challenges.devices().revoke_all(&alice, &administrator()).await.unwrap();
    assert_eq!(host.seen.take(), [Seen::AdministratorActed, REVOKED, REVOKED], "the second call revokes nothing");
    assert_eq!((ids().await, listed(&host.challenges, "bob").await), (vec![], 1));
    assert_eq!(check(&host.challenges, &devices[2].1).await, None);
    assert!(check_as(&host.challenges, &owner("bob"), &bobs_cookie, "login").await.is_some());
}

/// R70: at the cap, the oldest device gives way.
#[tokio::test]
async fn oldest_device_gives_way_at_the_cap() {
    let host = host().await;
    let mut cookies = Vec::new();
    for _ in 0..TrustedDevice::MAX + 1 {
        cookies.push(trust(&host.challenges, "alice").await.1);
        host.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(listed(&host.challenges, "alice").await, TrustedDevice::MAX);
    assert_eq!(host.seen.take().into_iter().filter(|seen| *seen == REVOKED).count(), 1);
    assert_eq!(check(&host.challenges, &cookies[0]).await, None);
    for cookie in &cookies[1..] {
        assert!(check(&host.challenges, cookie).await.is_some());
    }
}
