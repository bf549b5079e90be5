use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::HttpAction;
use challenges_core::endpoints::{PhoneNumber, PushSubscription};
use challenges_core::outbox::{Errand, Failure, Job, Message, Retry};
use challenges_core::{ChallengeId, Courier as _, OutboxId, Owner};
use challenges_delivery::{Delivery, Guard, GuardedClient, GuardedClientBuilder, HttpActions, Resolver};

use crate::certificates::Authority;
use crate::server::Server;

pub(crate) const ID: &str = "0001000000000000000000000000000000000007";
pub(crate) const SECRET: &str = "CANARYsecretCANARY1234";
pub(crate) const NUMBER: &str = "+15550100999";

/// A resolver that returns each list of addresses once, and the last list forever.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    answers: Arc<Mutex<VecDeque<Vec<IpAddr>>>>,
    lookups: Arc<AtomicUsize>,
}

impl Addresses {
    pub(crate) fn new<const N: usize>(answers: [&[&str]; N]) -> Self {
        let parse = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        let answers = answers.into_iter().map(parse).collect();
        Self { answers: Arc::new(Mutex::new(answers)), ..Self::default() }
    }

    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Resolver for Addresses {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        next.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Creates a guard that allows the server's port on the loopback network.
pub(crate) fn guard(server: &Server) -> Guard {
    Guard::any_host().allow_port(server.port()).danger_allow_network("127.0.0.0/8".parse().unwrap())
}

/// Configures a client that trusts the test authority only, and resolves every name to the loopback address.
pub(crate) fn builder(guard: Guard) -> GuardedClientBuilder {
    GuardedClient::builder(guard)
        .without_system_roots()
        .root_certificate(Authority::get().root.clone())
        .resolver(Addresses::new([&["127.0.0.1"]]))
}

pub(crate) fn client(server: &Server) -> GuardedClient {
    builder(guard(server)).build().unwrap()
}

pub(crate) fn actions(client: GuardedClient) -> Delivery {
    Delivery::new().actions(HttpActions::new(client))
}

pub(crate) fn id() -> OutboxId {
    ID.parse().unwrap()
}

pub(crate) fn challenge(last: char) -> ChallengeId {
    format!("000100000000000000000000000000000000000{last}").parse().unwrap()
}

pub(crate) fn job(errand: Errand) -> Job {
    Job::new(id(), Owner::user("alice").unwrap(), Some(challenge('1')), errand)
}

pub(crate) fn act(uri: &str) -> Errand {
    action(HttpAction::new("POST", uri).unwrap())
}

pub(crate) fn action(action: HttpAction) -> Errand {
    Errand::Act { actor: Owner::in_tenant("acme", "alice").unwrap(), action }
}

pub(crate) fn link() -> Message {
    let link = format!("https://login.example.org/answer?challenge_answer={SECRET}").into();
    let origin = Some("https://shop.example.org".parse().unwrap());
    Message::Link { link, code: None, origin, remaining: Duration::from_millis(599_999) }
}

pub(crate) fn push(to: PushSubscription) -> Errand {
    Errand::Push { to, message: link() }
}

pub(crate) fn sms(message: Message) -> Errand {
    Errand::Sms { to: NUMBER.parse::<PhoneNumber>().unwrap(), message }
}

pub(crate) async fn perform(delivery: &Delivery, errand: Errand) -> Result<Option<u16>, Failure> {
    delivery.perform(&job(errand)).await
}

/// Returns the retry decision, status and text of a failure.
pub(crate) fn unwrap_failure(outcome: Result<Option<u16>, Failure>) -> (Retry, Option<u16>, String) {
    let failure = outcome.expect_err("a failure");
    let text = failure.to_string();
    (failure.then, failure.status, text)
}
