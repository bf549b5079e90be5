//! Replaces the body of a stored challenge with any bytes: with a right tag, as if the service had written them, and
//! without.
//!
//! Reading and answering the challenge never panics, and no answer passes. Without a right tag, no read succeeds.
#![no_main]

use bytes::Bytes;
use challenges_core::store::{Batch, Key, Kind, Load, Record, Write};
use challenges_core::{Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Owner, Store};
use challenges_memory::MemoryStore;
use futures::executor::block_on;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

/// The tags of records, computed independently of the library.
#[allow(dead_code)]
#[path = "../../crates/challenges-core/tests/service/tagging.rs"]
mod tagging;

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

async fn service() -> (Arc<MemoryStore>, Challenges, ChallengeId) {
    let store = Arc::new(MemoryStore::new());
    let builder = Challenges::builder(store.clone(), KEYS.parse().expect("a key ring"));
    let challenges = builder.build().await.expect("a service");
    let owner = Owner::user("alice").expect("a name");
    let spec = ChallengeSpec::new(ChallengeType::Code).expect("a type");
    let id = challenges.create(owner, spec).await.expect("a challenge").challenge.id();
    (store, challenges, id)
}

fuzz_target!(|body: &[u8]| {
    block_on(async {
        for is_tagged in [true, false] {
            let (store, challenges, id) = service().await;
            let key = Key::new(Kind::Challenge, id.to_string().parse().expect("an id"));
            let found = store.load(&Load::key(key)).await.expect("a record").pop();
            let read = found.expect("the challenge").version;
            let version = [7; 16];
            let record = Record { key, due: None, expires: None, body: Bytes::copy_from_slice(body) };
            let record =
                if is_tagged { tagging::Tags::of(&*store).await.tagged("k1", record, version) } else { record };
            let batch = Batch::new(version, vec![Write::update(read, record)]).expect("a batch");
            let _ = store.commit(batch).await.expect("a commit");
            assert!(challenges.get(id).await.is_err() || is_tagged);
            assert!(challenges.answer(Answer::allow(id, ChallengeType::Code, "guess")).await.is_err());
        }
    });
});
