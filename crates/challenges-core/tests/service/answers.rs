use std::sync::Arc;
use std::time::Duration;

use challenges_core::machine::{Outcome, Refused};
use challenges_core::{
    Answer, AnswerData, Answered, ChallengeSpec, ChallengeType, Error, Owner, Policy, State, Timeout, Types,
};
use challenges_testkit::Yielding;
use futures::future::join_all;

use crate::harness::{Host, Seen, owner, passed, refused, service};

const CODE: ChallengeType = ChallengeType::Code;

#[tokio::test]
async fn a_right_answer_passes_once_and_hands_out_the_data_once() {
    let host = Host::new().await;
    let data = AnswerData::new(&serde_json::json!({"token": "canary"})).unwrap();
    let spec = ChallengeSpec::new(CODE).unwrap().with_answer_data(data);
    let created = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    assert_eq!(code.expose().len(), 22);

    let Ok(Answered::Passed(passed)) = host.answer(id, CODE, code.expose()).await else { panic!("not passed") };
    assert_eq!(passed.answer_data().unwrap().expose(), r#"{"token":"canary"}"#);
    assert_eq!((passed.owner(), passed.kind()), (&owner("alice"), CODE));
    assert!(refused(host.answer(id, CODE, code.expose()).await));
    assert_eq!(host.challenges.challenge(id).await.unwrap().state(), State::ChallengePassed);
    let seen = [Seen::Created, Seen::Moved(Outcome::Passed), Seen::Refused(Refused::Final)];
    assert_eq!(host.seen.take(), seen);
}

#[tokio::test]
async fn declining_needs_the_right_answer_and_hands_out_nothing() {
    let host = Host::new().await;
    let data = AnswerData::new(&serde_json::json!({"token": "canary"})).unwrap();
    let spec = ChallengeSpec::new(CODE).unwrap().with_answer_data(data);
    let created = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    assert!(refused(host.challenges.answer(Answer::decline(id, CODE, "wrong")).await));
    let open = host.challenges.challenge(id).await.unwrap();
    assert_eq!((open.state(), open.wrong_answers()), (State::Issued, 1));

    let declined = host.challenges.answer(Answer::decline(id, CODE, code.expose())).await.unwrap();
    assert!(matches!(declined, Answered::Declined(challenge) if challenge.state() == State::ChallengeDeclined));
    assert!(refused(host.answer(id, CODE, code.expose()).await), "r10");
    assert!(!host.dump().await.contains("answer_data"), "what was not handed out is not kept");
}

#[tokio::test]
async fn r12_an_answer_is_bound_to_challenge_user_and_type_and_charged_to_nobody_otherwise() {
    let host = Host::new().await;
    let [first, second] = [host.create("alice", CODE).await, host.create("alice", CODE).await];
    let code = first.code.unwrap();
    let code = code.expose();
    let (id, other) = (first.challenge.id(), second.challenge.id());

    assert!(refused(host.answer(other, CODE, code).await), "the code of another challenge");
    assert_eq!(host.challenges.challenge(other).await.unwrap().wrong_answers(), 1, "it was compared");
    host.seen.take();
    for (answer, reason) in [
        (Answer::allow(id, CODE, code).by_user("bob"), Refused::OtherUser),
        (Answer::allow(id, CODE, code).by_user(""), Refused::OtherUser),
        (Answer::allow(id, ChallengeType::Sms, code), Refused::TypeNotOffered),
        (Answer::allow(id, ChallengeType::OneTimeUseAction, code), Refused::TypeNotOffered),
        (Answer::allow(id, ChallengeType::Webauthn, code), Refused::TypeNotOffered),
    ] {
        assert!(refused(host.challenges.answer(answer).await), "{reason:?}");
        assert_eq!(host.seen.take(), [Seen::Refused(reason)]);
    }
    assert_eq!(host.challenges.challenge(id).await.unwrap().wrong_answers(), 0);
    assert!(passed(host.challenges.answer(Answer::allow(id, CODE, code).by_user("alice")).await));
}

/// R12: answers are bound to the user, tenant included.
#[tokio::test]
async fn users_of_one_name_in_two_tenants_do_not_answer_for_each_other() {
    let host = Host::new().await;
    let [here, there] = ["here", "there"].map(|tenant| Owner::in_tenant(tenant, "alice").unwrap());
    let create = || host.challenges.create_challenge(there.clone(), ChallengeSpec::new(CODE).unwrap());
    let created = create().await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let answer = || Answer::allow(id, CODE, code.expose());
    host.seen.take();
    for other in [&here, &owner("alice"), &Owner::in_tenant("there", "bob").unwrap()] {
        assert!(refused(host.challenges.answer(answer().by_owner(other)).await), "{other:?}");
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::OtherUser)]);
    }
    assert_eq!(host.challenges.challenge(id).await.unwrap().wrong_answers(), 0, "nothing was compared");
    let by_name = create().await.unwrap();
    let named = Answer::allow(by_name.challenge.id(), CODE, by_name.code.unwrap().expose()).by_user("alice");
    assert!(passed(host.challenges.answer(named).await), "the control: a name alone is of any tenant");
    assert!(passed(host.challenges.answer(answer().by_owner(&there)).await));
}

