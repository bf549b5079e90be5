use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Owner};
use challenges_memory::MemoryStore;
use tracing::Level;

use crate::capture::Log;

/// Answers a challenge with a type that the challenge does not offer, without an observer, and returns the log.
async fn log_at(level: Level) -> (String, String) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(level).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).build().await.unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let challenge = challenges.create(Owner::user("alice").unwrap(), spec).await.unwrap().challenge;
    let refused = challenges.answer(Answer::allow(challenge.id(), ChallengeType::Totp, "123456")).await;
    assert!(matches!(refused, Err(Error::AnswerRefused)), "{refused:?}");
    (log.text(), challenge.id().to_string())
}

/// A developer without an observer finds the reason of a refusal in the log at `DEBUG`.
#[tokio::test]
async fn refusal_is_logged_without_observer() {
    let (text, id) = log_at(Level::DEBUG).await;
    assert!(text.contains("answer_refused: type_not_offered"), "{text}");
    assert!(!text.contains(&id) && !text.contains("123456"), "the log holds a secret: {text}");
    let (text, _) = log_at(Level::INFO).await;
    assert!(!text.contains("answer_refused"), "control: nothing at INFO: {text}");
}
