//! Replaces the body of a stored challenge with any bytes.
//!
//! Reading and answering the challenge never panics, and no answer passes.
#![no_main]

use bytes::Bytes;
use challenges_core::store::{Batch, Expect, Key, Kind, Load, Record, Version, Write};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Store};
use challenges_memory::MemoryStore;
use futures::executor::block_on;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|body: &[u8]| {
    block_on(async {
        let store = Arc::new(MemoryStore::new());
        let keys = KeyRing::generate().expect("random bytes");
        let challenges = Challenges::builder(store.clone(), keys).build().await.expect("a service");
        let owner = Owner::user("alice").expect("a name");
        let spec = ChallengeSpec::new(ChallengeType::Code).expect("a type");
        let id = challenges.create(owner, spec).await.expect("a challenge").challenge.id();
        let key = Key::new(Kind::Challenge, id.to_string().parse().expect("an id"));
        let loaded = store.load(&Load::key(key)).await.expect("a record");
        let version = loaded.find(key).expect("the challenge").version;
        let record = Record { key, due: None, expires: None, body: Bytes::copy_from_slice(body) };
        let write = Write::put(Expect::At(version), record);
        let batch = Batch::new(Version::from_bytes([7; 16]), vec![write]).expect("a batch");
        let _ = store.commit(batch).await.expect("a commit");
        let _ = challenges.get(id).await;
        assert!(challenges.answer(Answer::allow(id, ChallengeType::Code, "guess")).await.is_err());
    });
});
