//! Edits of a SQLite file from outside the service.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;

use challenges_core::keyring::SealError;
use challenges_core::store::Kind;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Error, Owner, Store as _};
use challenges_sqlite::SqliteStore;
use challenges_testkit::administrator;
use rusqlite::Connection;
use tempfile::tempdir;

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Edits of one row, and the number of rows refused then.
const EDITS: [(&str, &str); 10] = [
    ("version", "version = zeroblob(16)"),
    ("due", "due = 5"),
    ("expires", "expires = 4102444800000"),
    ("no expiry", "expires = CASE WHEN expires IS NULL THEN 1 END"),
    ("kind", "kind = 9"),
    ("id", "id = substr(id, 1, 39) || CASE substr(id, 40) WHEN '0' THEN '1' ELSE '0' END"),
    ("user", "body = CAST(replace(CAST(body AS TEXT), 'alice', 'malice') AS BLOB)"),
    ("space", "body = CAST(replace(CAST(body AS TEXT), '\"v\":1', '\"v\": 1') AS BLOB)"),
    ("no tag", "body = CAST(substr(CAST(body AS TEXT), 1, instr(CAST(body AS TEXT), char(10)) - 1) AS BLOB)"),
    (
        "other body",
        "body = (SELECT s.body FROM saved.records s WHERE s.kind = records.kind AND s.id <> records.id LIMIT 1)",
    ),
];

/// Returns the kinds of the records that a service refuses as not written by a service.
async fn refused(challenges: &Challenges) -> Result<BTreeSet<Kind>, Error> {
    let report = challenges.reseal(None, 500).await?;
    assert!(report.unreadable.iter().all(|(_, error)| matches!(error, Error::Seal(SealError::ForgedRecord))));
    Ok(report.unreadable.iter().map(|(key, _)| key.kind).collect())
}

/// R61: every column counts. Control: the store itself reads the edited row, with a content that decodes.
#[tokio::test]
async fn edited_rows_are_refused() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("challenges.db");
    let store = SqliteStore::open(&path).unwrap();
    let challenges = Challenges::builder(store.clone(), KEYS.parse().unwrap()).build().await.unwrap();
    let mut codes = Vec::new();
    for user in ["alice", "alice2"] {
        let owner = Owner::user(user).unwrap();
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        codes.push(challenges.create(owner.clone(), spec).await.unwrap());
        let _ = challenges.totp().create(owner, &administrator()).await.unwrap();
    }
    let file = Connection::open(&path).unwrap();
    file.execute_batch("ATTACH ':memory:' AS saved; CREATE TABLE saved.records AS SELECT * FROM main.records").unwrap();
    for kind in [Kind::Counters, Kind::Challenge, Kind::TotpEnrollment] {
        for (field, edit) in EDITS {
            assert_eq!(refused(&challenges).await.unwrap(), BTreeSet::new(), "control");
            let one = format!(
                "UPDATE main.records SET {edit} WHERE kind = ?1 AND id = \
                (SELECT id FROM main.records WHERE kind = ?1 LIMIT 1)"
            );
            assert_eq!(file.execute(&one, [kind.code()]).unwrap(), 1);
            let found = if field == "kind" { Kind::DeadLetter } else { kind };
            assert_eq!(refused(&challenges).await.unwrap(), BTreeSet::from([found]), "{field} of {kind:?}");
            let listed = store.list(found, None, None, 9).await.unwrap();
            for stored in listed {
                let content = stored.record.body.split(|byte| *byte == b'\n').next().unwrap().to_vec();
                assert!(serde_json::from_slice::<serde_json::Value>(&content).is_ok(), "control: {field} of {kind:?}");
            }
            file.execute_batch("DELETE FROM main.records; INSERT INTO main.records SELECT * FROM saved.records")
                .unwrap();
        }
        let owner = "UPDATE main.records SET owner = owner + 1 WHERE kind = ?1";
        file.execute(owner, [kind.code()]).unwrap();
        assert!(matches!(refused(&challenges).await, Err(Error::Store(_))), "the store checks the owner column");
        file.execute_batch("DELETE FROM main.records; INSERT INTO main.records SELECT * FROM saved.records").unwrap();
    }
    for created in codes {
        let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
        assert!(challenges.answer(answer).await.unwrap().passed().is_some(), "control: the rows as written");
    }
}
