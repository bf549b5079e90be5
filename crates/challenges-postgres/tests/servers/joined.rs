//! Calls that join a transaction of the host, with every driver.

use std::time::Duration;

use challenges_core::joined::Joined;
use challenges_core::store::{HostTransaction, StoreError};
use challenges_core::{Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Error, Owner, State};
use challenges_postgres::{DeadpoolTransaction, PostgresOptions, PostgresStore, SqlxTransaction};
use challenges_proofs::postgres::PostgresServer;
use deadpool_postgres::tokio_postgres;
use sqlx::postgres::PgPoolOptions;

use challenges_proofs::ledger::TIME_LIMIT;
use challenges_proofs::servers::KEYS;

/// A client of the host.
trait Driver: Sized {
    type Transaction: HostTransaction;

    async fn open(url: &str, connections: usize, options: PostgresOptions) -> (Self, PostgresStore);

    async fn join(&self, store: &PostgresStore) -> Self::Transaction;

    async fn execute(transaction: &mut Self::Transaction, sql: &str) -> Result<(), Box<dyn std::error::Error>>;
}

struct Sqlx(sqlx::PgPool);
struct TokioPostgres(deadpool_postgres::Pool);

impl Driver for Sqlx {
    type Transaction = SqlxTransaction;

    async fn open(url: &str, connections: usize, options: PostgresOptions) -> (Self, PostgresStore) {
        let pool = PgPoolOptions::new().max_connections(connections as u32).connect(url).await.unwrap();
        let store = options.open_sqlx(pool.clone()).await.unwrap();
        (Self(pool), store)
    }

    async fn join(&self, store: &PostgresStore) -> SqlxTransaction {
        store.join_sqlx(self.0.begin().await.unwrap())
    }

    async fn execute(transaction: &mut SqlxTransaction, sql: &str) -> Result<(), Box<dyn std::error::Error>> {
        sqlx::query(sql).execute(transaction.connection()).await?;
        Ok(())
    }
}

impl Driver for TokioPostgres {
    type Transaction = DeadpoolTransaction;

    async fn open(url: &str, connections: usize, options: PostgresOptions) -> (Self, PostgresStore) {
        let manager = deadpool_postgres::Manager::new(url.parse().unwrap(), tokio_postgres::NoTls);
        let pool = deadpool_postgres::Pool::builder(manager).max_size(connections).build().unwrap();
        let store = options.open_deadpool(pool.clone()).await.unwrap();
        (Self(pool), store)
    }

    async fn join(&self, store: &PostgresStore) -> DeadpoolTransaction {
        store.join_deadpool(self.0.get().await.unwrap()).await.unwrap()
    }

    async fn execute(transaction: &mut DeadpoolTransaction, sql: &str) -> Result<(), Box<dyn std::error::Error>> {
        Ok(transaction.connection().batch_execute(sql).await?)
    }
}

struct Host<D> {
    challenges: Challenges,
    store: PostgresStore,
    driver: D,
    server: PostgresServer,
}

impl<D: Driver> Host<D> {
    async fn new() -> Self {
        Self::with(10, PostgresOptions::new()).await
    }

    async fn with(connections: usize, options: PostgresOptions) -> Self {
        let server = PostgresServer::start(&[]).unwrap();
        server.query("CREATE TABLE orders (paid text UNIQUE)").unwrap();
        let (driver, store) = D::open(&server.url(), connections, options).await;
        let challenges = Challenges::builder(store.clone(), KEYS.parse().unwrap()).build().await.unwrap();
        Self { challenges, store, driver, server }
    }

    async fn challenge(&self) -> (ChallengeId, impl Fn() -> Answer + use<D>) {
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        let created = self.challenges.create(Owner::user("alice").unwrap(), spec).await.unwrap();
        let id = created.challenge.id();
        let code = created.code.unwrap();
        (id, move || Answer::allow(id, ChallengeType::Code, code.expose()))
    }

    async fn joined(&self) -> Joined<D::Transaction> {
        self.challenges.join(self.driver.join(&self.store).await)
    }

    async fn state(&self, id: ChallengeId) -> State {
        self.challenges.get(id).await.unwrap().state()
    }

    fn orders(&self) -> String {
        self.server.query("SELECT count(*) FROM orders").unwrap()
    }
}

const PAY: &str = "INSERT INTO orders VALUES ('1')";

/// R73: a right answer and the host's own statement are committed together.
#[tokio::test]
async fn answer_and_order_commit_together() {
    commit_together::<Sqlx>().await;
    commit_together::<TokioPostgres>().await;
}

async fn commit_together<D: Driver>() {
    let host = Host::<D>::new().await;
    let (id, answer) = host.challenge().await;
    let mut joined = host.joined().await;
    let pending = joined.answer(answer()).await.unwrap();
    D::execute(joined.transaction(), PAY).await.unwrap();
    assert_eq!((host.state(id).await, host.orders().as_str()), (State::Issued, "0"));
    let committed = joined.commit().await.unwrap();
    assert!(committed.confirm(pending).unwrap().passed().is_some());
    assert_eq!((host.state(id).await, host.orders().as_str()), (State::ChallengePassed, "1"));
    assert!(host.challenges.answer(answer()).await.is_err());
}

/// R73: a rollback of the host leaves the challenge open, and a wrong answer stays counted.
#[tokio::test]
async fn rollback_leaves_the_challenge_open() {
    rollback::<Sqlx>().await;
    rollback::<TokioPostgres>().await;
}

async fn rollback<D: Driver>() {
    let host = Host::<D>::new().await;
    let (id, answer) = host.challenge().await;
    let mut joined = host.joined().await;
    assert!(joined.answer(Answer::allow(id, ChallengeType::Code, "wrong")).await.is_err());
    let _ = joined.answer(answer()).await.unwrap();
    drop(joined);
    assert_eq!(host.state(id).await, State::Issued);
    assert!(host.challenges.answer(answer()).await.is_ok());
}

