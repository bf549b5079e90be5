//! Edits of the records on a Redis server from outside the service.

use challenges_core::keyring::SealError;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Error, Owner};
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisStore;

use challenges_proofs::servers::KEYS;

const CODE: ChallengeType = ChallengeType::Code;

/// Returns the number of records that the service refuses as not written by a service.
async fn refused(challenges: &Challenges) -> usize {
    let report = challenges.reseal(None, 500).await.unwrap();
    assert!(report.unreadable.iter().all(|(_, error)| matches!(error, Error::Seal(SealError::ForgedRecord))));
    report.unreadable.len()
}

/// R61: every part of a stored value counts, and the field. Control: the value as written is accepted, before and after.
#[tokio::test]
async fn edited_values_are_refused() {
    let server = RedisServer::start(&[]).unwrap();
    let store = RedisStore::open(&server.url()).await.unwrap();
    let challenges = Challenges::builder(store, KEYS.parse().unwrap()).build().await.unwrap();
    let mut created = Vec::new();
    for _ in 0..2 {
        let spec = ChallengeSpec::new(CODE).unwrap();
        created.push(challenges.create(Owner::user("alice").unwrap(), spec).await.unwrap());
    }
    let hashes = server.cli(&["KEYS", "*:records"]).unwrap();
    let has = |hash: &&str, field: &str| server.cli(&["HEXISTS", hash, field]).unwrap().trim() == "1";
    let fields: Vec<_> = created.iter().map(|created| format!("3:{}", created.challenge.id())).collect();
    let hash = hashes.lines().find(|hash| has(hash, &fields[0])).unwrap();
    let [written, other] = [&fields[0], &fields[1]].map(|field| {
        let value = server.cli(&["HGET", hash, field]).unwrap();
        value.trim_end_matches(['\r', '\n']).to_owned()
    });
    // Version (32), due (20), expires (20), then the body.
    let (head, body) = written.split_at(72);
    let (content, tag) = body.split_once('\n').unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(content).is_ok(), "control: the content is as before");
    let edits = [
        ("version", format!("{}{}{body}", "0".repeat(32), &head[32..])),
        ("due", format!("{}{}{}{body}", &head[..32], "0".repeat(20), &head[52..])),
        ("expires", format!("{}{}{body}", &head[..52], "-".repeat(20))),
        ("expires later", format!("{}{:020}{body}", &head[..52], 4_102_444_800_000_u64)),
        ("owner", format!("{head}{}\n{tag}", content.replacen("alice", "malice", 1))),
        ("types", format!("{head}{}\n{tag}", content.replacen("\"code\"", "\"totp\"", 1))),
        ("no tag", format!("{head}{content}")),
        ("other value", other.clone()),
        ("other body", format!("{head}{}", &other[72..])),
    ];
    for (what, value) in edits {
        assert_ne!(value, written, "{what}");
        assert_eq!(refused(&challenges).await, 0, "control");
        server.cli(&["HSET", hash, &fields[0], &value]).unwrap();
        assert_eq!(refused(&challenges).await, 1, "{what}");
        let id = created[0].challenge.id();
        assert!(matches!(challenges.get(id).await, Err(Error::Seal(SealError::ForgedRecord))), "{what}");
        server.cli(&["HSET", hash, &fields[0], &written]).unwrap();
    }
    for created in created {
        let answer = Answer::allow(created.challenge.id(), CODE, created.code.unwrap().expose());
        assert!(challenges.answer(answer).await.unwrap().passed().is_some(), "control");
    }
}
