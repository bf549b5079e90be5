//! An address that cannot be read stops no change that has a notice.

use std::time::Duration;

use challenges_core::outbox::Notice;
use challenges_core::store::{Kind, Stored};
use challenges_core::{Error, Factor, Policy, Purpose, Secret, Store as _};
use challenges_testkit::administrator;

use super::{EMAIL, PHONE, TOTP, register, to, told};
use crate::devices::{policy, trust};
use crate::harness::{Host, owner, refused};
use crate::tagging::replace;

/// The stored record of the only address.
async fn only_address(host: &Host) -> Stored {
    let mut stored = host.store.list(Kind::Endpoint, None, None, 2).await.unwrap();
    assert_eq!(stored.len(), 1, "addresses");
    stored.remove(0)
}

/// Changes a byte of the record.
async fn spoil(host: &Host, Stored { version, mut record }: Stored) {
    let mut body = record.body.to_vec();
    body[10] ^= 1;
    record.body = body.into();
    replace(&*host.store, Some(version), record, version).await;
}

/// R16: a wrong answer counts, and locks the factor, although the notice cannot reach one of the addresses.
#[tokio::test]
async fn unreadable_address_leaves_no_wrong_answer_uncounted() {
    let mut policy = Policy::default();
    policy.failures_before_delay = 2;
    let host = Host::with_policy(policy).await;
    let (_, app) = host.enroll("alice").await;
    register(&host.challenges, "alice", EMAIL).await;
    let email = only_address(&host).await;
    register(&host.challenges, "alice", PHONE).await;
    told(&host.challenges).await;
    let id = host.create("alice", TOTP).await.challenge.id();
    spoil(&host, email).await;
    for failures in 1..=2 {
        let answered = host.answer(id, TOTP, &app.wrong_code(host.now(), failures)).await;
        assert!(matches!(answered, Err(Error::AnswerRefused)), "{failures}: {answered:?}");
        assert_eq!(host.challenges.account(&owner("alice")).failures(Factor::Totp).await.unwrap(), failures);
    }
    assert!(refused(host.answer(id, TOTP, &app.code(host.now())).await), "locked");
    assert_eq!(told(&host.challenges).await, to(Notice::Locked(Factor::Totp), &[PHONE]));
    host.challenges.account(&owner("alice")).unlock(&administrator()).await.unwrap();
    // Control: a call about the addresses themselves reports the record.
    let listed = host.challenges.endpoints().list(&owner("alice"), None, 10).await;
    assert!(matches!(listed, Err(Error::Seal(_))), "{listed:?}");
}

/// R70: a stolen secret ends the device, although the notice cannot reach one of the addresses.
#[tokio::test]
async fn unreadable_address_keeps_no_stolen_device() {
    let host = Host::with_policy(policy()).await;
    register(&host.challenges, "alice", EMAIL).await;
    let email = only_address(&host).await;
    let (_, first) = trust(&host.challenges, "alice").await;
    let (alice, login) = (owner("alice"), Purpose::new("login").unwrap());
    let check = async |cookie: &str| host.challenges.devices().check(&alice, &Secret::from(cookie), &login).await;
    let (_, next) = check(first.as_str()).await.unwrap().unwrap();
    spoil(&host, email).await;
    host.clock.advance(Duration::from_secs(60));
    assert!(check(first.as_str()).await.unwrap().is_none(), "replaced");
    assert!(check(next.expose()).await.unwrap().is_none(), "ended");
}
