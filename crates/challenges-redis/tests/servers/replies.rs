//! R55: connections cut before a request or before its reply.

use challenges_core::store::{Batch, Commit, Load, Record, StoreError, Write};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, State, Store};
use challenges_proofs::redis::RedisServer;
use challenges_proofs::servers::{Cut, Protocol, Proxy};
use challenges_redis::RedisStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use challenges_proofs::ledger::{Audit, Writers, audit, key};

const CODE: ChallengeType = ChallengeType::Code;

fn put(expect: Option<[u8; 16]>, version: u8) -> Batch {
    let record = Record { key: key(3, 1), due: None, expires: None, body: vec![version].into() };
    Batch::new([version; 16], vec![Write::put(expect, record)]).unwrap()
}

async fn stored_body(store: &RedisStore) -> Option<u8> {
    let found = store.load(&Load::key(key(3, 1))).await.unwrap().pop();
    found.map(|stored| stored.record.body[0])
}

fn at(version: u8) -> Option<[u8; 16]> {
    Some([version; 16])
}

/// R55: a commit with a lost reply is unknown, and applied once even if retried.
#[tokio::test]
async fn commit_with_lost_reply_is_applied_once() {
    let server = RedisServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Redis).await;
    let store = RedisStore::open(&proxy.url()).await.unwrap();
    assert_eq!(store.commit(put(None, 1)).await.unwrap(), Commit::Applied);
    proxy.cut_next(Cut::BeforeReply);
    let lost = store.commit(put(at(1), 2)).await;
    assert!(matches!(lost, Err(StoreError::OutcomeUnknown(_))), "{lost:?}");
    assert_eq!(stored_body(&store).await, Some(2));
    // A retry reports success and does not apply the batch again.
    assert_eq!(store.commit(put(at(1), 2)).await.unwrap(), Commit::Applied);
    assert_eq!(store.commit(put(at(2), 3)).await.unwrap(), Commit::Applied);
    assert_eq!(store.commit(put(at(1), 2)).await.unwrap(), Commit::Conflict);
    assert_eq!(stored_body(&store).await, Some(3));
}

/// R55: a commit that never reached the server is unknown, and not sent again.
#[tokio::test]
async fn commit_lost_before_server_is_unknown() {
    let server = RedisServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Redis).await;
    let store = RedisStore::open(&proxy.url()).await.unwrap();
    assert_eq!(store.commit(put(None, 1)).await.unwrap(), Commit::Applied);
    let before = proxy.trips();
    proxy.cut_next(Cut::BeforeRequest);
    let lost = store.commit(put(at(1), 2)).await;
    assert!(matches!(lost, Err(StoreError::OutcomeUnknown(_))), "{lost:?}");
    assert_eq!(proxy.trips() - before, 1, "a possibly applied commit was sent again");
    assert_eq!(stored_body(&store).await, Some(1));
}

/// R55: a read is retried after a lost request or reply.
#[tokio::test]
async fn lost_read_is_retried() {
    let server = RedisServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Redis).await;
    let store = RedisStore::open(&proxy.url()).await.unwrap();
    assert_eq!(store.commit(put(None, 1)).await.unwrap(), Commit::Applied);
    for cut in [Cut::BeforeRequest, Cut::BeforeReply] {
        proxy.cut_next(cut);
        assert_eq!(stored_body(&store).await, Some(1));
    }
}

/// R55: the bytes of a commit sent twice, as by a retrying proxy, are applied once.
#[tokio::test]
async fn duplicate_request_is_applied_once() {
    let server = RedisServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Redis).await;
    let store = RedisStore::open(&proxy.url()).await.unwrap();
    assert_eq!(store.commit(put(None, 1)).await.unwrap(), Commit::Applied);
    assert_eq!(store.commit(put(at(1), 2)).await.unwrap(), Commit::Applied);
    let request = proxy.request();
    assert_eq!(send(&server, &request).await, b":1\r\n");
    assert_eq!(stored_body(&store).await, Some(2));
    assert_eq!(store.commit(put(at(2), 3)).await.unwrap(), Commit::Applied);
    assert_eq!(send(&server, &request).await, b":0\r\n");
    assert_eq!(stored_body(&store).await, Some(3));

    // Control: a plain compare-and-set script reports a conflict for its own write.
    const NAIVE: &str =
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end redis.call('SET', KEYS[1], ARGV[2]) return 1";
    server.cli(&["SET", "naive", "1"]).unwrap();
    let run = || server.cli(&["EVAL", NAIVE, "1", "naive", "1", "2"]).unwrap();
    assert_eq!([run(), run()], ["1", "0"]);
}

async fn send(server: &RedisServer, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut reply = vec![0; 64];
    let read = stream.read(&mut reply).await.unwrap();
    reply.truncate(read);
    reply
}

/// R55: cut connections under load lose no write and apply none twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_lose_and_repeat_no_write() {
    let server = RedisServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Redis).await;
    let store = RedisStore::open(&proxy.url()).await.unwrap();
    let writers = Writers::start(&store, &[key(1, 1), key(1, 2), key(900, 3)]);
    proxy.cut_every(7);
    writers.wait_for_commits(300).await;
    proxy.cut_every(0);
    let outcomes = writers.stop().await;
    assert_eq!(audit(&store, &outcomes).await, Audit::default());
    assert!(outcomes.iter().any(|(_, outcomes)| outcomes.unknown > 0), "control: some replies were lost");
}

/// R55: the service accepts an answer once, whether the request or the reply is lost.
#[tokio::test]
async fn service_accepts_answer_once_despite_cuts() {
    let server = RedisServer::start(&[]).unwrap();
    let proxy = Proxy::before(server.port(), Protocol::Redis).await;
    let store = RedisStore::open(&proxy.url()).await.unwrap();
    let challenges = Challenges::builder(store, KeyRing::generate().unwrap()).build().await.unwrap();
    for cut in [Cut::BeforeReply, Cut::BeforeRequest] {
        let alice = Owner::user("alice").unwrap();
        let created = challenges.create(alice, ChallengeSpec::new(CODE).unwrap()).await.unwrap();
        let (id, code) = (created.challenge.id(), created.code.unwrap());
        // An answer is a load and a commit; this cuts the commit.
        proxy.cut_after(1, cut);
        let answered = challenges.answer(Answer::allow(id, CODE, code.expose())).await;
        let state = challenges.get(id).await.unwrap().state();
        let again = challenges.answer(Answer::allow(id, CODE, code.expose())).await;
        match cut {
            Cut::BeforeReply => {
                assert!(answered.is_ok(), "the service finds its own write: {answered:?}");
                assert_eq!(state, State::ChallengePassed);
                assert!(again.is_err(), "the challenge was answered twice");
            }
            Cut::BeforeRequest => {
                assert!(answered.is_err(), "an unknown outcome is not a success");
                assert_eq!(state, State::Issued);
                assert!(again.is_ok(), "{again:?}");
            }
        }
    }
}
