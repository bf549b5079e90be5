//! Dispatchers woken by another store.

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::outbox::{Errand, Failure, Job};
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Answer, Challenges, Courier, Owner, Store, Timeout, Timestamp};
use challenges_delivery::Dispatcher;
use challenges_postgres::{OpenError, PostgresOptions, PostgresStore};
use challenges_proofs::postgres::PostgresServer;
use challenges_proofs::servers::KEYS;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

const HOUR: Duration = Duration::from_secs(3_600);
/// Ends a test that hangs.
const LONG: Duration = Duration::from_secs(60);

/// Tells when a dispatcher has found nothing: the last read is of the time of the next entry.
#[derive(Debug)]
struct Watched(PostgresStore, UnboundedSender<()>);

#[async_trait]
impl Store for Watched {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        self.0.load(request).await
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        self.0.commit(batch).await
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        self.0.list(kind, owner, after, limit).await
    }

    async fn due(&self, kind: Kind, in_: Range<u16>, now: Timestamp, limit: usize) -> Result<Vec<Stored>, StoreError> {
        let due = self.0.due(kind, in_, now, limit).await;
        if now == Timestamp::MAX {
            // The receiver ends before the dispatcher.
            let _ = self.1.send(());
        }
        due
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.0.purge(shards, before, limit).await
    }
}

#[derive(Debug)]
struct Reporting(UnboundedSender<String>);

#[async_trait]
impl Courier for Reporting {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let Errand::Act { action, .. } = &job.errand else { panic!("only actions are queued here") };
        self.0.send(action.uri().rsplit('/').next().unwrap().to_owned()).unwrap();
        Ok(Some(200))
    }
}

async fn service(store: impl Store) -> Challenges {
    Challenges::builder(store, KEYS.parse().unwrap()).build().await.unwrap()
}

/// Approves an action in a service without a dispatcher.
async fn approve(challenges: &Challenges, path: &str) {
    let actor = Owner::in_tenant("org", "ann").unwrap();
    let mut wanted = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    wanted.approved_actions = vec![HttpAction::new("POST", format!("https://hooks.example.org/{path}")).unwrap()];
    let created = challenges.actions().create(Owner::user("ann").unwrap(), wanted).await.unwrap();
    let answer = Answer::approve_action(created.challenge.id(), created.links[0].approve.expose());
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
}

async fn next<T>(receiver: &mut UnboundedReceiver<T>) -> T {
    timeout(LONG, receiver.recv()).await.unwrap().unwrap()
}

/// Queues actions in other stores than the store of the dispatcher, which polls once an hour.
async fn wakes(listening: PostgresStore, server: &PostgresServer) {
    let noisy = service(PostgresOptions::new().notify(true).connect(&server.url()).await.unwrap()).await;
    let silent = service(PostgresStore::connect(&server.url()).await.unwrap()).await;

    let (idles, mut idle) = unbounded_channel();
    let challenges = service(Watched(listening.clone(), idles)).await;
    let (listens, mut woken) = unbounded_channel();
    let waker = challenges.clone();
    let listener = tokio::spawn(async move {
        let wake = || {
            waker.outbox().wake();
            listens.send(()).unwrap();
        };
        listening.listen(wake).await
    });
    next(&mut woken).await;
    let (performing, mut performed) = unbounded_channel();
    let running = Dispatcher::new(challenges, Reporting(performing)).poll(HOUR).spawn();
    next(&mut idle).await;

    approve(&silent, "silent").await;
    assert!(performed.try_recv().is_err(), "control: without a notification nothing wakes the dispatcher");
    approve(&noisy, "noisy").await;
    let mut paths = [next(&mut performed).await, next(&mut performed).await];
    paths.sort();
    assert_eq!(paths, ["noisy", "silent"]);

    // A lost connection is replaced. An entry is found whether it was committed before or after that.
    let ended = "SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'";
    assert_eq!(server.query(ended).unwrap(), "1");
    approve(&noisy, "later").await;
    assert_eq!(next(&mut performed).await, "later");
    running.stop().await;
    listener.abort();
}

#[tokio::test]
async fn notification_wakes_another_dispatcher_with_tokio_postgres() {
    let server = PostgresServer::start(&[]).unwrap();
    wakes(PostgresStore::connect(&server.url()).await.unwrap(), &server).await;
}

#[tokio::test]
async fn notification_wakes_another_dispatcher_with_sqlx() {
    let server = PostgresServer::start(&[]).unwrap();
    let pool = PgPoolOptions::new().max_connections(4).connect(&server.url()).await.unwrap();
    wakes(PostgresOptions::new().open_sqlx(pool).await.unwrap(), &server).await;
}

/// A pool of the host passes no notification on, so the store does not pretend to listen.
#[tokio::test]
async fn hosts_pool_of_tokio_postgres_cannot_listen() {
    let server = PostgresServer::start(&[]).unwrap();
    let manager =
        deadpool_postgres::Manager::new(server.url().parse().unwrap(), deadpool_postgres::tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).max_size(2).build().unwrap();
    let store = PostgresOptions::new().open_deadpool(pool).await.unwrap();
    assert!(matches!(store.listen(|| ()).await, Err(OpenError::CannotListen)));
}
