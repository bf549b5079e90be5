//! Reseal walks beside unreadable records, concurrent changes and store faults.

use std::future::Future;
use std::pin::Pin;

use challenges_core::endpoints::{Address, Endpoint};
use challenges_core::keyring::SealError;
use challenges_core::outbox::Retry;
use challenges_core::store::Kind;
use challenges_core::{Challenges, Error, Store as _};
use challenges_testkit::{Fault, Flaky, Interrupted, Method, administrator};

use crate::courier::{Scripted, Step, decided};
use crate::harness::{Host, owner};
use crate::rotation::{OLD, both, only_new, under};
use crate::tagging::{content, rewrite};

/// Replaces a text in the body of the only record of a kind, with a right tag.
async fn edit(host: &Host, kind: Kind, from: &str, to: &str) {
    let page = host.store.list(kind, None, None, 2).await.unwrap();
    let [stored] = &page[..] else { panic!("one record") };
    let body = std::str::from_utf8(content(&stored.record.body)).unwrap().replacen(from, to, 1);
    rewrite(&*host.store, stored, body, [9; 16]).await;
}

#[tokio::test]
async fn unreadable_records_are_reported() {
    let host = Host::new().await;
    host.enroll("alice").await;
    register_phone(&host).await;
    edit(&host, Kind::TotpEnrollment, r#""v":1"#, r#""v":2"#).await;
    let host = host.restarted(&both()).await.unwrap();
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!(
        (report.resealed, report.done),
        (2, false),
        "address and counters; the salt waits for the newer version"
    );
    let [(key, error)] = &report.unreadable[..] else { panic!("one record") };
    let is_unknown_format = matches!(error, Error::Body(_));
    assert!(key.kind == Kind::TotpEnrollment && is_unknown_format, "{key:?} {error:?}");

    edit(&host, Kind::TotpEnrollment, r#""v":2"#, r#""v":1"#).await;
    edit(&host, Kind::TotpEnrollment, r#""key":"k1."#, r#""key":"k1.AAAA"#).await;
    let report = host.challenges.reseal(None, 500).await.unwrap();
    let [(key, error)] = &report.unreadable[..] else { panic!("one record") };
    assert!(matches!(error, Error::Seal(SealError::Forged)), "{key:?} {error:?}");
    assert_eq!((report.resealed, report.done), (1, true), "no key opens the value, so the walk waits for none");
}

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

async fn register_phone(host: &Host) -> Endpoint {
    let phone = Address::Phone("+4915112345678".parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), phone).await.unwrap()
}

/// Reseals the store, with a change before the first commit. Returns the number of records sealed again.
async fn reseal_during(host: &Host, change: BoxFuture) -> usize {
    let store = Interrupted::new(host.store.clone(), change);
    let builder = Challenges::builder(store, both().parse().unwrap()).clock(host.clock.clone());
    let report = builder.build().await.unwrap().reseal(None, 500).await.unwrap();
    assert!(report.done, "{report:?}");
    report.resealed
}

/// R29: the concurrent change is kept.
#[tokio::test]
async fn record_changed_during_a_walk_is_resealed() {
    let host = Host::new().await;
    let endpoint = register_phone(&host).await;
    let (challenges, id) = (host.challenges.clone(), endpoint.id());
    let disable = async move {
        challenges.endpoints().set_enabled(&owner("alice"), &administrator(), id, false).await.unwrap();
    };
    assert_eq!(reseal_during(&host, Box::pin(disable)).await, 3, "the address, the counters and the salt");
    assert!(under(&host, OLD).await.sealed.is_empty());
    let host = host.restarted(&only_new()).await.unwrap();
    let endpoints = host.challenges.endpoints().list(&owner("alice"), None, 10).await.unwrap();
    assert!(!endpoints[0].is_enabled());
    assert!(host.challenges.endpoints().address(&endpoints[0]).is_ok());
}

/// R29: a walk creates no record.
#[tokio::test]
async fn record_deleted_during_a_walk_stays_deleted() {
    let host = Host::new().await;
    let endpoint = register_phone(&host).await;
    let (challenges, id) = (host.challenges.clone(), endpoint.id());
    let delete = async move { challenges.endpoints().delete(&owner("alice"), &administrator(), id).await.unwrap() };
    assert_eq!(reseal_during(&host, Box::pin(delete)).await, 2, "the counters and the salt");
    assert!(host.challenges.endpoints().list(&owner("alice"), None, 10).await.unwrap().is_empty());
}

/// R9: a failed call can be repeated with the same cursor.
#[tokio::test]
async fn walk_resumes_after_a_store_fault() {
    let host = Host::new().await;
    register_phone(&host).await;
    let flaky = Flaky::sharing(host.store.clone());
    let builder = Challenges::builder(flaky.clone(), both().parse().unwrap()).clock(host.clock.clone());
    let challenges = builder.build().await.unwrap();
    for method in [Method::List, Method::Commit] {
        flaky.fail_every(method, Fault::Before);
        assert!(matches!(challenges.reseal(None, 500).await, Err(Error::Store(_))), "{method:?}");
        assert_eq!(under(&host, OLD).await.records, 3, "no record changed");
    }
    flaky.fail_every(Method::Commit, Fault::After);
    let report = challenges.reseal(None, 500).await.unwrap();
    assert!(report.done && report.resealed == 3, "commits with lost replies are found: {report:?}");
}

/// R29: a walk may miss a record that moves between kinds, so the move seals the record again.
#[tokio::test]
async fn retried_dead_letter_moves_to_the_active_key() {
    let host = Host::new().await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    decided(&host.challenges, 1, true).await;
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().dead, 1);
    assert!(under(&host, OLD).await.sealed.iter().any(|(kind, _)| *kind == Kind::DeadLetter), "control");
    let host = host.restarted(&both()).await.unwrap();
    host.challenges.outbox().retry(courier.attempts()[0].0).await.unwrap();
    let left = under(&host, OLD).await.sealed;
    assert!(left.iter().all(|(kind, _)| !matches!(kind, Kind::DeadLetter | Kind::Outbox)), "{left:?}");
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().performed, 1);
}
