use challenges_core::store::{Batch, Id, Key, Kind, Load, Record, Write};
use challenges_core::{Answer, ChallengeType, Timestamp};
use challenges_memory::MemoryStore;
use serde_json::{Map, Value};

use super::cryptography::{Cryptography, draw, place};
use crate::backend::Maps;
use crate::callers;
use crate::floor::Floor as _;
use crate::host::{Host, user};
use crate::measure::{Effort, Runs, alternate, timed};
use crate::operation::{Operation, Size, USERS};
use crate::trace::{Step, Trace};

pub(super) const CYCLES: usize = 500;
const DATA: &str = r#"{"token":"0123456789abcdef0123456789abcdef"}"#;

pub(super) fn cycles(effort: Effort) -> Runs<2> {
    let runtime = callers::runtime(1);
    let bodies = runtime.block_on(Bodies::of_the_library());
    Runs::of(effort.runs, |_| {
        let (host, mut number) = (runtime.block_on(Host::new(MemoryStore::new())), 0);
        let mut floor = FloorService::new(&bodies);
        alternate(
            effort.slices,
            [
                &mut || {
                    timed(|| {
                        runtime.block_on(async {
                            for _ in 0..CYCLES {
                                cycle(&host, number).await;
                                number += 1;
                            }
                        });
                    })
                },
                &mut || timed(|| runtime.block_on(async { floor.cycles(CYCLES).await })),
            ],
        )
    })
}

/// Creates and answers a challenge of one of [`USERS`] users.
pub(crate) async fn cycle(host: &Host, number: usize) {
    let created = host.create(user(number % USERS)).await;
    let code = created.code.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    assert!(host.challenges.answer(answer).await.unwrap().passed().unwrap().answer_data().is_some());
}

type Body = Vec<(String, Value)>;

/// Record bodies of the library, so that the floor encodes the same bytes.
struct Bodies {
    created: Body,
    answered: Body,
    counters: Body,
}

impl Bodies {
    async fn of_the_library() -> Self {
        let put = |trace: &Trace, wanted: Kind| {
            let commit = |step: &Step| if let Step::Commit(batch) = step { Some(batch.clone()) } else { None };
            let writes = trace.calls.iter().flatten().filter_map(commit).flat_map(|batch| batch.into_parts().1);
            let put = |write: Write| if let Write::Put { record, .. } = write { Some(record) } else { None };
            let record = writes.filter(|write| write.key().kind == wanted).find_map(put).unwrap();
            // The last line is the tag of the record.
            let content = record.body.split(|byte| *byte == b'\n').next().unwrap();
            let object: Map<String, Value> = serde_json::from_slice(content).unwrap();
            object.into_iter().collect()
        };
        let size = Size { slices: 1, each: 1 };
        let (created, answered) =
            (Trace::of(Operation::Create, size).await, Trace::of(Operation::AnswerByCode, size).await);
        Self {
            created: put(&created, Kind::Challenge),
            answered: put(&answered, Kind::Challenge),
            counters: put(&created, Kind::Counters),
        }
    }
}

/// The code challenge without the library.
struct FloorService<'a> {
    bodies: &'a Bodies,
    cryptography: Cryptography,
    maps: Maps,
    /// The version of the counters of each user.
    counters: Vec<Option<[u8; 16]>>,
    number: usize,
}

impl<'a> FloorService<'a> {
    fn new(bodies: &'a Bodies) -> Self {
        let counters = vec![None; USERS];
        Self { bodies, cryptography: Cryptography::new(), maps: Maps::new(), counters, number: 0 }
    }

    async fn cycles(&mut self, count: usize) {
        for _ in 0..count {
            self.cycle(self.number).await;
            self.number += 1;
        }
    }

    async fn cycle(&mut self, number: usize) {
        let owner = user(number % USERS);
        let tag = (number % USERS) as u64 * 0x9E37_79B9_7F4A_7C15 % u64::MAX;
        let now = Timestamp::from_millis(1_700_000_000_000 + number as u64);
        let id = Id::new(now, tag, u128::from_le_bytes(draw()));
        let [of_code, of_data] = ["code", "answer_data"].map(|field| place(id, &owner, field));
        let code = draw::<22>().map(|byte| char::from(b'A' + byte % 26)).iter().collect::<String>();
        let mac = self.cryptography.mac(&of_code, &code);
        let sealed = self.cryptography.seal(&of_data, DATA.as_bytes());
        let counters = Key::new(Kind::Counters, Id::new(Timestamp::default(), tag, 0));
        self.load_counters(number, counters).await;
        let challenge = Key::new(Kind::Challenge, id);
        let created = self.commit(number, (challenge, None, &self.bodies.created), counters, now).await;

        assert!(self.cryptography.verify(&of_code, &mac, &code));
        assert_eq!(self.cryptography.open(&of_data, &sealed).len(), DATA.len());
        self.maps.take(Step::Load(Load::key(challenge), vec![challenge, counters])).await;
        self.commit(number, (challenge, Some(created), &self.bodies.answered), counters, now).await;
    }

    async fn load_counters(&self, number: usize, counters: Key) {
        let found = if self.counters[number % USERS].is_none() { vec![] } else { vec![counters] };
        self.maps.take(Step::Load(Load::key(counters), found)).await;
    }

    /// Writes the challenge and the counters.
    async fn commit(
        &mut self,
        number: usize,
        (challenge, expect, body): (Key, Option<[u8; 16]>, &Body),
        counters: Key,
        now: Timestamp,
    ) -> [u8; 16] {
        let version = draw();
        let record = |key, body: &Body| Record { key, due: None, expires: Some(now), body: encode(body).into() };
        let writes = vec![
            Write::put(expect, record(challenge, body)),
            Write::put(self.counters[number % USERS], record(counters, &self.bodies.counters)),
        ];
        self.maps.take(Step::Commit(Batch::new(version, writes).unwrap())).await;
        self.counters[number % USERS] = Some(version);
        version
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
