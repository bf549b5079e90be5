use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};
use challenges_memory::MemoryStore;
use serde_json::{Value, json};

use crate::host::{self, ACME, Host, NOBODY};

/// A store with a configurable failure.
#[derive(Clone, Debug)]
struct Failing {
    store: MemoryStore,
    mode: Arc<AtomicU8>,
}

const WELL: u8 = 0;
const DOWN: u8 = 1;
const LOST: u8 = 2;
const CROWDED: u8 = 3;
const CORRUPT: u8 = 4;

impl Failing {
    fn new() -> Self {
        Self { store: MemoryStore::new(), mode: Arc::new(AtomicU8::new(WELL)) }
    }

    fn check(&self) -> Result<(), StoreError> {
        match self.mode.load(Ordering::SeqCst) {
            DOWN => Err(StoreError::Unavailable("canary-host:5432 refused".into())),
            CORRUPT => Err(StoreError::Corrupt("canary-row".into())),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Store for Failing {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        self.check()?;
        self.store.load(request).await
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        match self.mode.load(Ordering::SeqCst) {
            LOST => Err(StoreError::OutcomeUnknown("canary-host hung up".into())),
            CROWDED => Ok(Commit::Conflict),
            _ => {
                self.check()?;
                self.store.commit(batch).await
            }
        }
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        self.check()?;
        self.store.list(kind, owner, after, limit).await
    }

    async fn due(&self, kind: Kind, shards: Range<u16>, now: Timestamp, max: usize) -> Result<Vec<Stored>, StoreError> {
        self.store.due(kind, shards, now, max).await
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, max: usize) -> Result<usize, StoreError> {
        self.store.purge(shards, before, max).await
    }
}

/// R9: a store failure is never a success, reveals no details, and makes no client send a secret again.
#[tokio::test]
async fn store_failures_pass_nothing_and_reveal_nothing() {
    let store = Failing::new();
    let mode = Arc::clone(&store.mode);
    let host = Host::with(store, |api| api).await;
    let (challenge, code) = host.code_challenge().await;
    let answer = format!("/v1/challenges/{challenge}/answers?challenge_answer={code}&allowed=true&challenge_type=code");
    let create = json!({ "spec": { "user_id": "alice", "challenge_type": "code" } });
    let list = "/v1/challenge_enrollment/totp?user_id=alice".to_owned();
    let read = format!("/v1/challenges/{challenge}");
    let rows = [
        (DOWN, "GET", &answer, Value::Null, 503, "store_unavailable"),
        (LOST, "GET", &answer, Value::Null, 503, "outcome_unknown"),
        (CROWDED, "GET", &answer, Value::Null, 503, "contended"),
        (CORRUPT, "GET", &answer, Value::Null, 500, "internal_error"),
        (DOWN, "GET", &read, Value::Null, 503, "store_unavailable"),
        (DOWN, "DELETE", &read, Value::Null, 503, "store_unavailable"),
        (DOWN, "GET", &list, Value::Null, 503, "store_unavailable"),
        (LOST, "POST", &"/v1/challenges".to_owned(), create.clone(), 503, "outcome_unknown"),
        (CROWDED, "POST", &"/v1/challenges".to_owned(), create, 503, "contended"),
    ];
    for (failing, method, path, body, status, error) in rows {
        mode.store(failing, Ordering::SeqCst);
        let reply = host.send(method, path, ACME, body).await;
        assert_eq!((reply.status, reply.error_code().as_str()), (status, error), "{method} {path}");
        assert_eq!(reply.header("retry-after"), None);
        assert!(!format!("{reply:?}").contains("canary"), "{reply:?}");
        mode.store(WELL, Ordering::SeqCst);
        assert_eq!(host.state(&challenge).await, "issued", "after {error}");
    }
    assert_eq!(host.get(&answer, NOBODY).await.status, 200);
}

#[tokio::test]
async fn full_store_is_507() {
    let store = MemoryStore::with_bound(NonZeroUsize::new(1).unwrap());
    let host = Host::with(store, |api| api).await;
    let (challenge, code) = host.code_challenge().await;
    let body = json!({ "spec": { "user_id": "alice", "challenge_type": "code" } });
    let full = host.post("/v1/challenges", ACME, body).await;
    assert_eq!((full.status, full.error_code().as_str()), (507, "store_full"));
    assert_eq!(full.header("retry-after"), None);
    let query = format!("challenge_answer={code}&allowed=true&challenge_type=code");
    assert_eq!(host.answer(&challenge, &query).await.status, 200, "answers still work");
}

#[tokio::test]
async fn unavailable_authorizer_is_503() {
    let host = Host::new().await;
    let body = json!({ "spec": { "user_id": "alice", "challenge_type": "code" } });
    for (method, path) in [("POST", "/v1/challenges"), ("GET", "/v1/challenge_enrollment/totp")] {
        let reply = host.send(method, path, host::DOWN, body.clone()).await;
        assert_eq!((reply.status, reply.error_code().as_str()), (503, "authorizer_unavailable"));
        assert!(reply.header("www-authenticate").is_none() && reply.header("retry-after").is_none());
        assert!(!format!("{reply:?}").contains("canary"));
    }
    assert_eq!(host.send("POST", "/v1/challenges", "wrong", body).await.status, 401, "control");
}

#[tokio::test]
async fn adapter_failure_is_500() {
    assert_eq!(challenges_http::Api::failure().status(), 500);
}
