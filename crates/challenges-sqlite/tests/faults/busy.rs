use challenges_core::State;
use challenges_core::store::StoreError;
use rusqlite::Connection;
use tempfile::tempdir;

use super::harness::{alice, answer, create, fault, service, told};
use challenges_core::{Answered, ChallengeSpec, Error};

#[tokio::test]
async fn r57_while_another_process_keeps_writing_nothing_passes_and_nothing_is_charged() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let challenges = service(&path).await;
    let open = create(&challenges).await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    for code in [open.code.expose(), "a wrong answer"] {
        let error = fault(answer(&challenges, open.id, code).await);
        assert!(matches!(error, Error::Store(StoreError::Unavailable(_))), "{error:?}");
        assert!(told(&error).contains("keep its transactions short, or raise the timeout"), "{}", told(&error));
    }
    fault(create(&challenges).await.map(|_| ()));
    fault(challenges.create_challenge(alice(), ChallengeSpec::new(super::harness::CODE).unwrap()).await.map(drop));
    fault(challenges.delete_challenge(open.id).await);
    // Reads do not mind.
    let stored = challenges.challenge(open.id).await.unwrap();
    assert_eq!((stored.state(), stored.wrong_answers()), (State::Issued, 0));

    other.execute_batch("ROLLBACK").unwrap();
    assert!(matches!(answer(&challenges, open.id, "a wrong answer").await, Err(Error::AnswerRefused)));
    assert_eq!(challenges.challenge(open.id).await.unwrap().wrong_answers(), 1);
    assert!(matches!(answer(&challenges, open.id, open.code.expose()).await, Ok(Answered::Passed(_))));
    assert!(matches!(answer(&challenges, open.id, open.code.expose()).await, Err(Error::AnswerRefused)));
}
