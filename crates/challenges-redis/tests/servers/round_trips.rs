//! Round trips per operation, counted by a proxy.

use std::time::Duration;

use challenges_core::approvals::OneTimeUseAction;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::outbox::Task;
use challenges_core::store::{Id, Kind, Load};
use challenges_core::time::Clock as _;
use challenges_core::webauthn::WebauthnEnrollmentSpec;
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, EndpointRef, KeyRing, Owner, Policy, Secret,
    Store as _, Timeout, Timestamp,
};
use challenges_proofs::redis::RedisServer;
use challenges_proofs::servers::{Protocol, Proxy};
use challenges_redis::RedisStore;
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Authenticator, FakeClock, administrator};
use challenges_webauthn::Webauthn;

struct Host {
    challenges: Challenges,
    store: RedisStore,
    clock: FakeClock,
    proxy: Proxy,
    _server: RedisServer,
}

impl Host {
    async fn new() -> Self {
        let server = RedisServer::start(&[]).unwrap();
        let proxy = Proxy::before(server.port(), Protocol::Redis).await;
        let store = RedisStore::open(&proxy.url()).await.unwrap();
        let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000));
        let mut policy = Policy::default();
        policy.any_https_response_origin = true;
        let builder = Challenges::builder(store.clone(), KeyRing::generate().unwrap());
        let builder = builder.clock(clock.clone()).policy(policy).webauthn(Webauthn::new());
        let challenges = builder.build().await.unwrap();
        // Warms up the script cache: the first use of a script takes an extra round trip.
        store.load(&Load::of(alice().1).with_owned(&[Kind::Counters])).await.unwrap();
        Self { challenges, store, clock, proxy, _server: server }
    }

    /// Returns the round trips and the result of an operation.
    async fn trips<T>(&self, operation: impl Future<Output = T>) -> (u64, T) {
        let before = self.proxy.trips();
        let answer = operation.await;
        (self.proxy.trips() - before, answer)
    }

    /// Checks the round trips of a get (1), a wrong answer (2) and a right answer (2).
    ///
    /// An answer of any type takes one load, which includes the failure counts, and one commit.
    async fn get_and_answer(&self, kind: &str, id: ChallengeId, [wrong, right]: [Answer; 2]) {
        let (trips, got) = self.trips(self.challenges.get(id)).await;
        assert_eq!((trips, got.unwrap().id()), (1, id), "get of {kind}");
        let (trips, answered) = self.trips(self.challenges.answer(wrong)).await;
        assert!(answered.is_err());
        assert_eq!(trips, 2, "a wrong answer to {kind}");
        let (trips, answered) = self.trips(self.challenges.answer(right)).await;
        assert!(answered.is_ok(), "{answered:?}");
        assert_eq!(trips, 2, "a right answer to {kind}");
    }

    /// Returns the round trips of a creation, and the id and code of the challenge.
    async fn create(&self, spec: ChallengeSpec) -> (u64, ChallengeId, Option<Secret>) {
        let (trips, created) = self.trips(self.challenges.create(alice().0, spec)).await;
        let created = created.unwrap();
        (trips, created.challenge.id(), created.code)
    }
}

fn alice() -> (Owner, u64) {
    (Owner::user("alice").unwrap(), 1)
}

#[tokio::test]
async fn code_totp_and_action_round_trips() {
    let host = Host::new().await;

    let (trips, id, code) = host.create(ChallengeSpec::new(ChallengeType::Code).unwrap()).await;
    assert_eq!(trips, 2, "create of code");
    let answers = ["wrong", code.unwrap().expose()].map(|text| Answer::allow(id, ChallengeType::Code, text));
    host.get_and_answer("code", id, answers).await;

    let actors = vec![Owner::in_tenant("org", "alice").unwrap()];
    let action = OneTimeUseAction::new(actors, Timeout::from_seconds(600).unwrap());
    let (trips, created) = host.trips(host.challenges.actions().create(alice().0, action)).await;
    let created = created.unwrap();
    assert_eq!(trips, 2, "create of an action");
    let id = created.challenge.id();
    let answers = ["wrong", created.links[0].approve.expose()].map(|text| Answer::approve_action(id, text));
    host.get_and_answer("an action", id, answers).await;

    let (enrollment, key) = host.challenges.totp().create(alice().0, &administrator()).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let code = app.code(host.clock.now()).into();
    host.challenges.totp().confirm(&alice().0, &administrator(), enrollment.id(), &code).await.unwrap();
    host.clock.advance(Duration::from_secs(30));
    let (trips, id, _) = host.create(ChallengeSpec::new(ChallengeType::Totp).unwrap()).await;
    assert_eq!(trips, 2, "create of totp");
    let codes = [app.wrong_code(host.clock.now(), 1), app.code(host.clock.now())];
    host.get_and_answer("totp", id, codes.map(|code| Answer::allow(id, ChallengeType::Totp, code))).await;
}

