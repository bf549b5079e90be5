use std::error::Error as _;
use std::path::Path;
use std::time::Duration;

use challenges_core::store::StoreError;
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Decision, Error, KeyRing, Owner, Secret,
};
use challenges_sqlite::{OpenError, SqliteOptions};

pub(crate) const CODE: ChallengeType = ChallengeType::Code;
const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// A challenge whose creation was acknowledged.
pub(crate) struct Acknowledged {
    pub(crate) id: ChallengeId,
    pub(crate) code: Secret,
}

pub(crate) fn alice() -> Owner {
    Owner::user("alice").unwrap()
}

/// Opens a service with a busy timeout of 20 milliseconds.
pub(crate) async fn service(path: &Path) -> Challenges {
    try_service(path).await.unwrap().unwrap()
}

pub(crate) async fn try_service(path: &Path) -> Result<Result<Challenges, Error>, OpenError> {
    let store = SqliteOptions::new().busy_timeout(Duration::from_millis(20)).open(path)?;
    let keys: KeyRing = KEYS.parse().unwrap();
    Ok(Challenges::builder(store, keys).build().await)
}

pub(crate) async fn create(challenges: &Challenges) -> Result<Acknowledged, Error> {
    let created = challenges.create(alice(), ChallengeSpec::new(CODE).unwrap()).await?;
    Ok(Acknowledged { id: created.challenge.id(), code: created.code.unwrap() })
}

pub(crate) async fn answer(challenges: &Challenges, id: ChallengeId, code: &str) -> Result<Decision, Error> {
    challenges.answer(Answer::allow(id, CODE, code)).await
}

/// Formats an error with all its sources.
pub(crate) fn error_chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// Returns the error of a call that must fail with a store error.
pub(crate) fn store_error<T>(outcome: Result<T, Error>) -> Error {
    match outcome {
        Err(error @ Error::Store(_)) => error,
        Err(other) => panic!("not a store error: {}", error_chain(&other)),
        Ok(_) => panic!("the call succeeded despite the fault"),
    }
}

pub(crate) fn is_full(error: &Error) -> bool {
    matches!(error, Error::Store(StoreError::Full(_)))
}