/// R73: a transaction that lost the answer before the commit gives no pass, although PostgreSQL reports success.
#[tokio::test]
async fn undone_answer_does_not_commit() {
    undone::<Sqlx>().await;
    undone::<TokioPostgres>().await;
}

async fn undone<D: Driver>() {
    let host = Host::<D>::new().await;
    let undoing: [&[&str]; 4] =
        [&["ROLLBACK TO SAVEPOINT before"], &["ROLLBACK"], &["ROLLBACK", "BEGIN"], &["SELECT fails"]];
    for statements in undoing {
        let (id, answer) = host.challenge().await;
        let mut joined = host.joined().await;
        D::execute(joined.transaction(), "SAVEPOINT before").await.unwrap();
        let _ = joined.answer(answer()).await.unwrap();
        for statement in statements {
            let _ = D::execute(joined.transaction(), statement).await;
        }
        let outcome = joined.commit().await;
        assert!(matches!(outcome, Err(Error::Store(StoreError::Unavailable(_)))), "{statements:?}: {outcome:?}");
        assert_eq!(host.state(id).await, State::Issued, "{statements:?}");
        assert!(host.challenges.answer(answer()).await.is_ok(), "control: {statements:?}");
    }
}

/// R73: of transactions that answer at once, one passes. The others wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_joined_answers_pass_once() {
    concurrent::<Sqlx>().await;
    concurrent::<TokioPostgres>().await;
}

async fn concurrent<D: Driver>() {
    let host = Host::<D>::new().await;
    let (id, answer) = host.challenge().await;
    let answers = (0..4).map(|_| async {
        let mut joined = host.joined().await;
        let _ = joined.answer(answer()).await?;
        joined.commit().await
    });
    let outcomes = futures::future::join_all(answers).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(host.state(id).await, State::ChallengePassed);
}

/// R73: while transactions hold every connection of a shared pool, right and wrong answers fail alike, uncompared.
#[tokio::test]
async fn exhausted_pool_compares_no_answer() {
    exhausted::<Sqlx>().await;
    exhausted::<TokioPostgres>().await;
}

async fn exhausted<D: Driver>() {
    let host = Host::<D>::new().await;
    let options = PostgresOptions::new().timeout(Duration::from_secs(2));
    let (driver, store) = D::open(&host.server.url(), 2, options).await;
    let challenges = Challenges::builder(store.clone(), KEYS.parse().unwrap()).build().await.unwrap();
    let (id, right) = host.challenge().await;
    let wrong = || Answer::allow(id, ChallengeType::Code, "wrong");
    let answer = async |answer: Answer| {
        let mut joined = challenges.join(driver.join(&store).await);
        joined.answer(answer).await.map(|_| ())
    };
    let wrong_answers = async || host.challenges.get(id).await.unwrap().wrong_answers();

    let other = driver.join(&store).await;
    for answered in [answer(wrong()).await, answer(right()).await] {
        assert!(matches!(answered, Err(Error::Store(StoreError::Unavailable(_)))), "{answered:?}");
    }
    assert_eq!(wrong_answers().await, 0);

    drop(other);
    assert!(matches!(answer(wrong()).await, Err(Error::AnswerRefused)));
    assert_eq!(wrong_answers().await, 1, "control: with a free connection the answer is counted");
    answer(right()).await.unwrap();
}

/// R73: while another transaction holds the records of the user, or the table, a joined answer ends after the timeout.
/// What may still run is never committed. Control: with free records the answer passes, and the transaction keeps its
/// settings.
#[tokio::test]
async fn joined_calls_end_after_the_timeout() {
    bounded::<Sqlx>().await;
    bounded::<TokioPostgres>().await;
}

async fn bounded<D: Driver>() {
    let host = Host::<D>::new().await;
    let (id, answer) = host.challenge().await;
    let options = PostgresOptions::new().timeout(Duration::from_secs(2));
    let (driver, store) = D::open(&host.server.url(), 10, options).await;
    let challenges = Challenges::builder(store.clone(), KEYS.parse().unwrap()).build().await.unwrap();

    let mut holder = host.joined().await;
    let _ = holder.answer(answer()).await.unwrap();
    let mut joined = challenges.join(driver.join(&store).await);
    let held = tokio::time::timeout(TIME_LIMIT, joined.answer(answer())).await.unwrap();
    assert!(matches!(held, Err(Error::Store(StoreError::Unavailable(_)))), "{held:?}");
    drop((joined, holder));

    let mut holder = host.driver.join(&host.store).await;
    let mut joined = challenges.join(driver.join(&store).await);
    D::execute(&mut holder, "LOCK TABLE challenges.records IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let held = tokio::time::timeout(TIME_LIMIT, joined.answer(answer())).await.unwrap();
    assert!(matches!(held, Err(Error::Store(StoreError::Unavailable(_)))), "{held:?}");
    drop(holder);
    let committed = joined.commit().await;
    assert!(matches!(committed, Err(Error::Store(StoreError::Unavailable(_)))), "{committed:?}");
    assert_eq!(host.state(id).await, State::Issued);

    let mut joined = host.joined().await;
    D::execute(joined.transaction(), "SET LOCAL lock_timeout = '70s'").await.unwrap();
    let pending = joined.answer(answer()).await.unwrap();
    let unchanged = "DO $$ BEGIN ASSERT current_setting('lock_timeout') = '70s'; END $$";
    D::execute(joined.transaction(), unchanged).await.unwrap();
    assert!(joined.commit().await.unwrap().confirm(pending).unwrap().passed().is_some());
}
