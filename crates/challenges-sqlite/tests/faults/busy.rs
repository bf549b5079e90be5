use challenges_core::State;
use challenges_core::store::StoreError;
use rusqlite::Connection;
use tempfile::tempdir;

use super::harness::{alice, answer, create, error_chain, service, store_error};
use challenges_core::{ChallengeSpec, Decision, Error};

/// R57: while another process holds the write lock, no answer passes and no attempt is spent.
#[tokio::test]
async fn busy_database_neither_passes_nor_charges() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let challenges = service(&path).await;
    let open = create(&challenges).await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    for code in [open.code.expose(), "a wrong answer"] {
        let error = store_error(answer(&challenges, open.id, code).await);
        assert!(matches!(error, Error::Store(StoreError::Unavailable(_))), "{error:?}");
        assert!(error_chain(&error).contains("raise SqliteOptions::busy_timeout"), "{}", error_chain(&error));
    }
    store_error(create(&challenges).await.map(|_| ()));
    store_error(challenges.create(alice(), ChallengeSpec::new(super::harness::CODE).unwrap()).await.map(drop));
    store_error(challenges.delete(open.id).await);
    // Reads are not blocked.
    let stored = challenges.get(open.id).await.unwrap();
    assert_eq!((stored.state(), stored.wrong_answers()), (State::Issued, 0));

    other.execute_batch("ROLLBACK").unwrap();
    assert!(matches!(answer(&challenges, open.id, "a wrong answer").await, Err(Error::AnswerRefused)));
    assert_eq!(challenges.get(open.id).await.unwrap().wrong_answers(), 1);
    assert!(matches!(answer(&challenges, open.id, open.code.expose()).await, Ok(Decision::Passed(_))));
    assert!(matches!(answer(&challenges, open.id, open.code.expose()).await, Err(Error::AnswerRefused)));
}
