//! What comes in between while records are sealed anew.

use std::future::Future;
use std::pin::Pin;

use challenges_core::keyring::SealError;
use challenges_core::store::{Batch, Commit, Expect, Kind, ListQuery, Record, Version, Write};
use challenges_core::{Address, Challenges, Endpoint, Error, Retry, Store as _};
use challenges_testkit::{Fault, Flaky, Interrupted, Method};

use crate::courier::{Scripted, Step, decided};
use crate::harness::{Host, owner};
use crate::rotation::{both, old, only_new, under};

/// Replaces a text in the body of the one record of a kind.
async fn edit(host: &Host, kind: Kind, from: &str, to: &str) {
    let page = host.store.list(&ListQuery { kind, owner: None, after: None, limit: 2 }).await.unwrap();
    let [stored] = &page.records[..] else { panic!("one record") };
    let body = std::str::from_utf8(&stored.record.body).unwrap().replacen(from, to, 1);
    let put = Write::put(Expect::At(stored.version), Record { body: body.into(), ..stored.record.clone() });
    let batch = Batch::new(Version::from_bytes([9; 16]), vec![put]).unwrap();
    assert_eq!(host.store.commit(batch).await.unwrap(), Commit::Applied);
}

#[tokio::test]
async fn what_cannot_be_read_is_reported_and_stops_nothing() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let phone = Address::Phone("+4915112345678".parse().unwrap());
    host.challenges.register_vouched_endpoint(owner("alice"), phone).await.unwrap();
    edit(&host, Kind::TotpEnrollment, r#""v":1"#, r#""v":2"#).await;
    let host = host.restarted(&both()).await.unwrap();
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!((report.resealed, report.done), (1, false), "the address, and the root waits for a newer version");
    let [unopened] = &report.unopened[..] else { panic!("one") };
    assert!(unopened.key.kind == Kind::TotpEnrollment && matches!(unopened.source, Error::Body(_)), "{unopened:?}");

    edit(&host, Kind::TotpEnrollment, r#""v":2"#, r#""v":1"#).await;
    edit(&host, Kind::TotpEnrollment, r#""key":"k1."#, r#""key":"k1.AAAA"#).await;
    let report = host.challenges.reseal(None, 500).await.unwrap();
    let [unopened] = &report.unopened[..] else { panic!("one") };
    assert!(matches!(unopened.source, Error::Seal(SealError::Forged)), "{unopened:?}");
    assert_eq!((report.resealed, report.done), (1, true), "no key opens it, so none is kept for it");
}

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

async fn phone(host: &Host) -> Endpoint {
    let phone = Address::Phone("+4915112345678".parse().unwrap());
    host.challenges.register_vouched_endpoint(owner("alice"), phone).await.unwrap()
}

/// Seals an endpoint anew while something is done to it; how many records were sealed anew.
async fn reseal_while(host: &Host, first: BoxFuture) -> usize {
    let store = Interrupted::new(host.store.clone(), first);
    let builder = Challenges::builder(store, both().parse().unwrap()).clock(host.clock.clone());
    let report = builder.build().await.unwrap().reseal(None, 500).await.unwrap();
    assert!(report.done, "{report:?}");
    report.resealed
}

#[tokio::test]
async fn r29_a_record_that_is_rewritten_meanwhile_is_looked_at_again() {
    let host = Host::new().await;
    let endpoint = phone(&host).await;
    let (challenges, id) = (host.challenges.clone(), endpoint.id());
    let disable = async move {
        challenges.set_endpoint_enabled(&owner("alice"), id, false).await.unwrap();
    };
    assert_eq!(reseal_while(&host, Box::pin(disable)).await, 2, "the address and the root");
    assert!(under(&host, &old()).await.sealed.is_empty());
    let host = host.restarted(&only_new()).await.unwrap();
    let endpoints = host.challenges.endpoints(&owner("alice"), 10).await.unwrap();
    assert!(!endpoints[0].is_enabled(), "what was changed meanwhile is not undone");
    assert!(host.challenges.address(&endpoints[0]).is_ok());
}

#[tokio::test]
async fn r29_a_record_that_is_deleted_meanwhile_stays_deleted() {
    let host = Host::new().await;
    let endpoint = phone(&host).await;
    let (challenges, id) = (host.challenges.clone(), endpoint.id());
    let remove = async move { challenges.delete_endpoint(&owner("alice"), id).await.unwrap() };
    assert_eq!(reseal_while(&host, Box::pin(remove)).await, 1, "the root");
    assert!(host.challenges.endpoints(&owner("alice"), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn r9_a_walk_that_a_store_fails_goes_on_at_the_same_cursor() {
    let host = Host::new().await;
    phone(&host).await;
    let flaky = Flaky::sharing(host.store.clone());
    let builder = Challenges::builder(flaky.clone(), both().parse().unwrap()).clock(host.clock.clone());
    let challenges = builder.build().await.unwrap();
    for method in [Method::List, Method::Commit] {
        flaky.fail_every(method, Fault::Before);
        assert!(matches!(challenges.reseal(None, 500).await, Err(Error::Store(_))), "{method:?}");
        assert_eq!(under(&host, &old()).await.records, 2, "nothing was done");
    }
    flaky.fail_every(Method::Commit, Fault::After);
    let report = challenges.reseal(None, 500).await.unwrap();
    assert!(report.done && report.resealed == 2, "what was written is found: {report:?}");
}

#[tokio::test]
async fn r29_a_dead_letter_that_is_tried_again_takes_the_active_key_with_it() {
    let host = Host::new().await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    decided(&host.challenges, 1, true).await;
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dead, 1);
    assert!(under(&host, &old()).await.sealed.iter().any(|(kind, _)| *kind == Kind::DeadLetter), "the control");
    let host = host.restarted(&both()).await.unwrap();
    host.challenges.retry_dead_letter(courier.attempts()[0].0).await.unwrap();
    let left = under(&host, &old()).await.sealed;
    assert!(left.iter().all(|(kind, _)| !matches!(kind, Kind::DeadLetter | Kind::Outbox)), "{left:?}");
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().performed, 1);
}
