use challenges_core::devices::TrustedDevice;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::import::Row;
use challenges_core::outbox::{Notice, Task};
use challenges_core::{Answer, ChallengeId, ChallengeSpec, ChallengeType, Factor, Policy, Purpose, Secret};
use challenges_testkit::administrator;
use serde_json::json;

use super::{ALL, EMAIL, PHONE, PUSH, TOTP, addresses, delete, register, to, told};
use crate::devices::{policy, trust};
use crate::harness::{Host, owner, passed, refused};
use crate::phones::code;

const RECOVERY: ChallengeType = ChallengeType::RecoveryCode;

async fn host() -> Host {
    let host = Host::with_policy(policy()).await;
    addresses(&host.challenges).await;
    host
}

async fn expect(host: &Host, notice: Notice, receivers: &[&str]) {
    assert_eq!(told(&host.challenges).await, to(notice, receivers), "{notice:?}");
}

async fn expect_none(host: &Host, change: &str) {
    assert_eq!(told(&host.challenges).await, [], "{change}");
}

#[tokio::test]
async fn changes_of_enrollments_are_told() {
    let host = host().await;
    let pending = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap().0.id();
    expect_none(&host, "a pending enrollment").await;
    host.challenges.totp().delete(&owner("alice"), &administrator(), pending).await.unwrap();
    expect_none(&host, "a pending enrollment, deleted").await;

    let (totp, _) = host.enroll("alice").await;
    expect(&host, Notice::Added(TOTP), &ALL).await;
    host.challenges.totp().delete(&owner("alice"), &administrator(), totp).await.unwrap();
    expect(&host, Notice::Removed(TOTP), &ALL).await;

    let row: Row = json!({ "totp": { "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } }).try_into().unwrap();
    let (alice, grant) = (owner("alice"), administrator());
    let account = host.challenges.account(&alice);
    account.import_dry_run(&row).await.unwrap();
    expect_none(&host, "a dry run").await;
    account.import(&grant, &row).await.unwrap();
    expect(&host, Notice::Imported(TOTP), &ALL).await;
    account.import(&grant, &row).await.unwrap();
    expect_none(&host, "a row that was imported already").await;
}

#[tokio::test]
async fn changes_of_addresses_are_told_to_the_old_ones() {
    let host = host().await;
    let endpoints = host.challenges.endpoints();
    let (alice, grant) = (owner("alice"), administrator());

    let new = endpoints.register_email(alice.clone(), &grant, "new@example.org".parse().unwrap()).await.unwrap().id();
    let code = code(&host).await;
    expect_none(&host, "an unconfirmed address").await;
    endpoints.confirm(&alice, &grant, new, &code.as_str().into()).await.unwrap();
    expect(&host, Notice::Added(ChallengeType::Email), &ALL).await;
    delete(&host.challenges, new).await.unwrap();
    expect(&host, Notice::Removed(ChallengeType::Email), &[PHONE, EMAIL, PUSH, "new@example.org"]).await;

    let other = "https://push.example/other";
    let browser = register(&host.challenges, "alice", other).await;
    expect(&host, Notice::Added(ChallengeType::WebPush), &ALL).await;
    register(&host.challenges, "alice", other).await;
    expect_none(&host, "a subscription registered again").await;
    delete(&host.challenges, browser).await.unwrap();
    expect(&host, Notice::Removed(ChallengeType::WebPush), &[PHONE, EMAIL, PUSH, other]).await;

    let phone = register(&host.challenges, "alice", PHONE).await;
    expect_none(&host, "a number registered again").await;
    endpoints.set_enabled(&alice, &grant, phone, false).await.unwrap();
    expect(&host, Notice::Disabled(ChallengeType::Sms), &ALL).await;
    endpoints.set_enabled(&alice, &grant, phone, false).await.unwrap();
    expect_none(&host, "a number disabled again").await;
    endpoints.set_enabled(&alice, &grant, phone, true).await.unwrap();
    expect(&host, Notice::Enabled(ChallengeType::Sms), &[EMAIL, PUSH]).await;
}

/// A browser that renews its subscription adds an address, so a thief with the URL of the subscription is noticed.
#[tokio::test]
async fn renewed_subscription_is_told_and_sign_out_is_not() {
    let host = host().await;
    let renewed = "https://push.example/renewed";
    let super::Address::Push(subscription) = super::address(renewed) else { unreachable!() };
    let endpoints = host.challenges.endpoints();
    endpoints.renew_push(&owner("alice"), PUSH, subscription).await.unwrap();
    expect(&host, Notice::Added(ChallengeType::WebPush), &ALL).await;
    endpoints.forget_push(&owner("alice"), renewed).await.unwrap();
    expect_none(&host, "a browser that signs out").await;
}

/// R67: a thief with the URL of the only browser cannot move it unnoticed in two steps, of which the first changes only
/// the keys. The notice is for the earlier keys. Control: equal keys are no change.
#[tokio::test]
async fn renewal_with_other_keys_is_told_to_the_old() {
    let host = host().await;
    let endpoints = host.challenges.endpoints();
    let with_auth = |url, auth: &str| PushSubscription::new(url, &"A".repeat(87), auth).unwrap();
    let (old, new) = ("A".repeat(22), format!("{}A", "B".repeat(21)));
    endpoints.renew_push(&owner("alice"), PUSH, with_auth(PUSH, &old)).await.unwrap();
    expect_none(&host, "equal keys").await;
    endpoints.renew_push(&owner("alice"), PUSH, with_auth(PUSH, &new)).await.unwrap();
    let queued = host.challenges.outbox().list(None, None, 10).await.unwrap();
    let pushed = queued.iter().flatten().find_map(|entry| match &entry.task {
        Task::Notice { to: Some((_, Address::Push(to))), .. } => Some(to.auth()),
        _ => None,
    });
    assert_eq!(pushed, Some(old.as_str()));
    expect(&host, Notice::Added(ChallengeType::WebPush), &ALL).await;
    endpoints.register_push(owner("alice"), &administrator(), with_auth(PUSH, &old)).await.unwrap();
    expect(&host, Notice::Added(ChallengeType::WebPush), &ALL).await;
}

/// R67: a renewal that ends at a browser registered before removes an address.
#[tokio::test]
async fn renewal_to_a_registered_browser_is_told() {
    let host = host().await;
    let other = "https://push.example/other";
    register(&host.challenges, "alice", other).await;
    expect(&host, Notice::Added(ChallengeType::WebPush), &ALL).await;
    let super::Address::Push(registered) = super::address(other) else { unreachable!() };
    host.challenges.endpoints().renew_push(&owner("alice"), PUSH, registered).await.unwrap();
    expect(&host, Notice::Removed(ChallengeType::WebPush), &[PHONE, EMAIL, PUSH, other]).await;
}

async fn recovery(host: &Host) -> ChallengeId {
    host.create("alice", RECOVERY).await.challenge.id()
}

#[tokio::test]
async fn changes_and_uses_of_recovery_codes_are_told() {
    let host = host().await;
    let (alice, grant) = (owner("alice"), administrator());
    let codes = host.challenges.recovery_codes().generate(&alice, &grant).await.unwrap();
    expect(&host, Notice::RecoveryCodesGenerated, &ALL).await;
    for (used, left) in [(0, 9), (1, 8), (2, 7)] {
        assert!(passed(host.answer(recovery(&host).await, RECOVERY, codes[used].expose()).await));
        expect(&host, Notice::RecoveryCodeUsed { left }, &ALL).await;
    }
    assert!(refused(host.answer(recovery(&host).await, RECOVERY, codes[0].expose()).await));
    expect_none(&host, "a used code").await;
    // A code that declines is used up too.
    let decline = Answer::decline(recovery(&host).await, RECOVERY, codes[3].expose());
    let _ = host.challenges.answer(decline).await.unwrap();
    expect(&host, Notice::RecoveryCodeUsed { left: 6 }, &ALL).await;
    host.challenges.recovery_codes().delete(&alice, &grant).await.unwrap();
    expect(&host, Notice::RecoveryCodesDeleted, &ALL).await;
    host.challenges.recovery_codes().delete(&alice, &grant).await.unwrap();
    expect_none(&host, "a deletion of no codes").await;
}

#[tokio::test]
async fn trusted_and_stolen_devices_are_told() {
    let host = host().await;
    let login = Purpose::new("login").unwrap();
    let (_, cookie) = trust(&host.challenges, "alice").await;
    expect(&host, Notice::DeviceTrusted, &ALL).await;
    let check = async |cookie: &str| {
        let checked = host.challenges.devices().check(&owner("alice"), &Secret::from(cookie), &login).await.unwrap();
        checked.map(|(_, next)| next.expose().to_owned())
    };
    let next = check(&cookie).await.unwrap();
    expect_none(&host, "a use of the device").await;
    host.clock.advance(TrustedDevice::GRACE * 2);
    check(&next).await.unwrap();
    assert_eq!(check(&cookie).await, None);
    expect(&host, Notice::DeviceStolen, &ALL).await;
    assert_eq!(check(&cookie).await, None);
    expect_none(&host, "the cookie of an ended device").await;

    let (device, _) = trust(&host.challenges, "alice").await;
    told(&host.challenges).await;
    host.challenges.devices().revoke(&owner("alice"), &administrator(), device.id()).await.unwrap();
    expect_none(&host, "a revoked device").await;
}

/// The first delay and the end of all answers are told, and no lock in between.
#[tokio::test]
async fn locks_and_resets_are_told_once() {
    let mut policy = Policy::default();
    policy.failures_before_delay = 2;
    policy.failures_before_disabled = 4;
    let host = Host::with_policy(policy).await;
    addresses(&host.challenges).await;
    let (_, app) = host.enroll("alice").await;
    told(&host.challenges).await;
    for (failure, is_told) in [(1, false), (2, true), (3, false), (4, true), (5, false)] {
        let id = host.create("alice", TOTP).await.challenge.id();
        assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), failure)).await));
        let receivers = if is_told { ALL.as_slice() } else { &[] };
        assert_eq!(told(&host.challenges).await, to(Notice::Locked(Factor::Totp), receivers), "failure {failure}");
        host.clock.advance(std::time::Duration::from_secs(3_600));
    }
    let (alice, grant) = (owner("alice"), administrator());
    host.challenges.account(&alice).unlock(&grant).await.unwrap();
    expect(&host, Notice::Reset, &ALL).await;
    host.challenges.account(&alice).unlock(&grant).await.unwrap();
    expect_none(&host, "a reset of nothing").await;
    let id = host.create("alice", TOTP).await.challenge.id();
    assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), 9)).await));
    host.challenges.account(&alice).reset_factor(&grant, Factor::Totp).await.unwrap();
    expect(&host, Notice::Reset, &ALL).await;
}

