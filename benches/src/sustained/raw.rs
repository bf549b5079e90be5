use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::Timestamp;
use challenges_core::store::{Batch, Id, Key, Kind, Load, Record, Write};

use crate::callers::Caller;
use crate::floor::Live;
use crate::operation::{Operation, Size, USERS};
use crate::trace::{Step, Trace};

/// The steps of a creation and of an answer by code, made by the library, to be repeated for other users and challenges.
#[derive(Clone)]
pub(super) struct Template {
    create: Arc<Vec<Step>>,
    answer: Arc<Vec<Step>>,
}

impl Template {
    pub(super) async fn of_the_library() -> Self {
        let steps = async |operation| {
            let trace = Trace::of(operation, Size { slices: 1, each: 1 }).await;
            Arc::new(trace.calls.into_iter().flatten().collect())
        };
        Self { create: steps(Operation::Create).await, answer: steps(Operation::AnswerByCode).await }
    }
}

/// A caller of a floor. Users belong to a caller, as in the library's turn.
pub(super) struct RawCaller {
    live: Arc<dyn Live>,
    template: Template,
    number: usize,
    callers: usize,
    challenge: Option<Key>,
    /// The versions of the records of the users, and of the challenge.
    versions: HashMap<Key, [u8; 16]>,
}

impl RawCaller {
    pub(super) fn new(live: &Arc<dyn Live>, template: &Template, first: usize, callers: usize) -> Self {
        let (live, template) = (Arc::clone(live), template.clone());
        Self { live, template, number: first, callers, challenge: None, versions: HashMap::new() }
    }

    /// Returns the key of this turn in place of a key of the template.
    fn key(&self, challenge: Key, key: Key) -> Key {
        if key.kind == Kind::Challenge {
            return challenge;
        }
        Key::new(key.kind, Id::new(Timestamp::default(), challenge.id.owner(), 0))
    }

    async fn run(&mut self, step: &Step, challenge: Key) {
        let owner = challenge.id.owner();
        let step = match step {
            Step::Load(load, _) => {
                let new =
                    load.requested_key().map_or_else(|| Load::of(owner), |key| Load::key(self.key(challenge, key)));
                let owned = load.owned_kinds().iter().map(|kind| self.key(challenge, Key::new(*kind, challenge.id)));
                let keys = new.requested_key().into_iter().chain(owned);
                let found = keys.filter(|key| self.versions.contains_key(key)).collect();
                Step::Load(new.with_owned(load.owned_kinds()), found)
            }
            Step::Commit(batch) => {
                let version = rand_bytes();
                let writes = batch.writes().iter().map(|write| self.write(write, challenge)).collect();
                for write in batch.writes().iter().filter(|write| !matches!(write, Write::Keep { .. })) {
                    self.versions.insert(self.key(challenge, write.key()), version);
                }
                Step::Commit(Batch::new(version, writes).unwrap())
            }
            Step::List(..) | Step::Purge(..) => unreachable!("codes are created and answered by loads and commits"),
        };
        self.live.run(&step).await;
    }

    fn write(&self, write: &Write, challenge: Key) -> Write {
        let key = self.key(challenge, write.key());
        let expected = self.versions.get(&key).copied();
        match write {
            Write::Put { record, .. } => Write::Put { expected, record: Record { key, ..record.clone() } },
            Write::Keep { .. } => Write::Keep { key, expected },
            Write::Delete { .. } => Write::Delete { key, version: expected.unwrap() },
        }
    }
}

#[async_trait]
impl Caller for RawCaller {
    async fn call(&mut self) {
        if let Some(challenge) = self.challenge.take() {
            for step in Arc::clone(&self.template.answer).iter() {
                self.run(step, challenge).await;
            }
            self.versions.remove(&challenge);
            return;
        }
        let owner = ((self.number % USERS) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let now = Timestamp::from_millis(1_700_000_000_000 + self.number as u64);
        let challenge = Key::new(Kind::Challenge, Id::new(now, owner, u128::from_le_bytes(rand_bytes())));
        self.number += self.callers;
        for step in Arc::clone(&self.template.create).iter() {
            self.run(step, challenge).await;
        }
        self.challenge = Some(challenge);
    }
}

fn rand_bytes() -> [u8; 16] {
    use rand::TryRng as _;
    let mut bytes = [0; 16];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).unwrap();
    bytes
}
