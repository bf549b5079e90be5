//! The library on a store, as in a host application.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::outbox::{Failure, Job};
use challenges_core::time::{Clock, SystemClock};
use challenges_core::{
    AnswerData, ChallengeSpec, ChallengeType, Challenges, Courier, CreatedChallenge, KeyRing, Owner, Store, Timestamp,
};
use challenges_webauthn::Webauthn;

#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) challenges: Challenges,
    pub(crate) clock: ShiftedClock,
}

impl Host {
    pub(crate) async fn new(store: impl Store) -> Self {
        let (keys, clock) = (KeyRing::generate().unwrap(), ShiftedClock::default());
        let builder = Challenges::builder(store, keys).clock(clock.clone()).webauthn(Webauthn::new());
        Self { challenges: builder.build().await.unwrap(), clock }
    }

    /// Creates a code challenge with answer data, the standard challenge of all benches.
    pub(crate) async fn create(&self, owner: Owner) -> CreatedChallenge {
        #[derive(serde::Serialize)]
        struct Data {
            token: &'static str,
        }
        let data = AnswerData::new(&Data { token: "0123456789abcdef0123456789abcdef" }).unwrap();
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(data);
        self.challenges.create(owner, spec).await.unwrap()
    }
}

pub(crate) fn user(number: usize) -> Owner {
    Owner::user(format!("user{number}")).unwrap()
}

/// The system clock plus an offset.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShiftedClock(Arc<AtomicU64>);

impl ShiftedClock {
    pub(crate) fn put_forward(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as u64, Ordering::Relaxed);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().after(Duration::from_millis(self.0.load(Ordering::Relaxed)))
    }
}

/// A courier that does nothing, so that only the cost of the outbox is measured.
#[derive(Debug)]
pub(crate) struct Idle;

#[async_trait]
impl Courier for Idle {
    async fn perform(&self, _: &Job) -> Result<Option<u16>, Failure> {
        Ok(Some(200))
    }
}
