//! The service on SQLite: transactions per call, file contents, and restarts.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use challenges_core::{Answer, AnswerData, ChallengeSpec, ChallengeType, Challenges, Factor, KeyRing, Owner, State};
use challenges_sqlite::SqliteStore;
use challenges_testkit::{Authenticator, administrator};
use tempfile::TempDir;

const CODE: ChallengeType = ChallengeType::Code;
const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

struct Host {
    challenges: Challenges,
    store: SqliteStore,
}

async fn host(path: &Path) -> Host {
    let store = SqliteStore::open(path).unwrap();
    let keys: KeyRing = KEYS.parse().unwrap();
    let challenges = Challenges::builder(store.clone(), keys).build().await.unwrap();
    Host { challenges, store }
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("challenges.db")
}

fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

#[tokio::test]
async fn mutations_take_one_transaction_and_reads_none() {
    let directory = tempfile::tempdir().unwrap();
    let Host { challenges, store } = host(&file(&directory)).await;
    let mut before = store.statistics().write_transactions;
    let mut spent = || {
        let now = store.statistics().write_transactions;
        now - std::mem::replace(&mut before, now)
    };
    let created = challenges.create(alice(), ChallengeSpec::new(CODE).unwrap()).await.unwrap();
    assert_eq!(spent(), 1, "create");
    let id = created.challenge.id();
    challenges.get(id).await.unwrap();
    assert_eq!(spent(), 0, "get");
    assert!(challenges.answer(Answer::allow(id, CODE, "wrong")).await.is_err());
    assert_eq!(spent(), 1, "a wrong answer");
    assert!(challenges.answer(Answer::allow(id, CODE, created.code.unwrap().expose())).await.is_ok());
    assert_eq!(spent(), 1, "a right answer");
    assert!(challenges.answer(Answer::allow(id, CODE, "late")).await.is_err());
    assert_eq!(spent(), 0, "an answer to a closed challenge");

    let (enrollment, key) = challenges.totp().create(alice(), &administrator()).await.unwrap();
    assert_eq!(spent(), 1, "an enrollment");
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let code = app.wrong_code(challenges.now(), 1).into();
    assert!(challenges.totp().confirm(&alice(), &administrator(), enrollment.id(), &code).await.is_err());
    assert_eq!(spent(), 1, "a wrong confirmation code, counted in two records");
}

/// R28: the file and the log contain no secret.
#[tokio::test]
async fn no_secret_is_in_file_or_log() {
    const CANARY: &str = "canary-8d21";
    let directory = tempfile::tempdir().unwrap();
    let Host { challenges, store } = host(&file(&directory)).await;
    let data = AnswerData::new(&serde_json::json!({ "secret": CANARY })).unwrap();
    let spec = ChallengeSpec::new(CODE).unwrap().with_answer_data(data);
    let created = challenges.create(alice(), spec).await.unwrap();
    let (_, key) = challenges.totp().create(alice(), &administrator()).await.unwrap();
    let key = key.to_base32();
    let secrets = [CANARY, created.code.as_ref().unwrap().expose(), key.expose()];
    let dump = || -> Vec<u8> {
        let files = std::fs::read_dir(directory.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    };
    let open = dump();
    drop((challenges, store));
    for dump in [open, dump()] {
        let contains = |text: &str| dump.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(contains("alice"), "control: public data is found");
        for secret in secrets {
            assert!(!contains(secret), "{secret} is in the file");
        }
        println!("{} secrets searched in {} bytes of database and log, 0 found", secrets.len(), dump.len());
    }
}

/// R72: after an erasure and the statement of the guide, no byte of the files names the user, while the service runs.
#[tokio::test]
async fn erased_user_is_in_no_byte_of_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory);
    let Host { challenges, .. } = host(&path).await;
    let contains = |text: &str| {
        let files = std::fs::read_dir(directory.path()).unwrap();
        let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    let (user, bob) = (Owner::user("canary-72e1").unwrap(), Owner::user("canary-bob").unwrap());
    for owner in [&user, &bob] {
        let _ = challenges.totp().create(owner.clone(), &administrator()).await.unwrap();
        challenges.recovery_codes().generate(owner, &administrator()).await.unwrap();
        for _ in 0..20 {
            let _ = challenges.create(owner.clone(), ChallengeSpec::new(CODE).unwrap()).await.unwrap();
        }
    }
    assert!(challenges.account(&user).erase().await.unwrap() >= 23);
    assert!(contains("canary-72e1"), "control: deleted records stay in free pages and the log");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    assert!(!contains("canary-72e1"));
    assert!(contains("canary-bob"), "control: another user is found");
    challenges.list(&bob, None, 100).await.unwrap();
}

/// R6: failure counts, enrollments and open challenges survive a restart.
#[tokio::test]
async fn counts_and_challenges_survive_restart() {
    let directory = tempfile::tempdir().unwrap();
    let first = host(&file(&directory)).await;
    let (enrollment, key) = first.challenges.totp().create(alice(), &administrator()).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let code = app.code(first.challenges.now()).into();
    first.challenges.totp().confirm(&alice(), &administrator(), enrollment.id(), &code).await.unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap();
    let id = first.challenges.create(alice(), spec).await.unwrap().challenge.id();
    for guess in 0..3 {
        let wrong = app.wrong_code(first.challenges.now(), guess);
        assert!(first.challenges.answer(Answer::allow(id, ChallengeType::Totp, wrong)).await.is_err());
    }
    drop(first);
    let second = host(&file(&directory)).await.challenges;
    assert_eq!(second.account(&alice()).failures(Factor::Totp).await.unwrap(), 3);
    let stored = second.get(id).await.unwrap();
    assert_eq!((stored.state(), stored.wrong_answers()), (State::Issued, 3));
    let replayed = Answer::allow(id, ChallengeType::Totp, code.expose());
    assert!(second.answer(replayed).await.is_err(), "the code that completed the enrollment passed again");
}