#[tokio::test]
async fn an_identical_repeat_of_the_last_wrong_answer_is_charged_once() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let id = created.challenge.id();
    for _ in 0..3 {
        assert!(refused(host.answer(id, CODE, "wrong").await));
    }
    assert_eq!(host.challenges.challenge(id).await.unwrap().wrong_answers(), 1);
    assert!(refused(host.answer(id, CODE, "other").await));
    assert!(refused(host.answer(id, CODE, "wrong").await));
    assert_eq!(host.challenges.challenge(id).await.unwrap().wrong_answers(), 3, "only the last one counts as a repeat");
}

#[tokio::test]
async fn r5_every_secret_is_limited_to_a_hundred_wrong_answers_by_default() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let id = created.challenge.id();
    for number in 0..110 {
        assert!(refused(host.answer(id, CODE, &format!("wrong{number}")).await));
    }
    assert_eq!(host.challenges.challenge(id).await.unwrap().wrong_answers(), 100);
    assert!(refused(host.answer(id, CODE, created.code.unwrap().expose()).await));
}

#[tokio::test]
async fn a_challenge_tells_when_it_was_created_and_when_it_last_changed() {
    let host = Host::new().await;
    let created = host.create("alice", ChallengeType::Code).await;
    let (start, id) = (host.now(), created.challenge.id());
    assert_eq!((created.challenge.created(), created.challenge.updated()), (start, start));
    host.clock.advance(Duration::from_secs(5));
    assert!(passed(host.answer(id, ChallengeType::Code, created.code.unwrap().expose()).await));
    let stored = host.challenges.challenge(id).await.unwrap();
    assert_eq!((stored.created(), stored.updated()), (start, host.now()));
}

/// R23: what anybody may read of a challenge does not tell whether an answer was compared.
#[tokio::test]
async fn r23_a_refused_answer_changes_nothing_that_is_shown() {
    let host = Host::new().await;
    let created = host.create("alice", ChallengeType::Code).await;
    let id = created.challenge.id();
    host.clock.advance(Duration::from_secs(5));
    assert!(refused(host.answer(id, ChallengeType::Code, "wrong").await));
    let stored = host.challenges.challenge(id).await.unwrap();
    assert_eq!(stored.wrong_answers(), 1, "it was compared");
    assert_eq!(stored.updated(), created.challenge.updated());
}

#[tokio::test]
async fn r15_an_answer_is_decided_by_the_time_at_which_it_arrives() {
    for (seconds, answered) in [(599, true), (600, false), (601, false)] {
        let host = Host::new().await;
        let created = host.create("alice", CODE).await;
        host.clock.advance(std::time::Duration::from_secs(seconds));
        let result = host.answer(created.challenge.id(), CODE, created.code.unwrap().expose()).await;
        assert_eq!(passed(result), answered, "after {seconds} seconds");
    }
}

