//! A whole challenge by code on the memory store, created with answer data and answered, beside a loop that only draws,
//! encodes, seals, hashes and stores the same bytes.

use challenges_core::keyring::{KeyRing, Place};
use challenges_core::store::{Key, Kind, ListQuery, Record, Stored, Version};
use challenges_core::{
    Answer, AnswerData, ChallengeSpec, ChallengeType, Challenges, Id, OsEntropy, Owner, OwnerTag, Store, Timestamp,
};
use challenges_memory::MemoryStore;
use serde_json::{Map, Value};
use std::sync::Arc;

use crate::floor::{Shards, draw};
use crate::measure::{Report, interleaved, timed};

const CYCLES: usize = 20_000;
const DATA: &str = r#"{"token":"0123456789abcdef0123456789abcdef"}"#;

pub(crate) fn code() -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bodies = Arc::new(runtime.block_on(Bodies::of_the_library()));
    interleaved(
        CYCLES,
        0.7,
        || {
            runtime.block_on(async {
                let keys = KeyRing::generate().unwrap();
                let challenges = Challenges::builder(MemoryStore::new(), keys).build().await.unwrap();
                let start = std::time::Instant::now();
                for number in 0..CYCLES {
                    cycle(&challenges, number).await;
                }
                start.elapsed()
            })
        },
        || {
            let keys = KeyRing::generate().unwrap();
            let shards = Shards::new();
            timed(|| (0..CYCLES).for_each(|number| bodies.cycle(&keys, &shards, number)))
        },
    )
}

/// A challenge of one of a thousand users.
pub(crate) async fn cycle(challenges: &Challenges, number: usize) {
    let owner = Owner::user(format!("user{}", number % 1_000)).unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(data());
    let created = challenges.create_challenge(owner, spec).await.unwrap();
    let code = created.code.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    let passed = challenges.answer(answer).await.unwrap().passed().unwrap();
    assert!(passed.answer_data().is_some());
}

pub(crate) fn data() -> AnswerData {
    #[derive(serde::Serialize)]
    struct Data {
        token: &'static str,
    }
    AnswerData::new(&Data { token: "0123456789abcdef0123456789abcdef" }).unwrap()
}

/// What the library stores, taken from it, so that the floor encodes the same bytes.
struct Bodies {
    created: Vec<(String, Value)>,
    answered: Vec<(String, Value)>,
}

impl Bodies {
    async fn of_the_library() -> Self {
        let store = Arc::new(MemoryStore::new());
        let challenges = Challenges::builder(store.clone(), KeyRing::generate().unwrap()).build().await.unwrap();
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(data());
        let created = challenges.create_challenge(Owner::user("user500").unwrap(), spec).await.unwrap();
        let before = body(&*store).await;
        let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
        assert!(challenges.answer(answer).await.unwrap().passed().is_some());
        Self { created: before, answered: body(&*store).await }
    }

    fn cycle(&self, keys: &KeyRing, shards: &Shards, number: usize) {
        let owner = Owner::user(format!("user{}", number % 1_000)).unwrap();
        let tag = OwnerTag::new((number as u64 % 1_000).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let now = Timestamp::from_millis(1_700_000_000_000 + number as u64);
        let id = Id::new(now, tag, u128::from_le_bytes(draw()));
        let place = Place { kind: Kind::Challenge, id, owner: &owner, field: "code" };
        let code = draw::<22>().map(|byte| char::from(b'A' + byte % 26)).iter().collect::<String>();
        let mac = keys.mac(place, &code);
        let sealed = keys.seal(&OsEntropy, place.field("answer_data"), DATA.as_bytes()).unwrap();
        let key = Key::new(Kind::Challenge, id);
        let expires = Some(now);
        let store = |entries: &[(String, Value)]| Record { key, due: None, expires, body: encode(entries).into() };
        let created = Version::from_bytes(draw());
        shards.insert(Stored { record: store(&self.created), version: created });

        assert!(keys.verify(place, &mac, &code).unwrap());
        assert_eq!(keys.open(place.field("answer_data"), &sealed).unwrap().len(), DATA.len());
        let version = shards.get(&key).version;
        shards.swap(version, Stored { record: store(&self.answered), version: Version::from_bytes(draw()) });
    }
}

async fn body(store: &dyn Store) -> Vec<(String, Value)> {
    let query = ListQuery { kind: Kind::Challenge, owner: None, after: None, limit: 1 };
    let stored = store.list(&query).await.unwrap().records.remove(0);
    let object: Map<String, Value> = serde_json::from_slice(&stored.record.body).unwrap();
    object.into_iter().collect()
}

fn encode(entries: &[(String, Value)]) -> Vec<u8> {
    use serde::ser::{SerializeMap as _, Serializer as _};
    let mut bytes = Vec::with_capacity(640);
    let mut serializer = serde_json::Serializer::new(&mut bytes);
    let mut map = serializer.serialize_map(Some(entries.len())).unwrap();
    for (name, value) in entries {
        map.serialize_entry(name, value).unwrap();
    }
    map.end().unwrap();
    bytes
}
