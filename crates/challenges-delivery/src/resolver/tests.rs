#![allow(clippy::unwrap_used)]

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::HttpAction;
use challenges_core::outbox::{Errand, Job, Message};
use challenges_core::{Courier, Owner};
use futures::future::pending;
use futures::poll;
use tokio::sync::oneshot;

use super::{Lookups, Resolver, Share};
use crate::{Delivery, Guard, GuardedClient, HttpActions, JsonGateway, Sms};

fn user(name: &str) -> Share {
    Share::User(Owner::user(name).unwrap())
}

/// Starts `count` look-ups that hang, and gives up waiting for them.
async fn hang(lookups: &Lookups, share: &Share, count: usize) {
    for _ in 0..count {
        let mut abandoned = Box::pin(lookups.run(share, pending::<io::Result<()>>()));
        assert!(poll!(&mut abandoned).is_pending());
    }
}

/// Returns whether a look-up of the share runs now.
async fn runs(lookups: &Lookups, share: &Share) -> bool {
    let mut lookup = Box::pin(lookups.run(share, async { Ok(()) }));
    for _ in 0..10 {
        if poll!(&mut lookup).is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

/// R62: hanging look-ups occupy a bounded number of threads, although their callers gave up.
#[tokio::test]
async fn abandoned_lookup_keeps_its_permit() {
    for share in [Share::Operator, user("alice")] {
        let lookups = Lookups::new(1, 2, 1);
        let (answer, hung) = oneshot::channel::<()>();
        let mut abandoned = Box::pin(lookups.run(&share, async { Ok(hung.await) }));
        assert!(poll!(&mut abandoned).is_pending());
        drop(abandoned);

        let mut second = Box::pin(lookups.run(&share, async { Ok(()) }));
        for _ in 0..10 {
            assert!(poll!(&mut second).is_pending(), "the first look-up has not ended");
            tokio::task::yield_now().await;
        }
        answer.send(()).unwrap();
        second.await.unwrap();
    }
}

/// R62: hosts of a user that do not resolve delay neither other users nor the hosts of operators.
#[tokio::test]
async fn hung_lookups_delay_the_same_user_only() {
    for (per_user, others_run) in [(2, true), (4, false)] {
        let lookups = Lookups::new(1, 4, per_user);
        hang(&lookups, &user("mallory"), 100).await;
        assert!(!runs(&lookups, &user("mallory")).await);
        assert_eq!(runs(&lookups, &user("bob")).await, others_run, "control: one user may fill the share of all");
        assert!(runs(&lookups, &Share::Operator).await);
    }
    let lookups = Lookups::new(1, 4, 2);
    hang(&lookups, &Share::Operator, 1).await;
    assert!(!runs(&lookups, &Share::Operator).await, "control");
    assert!(runs(&lookups, &user("bob")).await);
}

/// A resolver that records the share of each look-up, and finds nothing.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<Share>>>);

#[async_trait]
impl Resolver for Recorder {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.0.lock().unwrap().push(Share::current());
        Err(io::ErrorKind::NotFound.into())
    }
}

/// R62: a host of a user counts in the share of the user, and a host of the operator in the operators' share.
#[tokio::test]
async fn lookups_count_for_who_named_the_host() {
    let open = || Guard::any_host();
    let listed = || Guard::only_hosts(["api.example"]).unwrap();
    let act = || {
        let actor = Owner::in_tenant("acme", "bob").unwrap();
        Errand::Act { actor, action: HttpAction::new("POST", "https://api.example/").unwrap() }
    };
    let code = || Message::Confirmation { code: "123456".into(), remaining: Duration::from_secs(60) };
    let text = || Errand::Sms { to: "+15550100999".parse().unwrap(), message: code() };
    let root = rcgen::generate_simple_self_signed(Vec::new()).unwrap().cert.der().to_vec();
    for (guard, errand, share) in
        [(open(), act(), user("alice")), (listed(), act(), Share::Operator), (open(), text(), Share::Operator)]
    {
        let recorder = Recorder::default();
        let client = GuardedClient::builder(guard).root_certificate(root.clone()).resolver(recorder.clone());
        let client = client.build().unwrap();
        let gateway = JsonGateway::new(client.clone(), "https://api.example/", r#"["{to}", "{text}"]"#).unwrap();
        let delivery = Delivery::new().actions(HttpActions::new(client)).sms(Sms::new(gateway));
        let id = "0001000000000000000000000000000000000007".parse().unwrap();
        let job = Job::new(id, Owner::user("alice").unwrap(), None, errand);
        delivery.perform(&job).await.unwrap_err();
        assert_eq!(*recorder.0.lock().unwrap(), [share]);
    }
}
