use challenges_core::store::{Batch, Expect, Id, Key, Kind, Load, OwnerTag, Record, Then, Version, Write};
use challenges_core::{Answer, ChallengeType, Timestamp};
use challenges_memory::MemoryStore;
use serde_json::{Map, Value};

use super::cryptography::{Cryptography, draw, place};
use crate::callers;
use crate::floor::{Floor as _, Maps};
use crate::host::{Host, user};
use crate::measure::{Turns, in_turns, timed};
use crate::operation::Operation;
use crate::trace::{Step, Trace};

pub(super) const CYCLES: usize = 10_000;
const DATA: &str = r#"{"token":"0123456789abcdef0123456789abcdef"}"#;

pub(super) fn cycles() -> Turns<2> {
    let runtime = callers::runtime(1);
    let bodies = runtime.block_on(Bodies::of_the_library());
    in_turns([
        &mut || {
            let host = runtime.block_on(Host::new(MemoryStore::new()));
            timed(|| {
                runtime.block_on(async {
                    for number in 0..CYCLES {
                        cycle(&host, number).await;
                    }
                });
            })
        },
        &mut || {
            let (cryptography, maps) = (Cryptography::new(), Maps::new());
            timed(|| {
                runtime.block_on(async {
                    for number in 0..CYCLES {
                        bodies.cycle(&cryptography, &maps, number).await;
                    }
                });
            })
        },
    ])
}

/// Creates and answers a challenge of one of a thousand users.
pub(crate) async fn cycle(host: &Host, number: usize) {
    let created = host.create(user(number % 1_000)).await;
    let code = created.code.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    assert!(host.challenges.answer(answer).await.unwrap().passed().unwrap().answer_data().is_some());
}

type Body = Vec<(String, Value)>;

/// Record bodies of the library, so that the floor encodes the same bytes.
struct Bodies {
    created: Body,
    answered: Body,
}

impl Bodies {
    async fn of_the_library() -> Self {
        let put = |trace: Trace| {
            let batch = trace.calls.into_iter().flatten().find_map(|step| match step {
                Step::Commit(batch) => Some(batch),
                _ => None,
            });
            let mut writes = batch.unwrap().into_parts().1.into_iter();
            let record = writes.find_map(|write| match write.then {
                Then::Put(record) => Some(record),
                _ => None,
            });
            let object: Map<String, Value> = serde_json::from_slice(&record.unwrap().body).unwrap();
            object.into_iter().collect()
        };
        Self {
            created: put(Trace::of(Operation::Create, 1).await),
            answered: put(Trace::of(Operation::AnswerByCode, 1).await),
        }
    }

    async fn cycle(&self, cryptography: &Cryptography, maps: &Maps, number: usize) {
        let owner = user(number % 1_000);
        let tag = OwnerTag::new((number as u64 % 1_000).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let now = Timestamp::from_millis(1_700_000_000_000 + number as u64);
        let id = Id::new(now, tag, u128::from_le_bytes(draw()));
        let [of_code, of_data] = ["code", "answer_data"].map(|field| place(id, &owner, field));
        let code = draw::<22>().map(|byte| char::from(b'A' + byte % 26)).iter().collect::<String>();
        let mac = cryptography.mac(&of_code, &code);
        let sealed = cryptography.seal(&of_data, DATA.as_bytes());
        let key = Key::new(Kind::Challenge, id);
        let put = |expect, body: &Body| {
            let record = Record { key, due: None, expires: Some(now), body: encode(body).into() };
            let version = Version::from_bytes(draw());
            (version, Step::Commit(Batch::new(version, vec![Write::put(expect, record)]).unwrap()))
        };
        let (created, step) = put(Expect::Absent, &self.created);
        maps.take(step).await;

        assert!(cryptography.verify(&of_code, &mac, &code));
        assert_eq!(cryptography.open(&of_data, &sealed).len(), DATA.len());
        maps.take(Step::Load(Load::key(key), vec![key])).await;
        maps.take(put(Expect::At(created), &self.answered).1).await;
    }
}

fn encode(entries: &Body) -> Vec<u8> {
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