#[tokio::test]
async fn r15_a_preset_caps_the_lifetime() {
    let host = Host::with_policy(challenges_core::Policy::nist_800_63b()).await;
    let create = |seconds| {
        let spec = ChallengeSpec::new(CODE).unwrap().with_timeout(Timeout::from_seconds(seconds).unwrap());
        host.challenges.create_challenge(owner("alice"), spec)
    };
    assert!(create(600).await.is_ok());
    assert!(matches!(create(601).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_pending_challenge_takes_no_answer_until_it_is_issued() {
    let host = Host::new().await;
    let spec = ChallengeSpec::new(CODE).unwrap().pending();
    let created = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    assert_eq!(created.challenge.state(), State::Pending);
    assert!(refused(host.answer(id, CODE, code.expose()).await));
    let issued = host.challenges.replace_challenge(id, ChallengeSpec::new(CODE).unwrap()).await.unwrap();
    assert_eq!(issued.state(), State::Issued);
    assert!(passed(host.answer(id, CODE, code.expose()).await));
}

#[tokio::test]
async fn a_challenge_fails_only_when_none_of_its_types_can_be_answered() {
    let host = Host::new().await;
    let state = async |types: &[ChallengeType]| {
        let spec = ChallengeSpec::new(Types::new(None, Some(types.to_vec())).unwrap()).unwrap();
        host.challenges.create_challenge(owner("alice"), spec).await.unwrap().challenge.state()
    };
    assert_eq!(state(&[ChallengeType::Totp]).await, State::ChallengeFailed);
    assert_eq!(state(&[ChallengeType::Sms, ChallengeType::WebPush]).await, State::ChallengeFailed);
    assert_eq!(state(&[ChallengeType::Totp, CODE]).await, State::Issued);
    host.enroll("alice").await;
    assert_eq!(state(&[ChallengeType::Totp]).await, State::Issued);
}

#[tokio::test]
async fn a_deleted_challenge_is_gone() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let id = created.challenge.id();
    host.challenges.delete_challenge(id).await.unwrap();
    assert!(matches!(host.challenges.delete_challenge(id).await, Err(Error::NotFound)));
    assert!(matches!(host.challenges.challenge(id).await, Err(Error::NotFound)));
    assert!(matches!(host.answer(id, CODE, created.code.unwrap().expose()).await, Err(Error::NotFound)));
}

/// R1: what a page that waits for a phone lets in by deleting the passed challenge, it lets in once.
#[tokio::test]
async fn of_all_that_delete_a_challenge_at_once_one_succeeds() {
    let host = Host::new().await;
    let store = Yielding::sharing(Arc::clone(&host.store));
    let racing = service(store, Policy::default(), host.clock.clone(), host.seen.clone()).await;
    let created = host.create("alice", CODE).await;
    let id = created.challenge.id();
    assert!(passed(host.answer(id, CODE, created.code.unwrap().expose()).await));
    let look = async || racing.challenge(id).await.unwrap().state() == State::ChallengePassed;
    assert_eq!(join_all((0..16).map(|_| look())).await, [true; 16], "the control: it reads as passed for all of them");
    let deleted = join_all((0..16).map(|_| racing.delete_challenge(id))).await;
    assert_eq!(deleted.iter().filter(|deleted| deleted.is_ok()).count(), 1);
    assert!(deleted.iter().all(|deleted| matches!(deleted, Ok(()) | Err(Error::NotFound))));
}

#[tokio::test]
async fn challenges_of_a_user_are_listed_in_order_and_by_page() {
    let host = Host::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(host.create("alice", CODE).await.challenge.id());
        let _ = host.create("bob", CODE).await;
        host.clock.advance(std::time::Duration::from_millis(1));
    }
    let page = host.challenges.challenges_of(&owner("alice"), None, 3).await.unwrap();
    let rest = host.challenges.challenges_of(&owner("alice"), Some(page[2].id()), 500).await.unwrap();
    let listed: Vec<_> = page.iter().chain(&rest).map(challenges_core::Challenge::id).collect();
    assert_eq!(listed, ids);
    for limit in [0, 501] {
        assert!(matches!(host.challenges.challenges_of(&owner("alice"), None, limit).await, Err(Error::Invalid(_))));
    }
}