#[tokio::test]
async fn delivered_and_webauthn_round_trips() {
    let host = Host::new().await;
    let subscription = PushSubscription::new("https://push.example/1", &"A".repeat(87), &"A".repeat(22)).unwrap();
    let addresses = [
        (ChallengeType::Sms, Address::Phone("+4915112345678".parse().unwrap())),
        (ChallengeType::WebPush, Address::Push(subscription)),
    ];
    for (kind, address) in addresses {
        host.challenges.endpoints().register_confirmed(alice().0, &administrator(), address).await.unwrap();
        let spec = ChallengeSpec::new(kind).unwrap().with_response_uri("https://app.example/".parse().unwrap());
        let (trips, id, _) = host.create(spec).await;
        let entries = host.challenges.outbox().list(None, None, 100).await.unwrap();
        let entry = entries.into_iter().map(Result::unwrap).find(|entry| entry.challenge == Some(id)).unwrap();
        let Task::Deliver { secret, .. } = entry.task else { panic!("expected a delivery") };
        assert_eq!(trips, 2, "create of {kind}");
        let answers = ["wrong", secret.expose()].map(|text| Answer::allow(id, kind, text));
        host.get_and_answer(kind.as_str(), id, answers).await;
    }

    const ORIGIN: &str = "https://example.org";
    let (owner, mut key) = (alice().0, SecurityKey::new(1));
    let spec = WebauthnEnrollmentSpec::new("example.org".parse().unwrap());
    let enrollment = host.challenges.webauthn().create(owner.clone(), &administrator(), spec).await.unwrap().id();
    let options = host.challenges.webauthn().creation_options(&owner, enrollment, "an account").await.unwrap();
    let response = key.create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
    host.challenges.webauthn().confirm(&owner, &administrator(), enrollment, &response).await.unwrap();
    let named = vec![EndpointRef::webauthn(enrollment)];
    let (trips, id, _) = host.create(ChallengeSpec::new(ChallengeType::Webauthn).unwrap().with_endpoints(named)).await;
    let options = host.challenges.webauthn().request_options(id).await.unwrap();
    assert_eq!(trips, 2, "create of webauthn");
    let answers = ["https://evil.example", ORIGIN].map(|origin| {
        let assertion = key.get(&options, origin).unwrap().sign().answer();
        Answer::allow(id, ChallengeType::Webauthn, assertion)
    });
    host.get_and_answer("webauthn", id, answers).await;
}

#[tokio::test]
async fn due_list_and_purge_round_trips() {
    let host = Host::new().await;
    let (trips, found) = host.trips(host.store.due(Kind::Outbox, 0..Id::SHARDS, Timestamp::MAX, 100)).await;
    assert_eq!((trips, found.unwrap().len()), (1, 0));
    host.challenges
        .endpoints()
        .register_confirmed(alice().0, &administrator(), Address::Phone("+4915112345678".parse().unwrap()))
        .await
        .unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Sms).unwrap();
    host.create(spec.with_response_uri("https://app.example/".parse().unwrap())).await;
    let (trips, found) = host.trips(host.store.due(Kind::Outbox, 0..Id::SHARDS, Timestamp::MAX, 100)).await;
    assert_eq!((trips, found.unwrap().len()), (2, 1));
    host.store.list(Kind::Challenge, None, None, 100).await.unwrap();
    let (trips, page) = host.trips(host.store.list(Kind::Challenge, None, None, 100)).await;
    assert_eq!((trips, page.unwrap().len()), (1, 1), "a page of all owners");
    let (trips, purged) = host.trips(host.store.purge(0..Id::SHARDS, Timestamp::default(), 100)).await;
    assert_eq!((trips, purged.unwrap()), (1, 0));
}
