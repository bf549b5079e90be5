//! The service on Redis: file contents, crashes, and deleted records.

use std::time::Duration;

use challenges_core::store::Id;
use challenges_core::{
    Answer, AnswerData, ChallengeSpec, ChallengeType, Challenges, Factor, KeyRing, Owner, State, Store as _, Timestamp,
};
use challenges_proofs::redis::RedisServer;
use challenges_proofs::servers::KEYS;
use challenges_redis::RedisStore;
use challenges_testkit::{Authenticator, FakeClock, administrator};

const CODE: ChallengeType = ChallengeType::Code;

async fn service(server: &RedisServer) -> Challenges {
    let store = RedisStore::open(&server.url()).await.unwrap();
    let keys: KeyRing = KEYS.parse().unwrap();
    Challenges::builder(store, keys).build().await.unwrap()
}

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

/// R28: the snapshot and the append-only file contain no secret.
#[tokio::test]
async fn no_secret_is_in_snapshot_or_log() {
    const CANARY: &str = "canary-8d21";
    let options = ["--appendonly", "yes", "--appendfsync", "always", "--rdbcompression", "no"];
    let server = RedisServer::start(&options).unwrap();
    let challenges = service(&server).await;
    let data = AnswerData::new(&serde_json::json!({ "secret": CANARY })).unwrap();
    let spec = ChallengeSpec::new(CODE).unwrap().with_answer_data(data);
    let created = challenges.create(alice(), spec).await.unwrap();
    let (_, key) = challenges.totp().create(alice(), &administrator()).await.unwrap();
    let key = key.to_base32();
    let secrets = [CANARY, created.code.as_ref().unwrap().expose(), key.expose()];
    server.cli(&["SAVE"]).unwrap();
    let log = files(&server.directory().join("appendonlydir"));
    let snapshot = std::fs::read(server.directory().join("dump.rdb")).unwrap();
    for (what, bytes) in [("log", log), ("snapshot", snapshot)] {
        let contains = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(contains("alice"), "control: public data is found in the {what}");
        for secret in secrets {
            assert!(!contains(secret), "{secret} is in the {what}");
        }
        println!("{} secrets searched in {} bytes of the {what}, 0 found", secrets.len(), bytes.len());
    }
}

/// R72: after an erasure no key or value names the user, and a rewritten append-only file does not either.
#[tokio::test]
async fn erased_user_is_in_no_byte_of_the_server() {
    let options = ["--appendonly", "yes", "--appendfsync", "always", "--rdbcompression", "no"];
    let server = RedisServer::start(&options).unwrap();
    let challenges = service(&server).await;
    let (user, bob) = (Owner::user("canary-72e1").unwrap(), Owner::user("canary-bob").unwrap());
    for owner in [&user, &bob] {
        let _ = challenges.totp().create(owner.clone(), &administrator()).await.unwrap();
        challenges.recovery_codes().generate(owner, &administrator()).await.unwrap();
        let _ = challenges.create(owner.clone(), ChallengeSpec::new(CODE).unwrap()).await.unwrap();
    }
    challenges.account(&user).erase().await.unwrap();
    let contains = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let log = || files(&server.directory().join("appendonlydir"));
    server.cli(&["SAVE"]).unwrap();
    let snapshot = std::fs::read(server.directory().join("dump.rdb")).unwrap();
    assert!(!contains(&snapshot, "canary-72e1") && contains(&snapshot, "canary-bob"));
    assert!(contains(&log(), "canary-72e1"), "control: the log keeps earlier writes");
    server.cli(&["BGREWRITEAOF"]).unwrap();
    while !server.cli(&["INFO", "persistence"]).unwrap().contains("aof_rewrite_in_progress:0") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The old files are deleted in the background, once the rewritten file is in use.
    while contains(&log(), "canary-72e1") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(contains(&log(), "canary-bob"));
}

fn files(directory: &std::path::Path) -> Vec<u8> {
    let files = std::fs::read_dir(directory).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

/// R6: failure counts and used codes survive a crash.
#[tokio::test]
async fn counts_and_used_codes_survive_crash() {
    let mut server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"]).unwrap();
    let first = service(&server).await;
    let (enrollment, key) = first.totp().create(alice(), &administrator()).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let code = app.code(first.now()).into();
    first.totp().confirm(&alice(), &administrator(), enrollment.id(), &code).await.unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap();
    let id = first.create(alice(), spec).await.unwrap().challenge.id();
    for guess in 0..3 {
        let wrong = app.wrong_code(first.now(), guess);
        assert!(first.answer(Answer::allow(id, ChallengeType::Totp, wrong)).await.is_err());
    }
    server.kill();
    server.restart().unwrap();
    // Both the old service and a new one continue.
    let second = service(&server).await;
    for challenges in [&first, &second] {
        assert_eq!(challenges.account(&alice()).failures(Factor::Totp).await.unwrap(), 3);
        let stored = challenges.get(id).await.unwrap();
        assert_eq!((stored.state(), stored.wrong_answers()), (State::Issued, 3));
    }
    let replayed = Answer::allow(id, ChallengeType::Totp, code.expose());
    assert!(second.answer(replayed).await.is_err(), "the code that completed the enrollment passed again");
}

#[tokio::test]
async fn deleted_and_purged_challenges_leave_no_entries() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000));
    let builder = Challenges::builder(store.clone(), KEYS.parse().unwrap()).clock(clock.clone());
    let challenges = builder.build().await.unwrap();
    let entries = || {
        let count = "local n = 0 for _, key in ipairs(redis.call('KEYS', '*')) do \
                     n = n + redis.call(redis.call('TYPE', key).ok == 'hash' and 'HLEN' or 'ZCARD', key) end return n";
        server.cli(&["EVAL", count, "0"]).unwrap()
    };
    let empty = entries();
    for number in 0..40 {
        let user = Owner::user(format!("user{number}")).unwrap();
        let created = challenges.create(user, ChallengeSpec::new(CODE).unwrap()).await.unwrap();
        let id = created.challenge.id();
        match number % 3 {
            0 => challenges.delete(id).await.unwrap(),
            1 => drop(challenges.answer(Answer::allow(id, CODE, created.code.unwrap().expose())).await.unwrap()),
            _ => assert!(challenges.answer(Answer::allow(id, CODE, "wrong")).await.is_err()),
        }
    }
    assert_ne!(entries(), empty, "control: challenges have entries");
    clock.advance(Duration::from_secs(100 * 86_400));
    let purged = store.purge(0..Id::SHARDS, Timestamp::MAX, 1_000).await.unwrap();
    assert!(purged > 0);
    assert_eq!(entries(), empty);
}
