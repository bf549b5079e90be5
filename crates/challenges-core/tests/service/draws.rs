//! Each decision takes its random bytes from one draw.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_core::entropy::Entropy;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges};
use challenges_testkit::{DefectiveStore, SeededEntropy, key_ring};

use crate::harness::owner;

/// Counts the draws.
#[derive(Debug)]
struct Counted(SeededEntropy, Arc<AtomicUsize>);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.fill(bytes)
    }
}

#[tokio::test]
async fn creation_and_answer_draw_once_each() {
    let draws = Arc::new(AtomicUsize::new(0));
    let counted = Counted(SeededEntropy::new(1), Arc::clone(&draws));
    let builder = Challenges::builder(DefectiveStore::sound(), key_ring()).entropy(counted);
    let challenges = builder.build().await.unwrap();
    draws.store(0, Ordering::Relaxed);
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let created = challenges.create(owner("alice"), spec).await.unwrap();
    assert_eq!(draws.swap(0, Ordering::Relaxed), 1);
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
    assert_eq!(draws.load(Ordering::Relaxed), 1);
}
