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
use challenges_postgres::{PostgresOptions, PostgresStore, Statements};
use challenges_proofs::postgres::PostgresServer;
use challenges_proofs::servers::{Protocol, Proxy};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Authenticator, FakeClock, administrator};
use challenges_webauthn::Webauthn;
use sqlx::postgres::PgPoolOptions;

const CONNECTIONS: u64 = 2;
/// Commit, load, due, two lists and purge.
const STATEMENTS: u64 = 6;

#[derive(Clone, Copy)]
enum Driver {
    TokioPostgres(Statements),
    Sqlx(Statements),
}

impl Driver {
    async fn open(self, url: &str) -> PostgresStore {
        match self {
            Self::TokioPostgres(statements) => PostgresOptions::new()
                .connections(CONNECTIONS as usize)
                .statements(statements)
                .connect(url)
                .await
                .unwrap(),
            Self::Sqlx(statements) => {
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS as u32).test_before_acquire(false);
                let pool = pool.connect(url).await.unwrap();
                PostgresOptions::new().statements(statements).open_sqlx(pool).await.unwrap()
            }
        }
    }
}

struct Host {
    challenges: Challenges,
    store: PostgresStore,
    clock: FakeClock,
    proxy: Proxy,
    _server: PostgresServer,
}

impl Host {
    async fn new(driver: Driver) -> Self {
        let server = PostgresServer::start(&[]).unwrap();
        let proxy = Proxy::before(server.port(), Protocol::Postgres).await;
        let store = driver.open(&proxy.url()).await;
        let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000));
        let mut policy = Policy::default();
        policy.any_https_response_origin = true;
        policy.sends.notices_per_user = 0;
        let builder = Challenges::builder(store.clone(), KeyRing::generate().unwrap());
        let builder = builder.clock(clock.clone()).policy(policy).webauthn(Webauthn::new());
        let challenges = builder.build().await.unwrap();
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

/// A load takes one round trip, a commit one, an answer two, and a creation two.
async fn code_totp_and_action(host: &Host) {
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

async fn delivered_and_webauthn(host: &Host) {
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

async fn due_list_and_purge(host: &Host) {
    let (trips, found) = host.trips(host.store.due(Kind::Outbox, 0..Id::SHARDS, Timestamp::MAX, 100)).await;
    assert_eq!((trips, found.unwrap().len()), (1, 2));
    let (trips, page) = host.trips(host.store.list(Kind::Challenge, None, None, 100)).await;
    assert_eq!((trips, page.unwrap().len()), (1, 6), "a page of all owners");
    let (trips, purged) = host.trips(host.store.purge(0..Id::SHARDS, Timestamp::default(), 100)).await;
    assert_eq!((trips, purged.unwrap()), (1, 0));
}

async fn count(driver: Driver) {
    let host = Host::new(driver).await;
    code_totp_and_action(&host).await;
    delivered_and_webauthn(&host).await;
    due_list_and_purge(&host).await;
    // The first use of a statement on a connection prepares it, in a request of its own.
    assert!(host.proxy.preparations() <= CONNECTIONS * STATEMENTS, "{} preparations", host.proxy.preparations());
}

#[tokio::test]
async fn tokio_postgres_takes_one_round_trip_a_call() {
    count(Driver::TokioPostgres(Statements::Prepared)).await;
}

#[tokio::test]
async fn unprepared_calls_take_one_round_trip() {
    count(Driver::TokioPostgres(Statements::Unprepared)).await;
}

#[tokio::test]
async fn sqlx_takes_one_round_trip_a_call() {
    count(Driver::Sqlx(Statements::Prepared)).await;
}

#[tokio::test]
async fn unprepared_calls_of_sqlx_take_one_round_trip() {
    count(Driver::Sqlx(Statements::Unprepared)).await;
}

/// By default sqlx pings before each call, too, which `PgPoolOptions::test_before_acquire` switches off.
#[tokio::test]
async fn sqlx_pings_before_each_call_by_default() {
    let server = PostgresServer::start(&[]).unwrap();
    for (tests, least) in [(true, 10), (false, 4)] {
        let proxy = Proxy::before(server.port(), Protocol::Postgres).await;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS as u32)
            .test_before_acquire(tests)
            .connect(&proxy.url())
            .await
            .unwrap();
        let store = PostgresOptions::new().open_sqlx(pool).await.unwrap();
        let load = Load::of(alice().1).with_owned(&[Kind::Counters]);
        let before = (proxy.trips(), proxy.pings());
        for _ in 0..6 {
            store.load(&load).await.unwrap();
        }
        assert_eq!(proxy.trips() - before.0, 6);
        // The ping after a call runs in the background, so the last ones may be missing or belong to earlier calls.
        let pings = proxy.pings() - before.1;
        assert!((least..least + 5).contains(&pings), "{pings} pings, at least {least} expected");
    }
}