/// The reset of a locked user is told to the addresses that the reset removes.
#[tokio::test]
async fn reset_is_told_to_removed_addresses() {
    let mut policy = Policy::default();
    policy.failures_before_delay = 1;
    let host = Host::with_policy(policy).await;
    addresses(&host.challenges).await;
    let (_, app) = host.enroll("alice").await;
    let id = host.create("alice", TOTP).await.challenge.id();
    assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), 1)).await));
    told(&host.challenges).await;
    host.challenges.account(&owner("alice")).reset(&administrator()).await.unwrap();
    let resets: Vec<_> = told(&host.challenges).await.into_iter().filter(|(it, _)| *it == Notice::Reset).collect();
    assert_eq!(resets, to(Notice::Reset, &ALL));
}

/// Wrong codes for an enrollment or address lock a factor too.
#[tokio::test]
async fn locks_of_confirmations_are_told() {
    let mut policy = Policy::default();
    policy.failures_before_delay = 1;
    let host = Host::with_policy(policy).await;
    addresses(&host.challenges).await;
    let (alice, grant) = (owner("alice"), administrator());
    let (enrollment, key) = host.challenges.totp().create(alice.clone(), &grant).await.unwrap();
    let app = challenges_testkit::Authenticator::new(key.to_base32().expose()).unwrap();
    let (id, wrong) = (enrollment.id(), Secret::from(app.wrong_code(host.now(), 1)));
    host.challenges.totp().confirm(&alice, &grant, id, &wrong).await.unwrap_err();
    expect(&host, Notice::Locked(Factor::TotpEnrollment), &ALL).await;

    let endpoints = host.challenges.endpoints();
    let new = endpoints.register_email(alice.clone(), &grant, "new@example.org".parse().unwrap()).await.unwrap().id();
    let wrong = if code(&host).await == "000000" { "111111" } else { "000000" };
    endpoints.confirm(&alice, &grant, new, &wrong.into()).await.unwrap_err();
    expect(&host, Notice::Locked(Factor::Confirmation), &ALL).await;
}

/// Other challenges of the user, passed or not, change nothing of the account.
#[tokio::test]
async fn answers_are_not_told() {
    let host = host().await;
    let (_, app) = host.enroll("alice").await;
    told(&host.challenges).await;
    host.next_step();
    let spec = ChallengeSpec::new([TOTP, ChallengeType::Code]).unwrap();
    let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    assert!(refused(host.answer(id, TOTP, &app.wrong_code(host.now(), 1)).await));
    assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
    expect_none(&host, "an answer").await;
}
