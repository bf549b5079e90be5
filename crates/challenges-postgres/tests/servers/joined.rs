//! Calls that join a transaction of sqlx.

use std::time::Duration;

use challenges_core::store::StoreError;
use challenges_core::{Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Error, Owner, State};
use challenges_postgres::{PostgresOptions, PostgresStore};
use challenges_proofs::postgres::PostgresServer;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use challenges_proofs::servers::KEYS;

struct Host {
    challenges: Challenges,
    store: PostgresStore,
    pool: PgPool,
    server: PostgresServer,
}

impl Host {
    async fn new() -> Self {
        let server = PostgresServer::start(&[]).unwrap();
        server.query("CREATE TABLE orders (paid text UNIQUE)").unwrap();
        let pool = PgPoolOptions::new().max_connections(10).connect(&server.url()).await.unwrap();
        let store = PostgresOptions::new().open_sqlx(pool.clone()).await.unwrap();
        let challenges = Challenges::builder(store.clone(), KEYS.parse().unwrap()).build().await.unwrap();
        Self { challenges, store, pool, server }
    }

    async fn challenge(&self) -> (ChallengeId, impl Fn() -> Answer) {
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        let created = self.challenges.create(Owner::user("alice").unwrap(), spec).await.unwrap();
        let id = created.challenge.id();
        let code = created.code.unwrap();
        (id, move || Answer::allow(id, ChallengeType::Code, code.expose()))
    }

    async fn joined(&self) -> challenges_core::joined::Joined<challenges_postgres::SqlxTransaction> {
        self.challenges.join(self.store.join_sqlx(self.pool.begin().await.unwrap()))
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
    let host = Host::new().await;
    let (id, answer) = host.challenge().await;
    let mut joined = host.joined().await;
    let pending = joined.answer(answer()).await.unwrap();
    sqlx::query(PAY).execute(joined.transaction().connection()).await.unwrap();
    assert_eq!((host.state(id).await, host.orders().as_str()), (State::Issued, "0"));
    let committed = joined.commit().await.unwrap();
    assert!(committed.confirm(pending).unwrap().passed().is_some());
    assert_eq!((host.state(id).await, host.orders().as_str()), (State::ChallengePassed, "1"));
    assert!(host.challenges.answer(answer()).await.is_err());
}

/// R73: a rollback of the host leaves the challenge open, and a wrong answer stays counted.
#[tokio::test]
async fn rollback_leaves_the_challenge_open() {
    let host = Host::new().await;
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
    let host = Host::new().await;
    let undoing: [&[&str]; 4] =
        [&["ROLLBACK TO SAVEPOINT before"], &["ROLLBACK"], &["ROLLBACK", "BEGIN"], &["SELECT fails"]];
    for statements in undoing {
        let (id, answer) = host.challenge().await;
        let mut joined = host.joined().await;
        sqlx::query("SAVEPOINT before").execute(joined.transaction().connection()).await.unwrap();
        let _ = joined.answer(answer()).await.unwrap();
        for statement in statements {
            let _ = sqlx::query(statement).execute(joined.transaction().connection()).await;
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
    let host = Host::new().await;
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
    let host = Host::new().await;
    let pool = PgPoolOptions::new().max_connections(2).connect(&host.server.url()).await.unwrap();
    let store = PostgresOptions::new().timeout(Duration::from_secs(2)).open_sqlx(pool.clone()).await.unwrap();
    let challenges = Challenges::builder(store.clone(), KEYS.parse().unwrap()).build().await.unwrap();
    let (id, right) = host.challenge().await;
    let wrong = || Answer::allow(id, ChallengeType::Code, "wrong");
    let answer = async |answer: Answer| {
        let mut joined = challenges.join(store.join_sqlx(pool.begin().await.unwrap()));
        joined.answer(answer).await.map(|_| ())
    };
    let wrong_answers = async || host.challenges.get(id).await.unwrap().wrong_answers();

    let other = pool.begin().await.unwrap();
    for answered in [answer(wrong()).await, answer(right()).await] {
        assert!(matches!(answered, Err(Error::Store(StoreError::Unavailable(_)))), "{answered:?}");
    }
    assert_eq!(wrong_answers().await, 0);

    drop(other);
    assert!(matches!(answer(wrong()).await, Err(Error::AnswerRefused)));
    assert_eq!(wrong_answers().await, 1, "control: with a free connection the answer is counted");
    answer(right()).await.unwrap();
}
