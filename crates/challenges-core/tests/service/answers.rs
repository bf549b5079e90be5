use std::sync::Arc;
use std::time::Duration;

use challenges_core::endpoints::Address;
use challenges_core::{
    Answer, AnswerData, Challenge, ChallengeSpec, ChallengeType, ChallengeTypes, Decision, Error, Outcome, Owner,
    Policy, Refused, State, Timeout,
};
use challenges_testkit::{Yielding, administrator};
use futures::future::join_all;

use crate::harness::{Host, Seen, owner, passed, refused, service};

const CODE: ChallengeType = ChallengeType::Code;

#[tokio::test]
async fn right_answer_passes_and_yields_data_once() {
    let host = Host::new().await;
    let data = AnswerData::new(&serde_json::json!({"token": "canary"})).unwrap();
    let spec = ChallengeSpec::new(CODE).unwrap().with_answer_data(data);
    let created = host.challenges.create(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    assert_eq!(code.expose().len(), 22);

    let Ok(Decision::Passed(passed)) = host.answer(id, CODE, code.expose()).await else { panic!("not passed") };
    assert_eq!(passed.answer_data().unwrap().expose(), r#"{"token":"canary"}"#);
    assert_eq!((passed.owner(), passed.kind()), (&owner("alice"), Some(CODE)));
    assert!(refused(host.answer(id, CODE, code.expose()).await));
    assert_eq!(host.challenges.get(id).await.unwrap().state(), State::ChallengePassed);
    let seen = [Seen::Created, Seen::Moved(Outcome::Passed), Seen::Refused(Refused::Final)];
    assert_eq!(host.seen.take(), seen);
}

/// R10: a declined challenge never passes, and the answer data is deleted.
#[tokio::test]
async fn declining_needs_the_code_and_yields_nothing() {
    let host = Host::new().await;
    let data = AnswerData::new(&serde_json::json!({"token": "canary"})).unwrap();
    let spec = ChallengeSpec::new(CODE).unwrap().with_answer_data(data);
    let created = host.challenges.create(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    assert!(host.dump().await.contains("answer_data"), "control: the data is stored until then");
    assert!(refused(host.challenges.answer(Answer::decline(id, CODE, "wrong")).await));
    let open = host.challenges.get(id).await.unwrap();
    assert_eq!((open.state(), open.wrong_answers()), (State::Issued, 1));

    let declined = host.challenges.answer(Answer::decline(id, CODE, code.expose())).await.unwrap();
    assert!(matches!(declined, Decision::Declined(challenge) if challenge.state() == State::ChallengeDeclined));
    assert!(refused(host.answer(id, CODE, code.expose()).await));
    assert!(!host.dump().await.contains("answer_data"));
}

/// R12: an answer for another user or type is refused uncompared and counts against nobody.
#[tokio::test]
async fn answer_is_bound_to_challenge_user_and_type() {
    let host = Host::new().await;
    let [first, second] = [host.create("alice", CODE).await, host.create("alice", CODE).await];
    let code = first.code.unwrap();
    let code = code.expose();
    let (id, other) = (first.challenge.id(), second.challenge.id());

    assert!(refused(host.answer(other, CODE, code).await), "the code of another challenge");
    assert_eq!(host.challenges.get(other).await.unwrap().wrong_answers(), 1, "control: that code was compared");
    host.seen.take();
    for (answer, reason) in [
        (Answer::allow(id, CODE, code).by_user("bob"), Refused::OtherUser),
        (Answer::allow(id, CODE, code).by_user(""), Refused::OtherUser),
        (Answer::allow(id, ChallengeType::Sms, code), Refused::TypeNotOffered),
        (Answer::approve_action(id, code), Refused::TypeNotOffered),
        (Answer::of_unknown_type(id), Refused::TypeNotOffered),
        (Answer::allow(id, ChallengeType::Webauthn, code), Refused::TypeNotOffered),
    ] {
        assert!(refused(host.challenges.answer(answer).await), "{reason:?}");
        assert_eq!(host.seen.take(), [Seen::Refused(reason)]);
    }
    assert_eq!(host.challenges.get(id).await.unwrap().wrong_answers(), 0);
    assert!(passed(host.challenges.answer(Answer::allow(id, CODE, code).by_user("alice")).await));
}

/// R12: users of the same name in two tenants do not answer for each other.
#[tokio::test]
async fn answer_is_bound_to_the_tenant() {
    let host = Host::new().await;
    let [here, there] = ["here", "there"].map(|tenant| Owner::in_tenant(tenant, "alice").unwrap());
    let create = || host.challenges.create(there.clone(), ChallengeSpec::new(CODE).unwrap());
    let created = create().await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let answer = || Answer::allow(id, CODE, code.expose());
    host.seen.take();
    for other in [&here, &owner("alice"), &Owner::in_tenant("there", "bob").unwrap()] {
        assert!(refused(host.challenges.answer(answer().by_owner(other)).await), "{other:?}");
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::OtherUser)]);
    }
    assert_eq!(host.challenges.get(id).await.unwrap().wrong_answers(), 0, "nothing was compared");
    let by_name = create().await.unwrap();
    let named = Answer::allow(by_name.challenge.id(), CODE, by_name.code.unwrap().expose()).by_user("alice");
    assert!(passed(host.challenges.answer(named).await), "control: a name alone fits any tenant");
    assert!(passed(host.challenges.answer(answer().by_owner(&there)).await));
}

#[tokio::test]
async fn repeated_wrong_answer_counts_once() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let id = created.challenge.id();
    for _ in 0..3 {
        assert!(refused(host.answer(id, CODE, "wrong").await));
    }
    assert_eq!(host.challenges.get(id).await.unwrap().wrong_answers(), 1);
    assert!(refused(host.answer(id, CODE, "other").await));
    assert!(refused(host.answer(id, CODE, "wrong").await));
    let wrong = host.challenges.get(id).await.unwrap().wrong_answers();
    assert_eq!(wrong, 3, "only the last wrong answer is remembered");
}

/// R5: every secret takes at most 100 wrong answers by default.
#[tokio::test]
async fn hundred_wrong_answers_close_a_challenge() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let id = created.challenge.id();
    for number in 0..110 {
        assert!(refused(host.answer(id, CODE, &format!("wrong{number}")).await));
    }
    assert_eq!(host.challenges.get(id).await.unwrap().wrong_answers(), 100);
    assert!(refused(host.answer(id, CODE, created.code.unwrap().expose()).await));
}

/// R8: wrong secrets of a kind close that kind only.
#[tokio::test]
async fn wrong_links_leave_the_code_usable() {
    let mut policy = Policy::default();
    policy.secrets_per_challenge = 3;
    let host = Host::with_policy(policy).await;
    let address = Address::Phone("+4915112345678".parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap();
    let types = ChallengeTypes::try_from(vec![CODE, ChallengeType::Sms]).unwrap();
    for (wrong, is_usable) in [(ChallengeType::Sms, true), (CODE, false)] {
        host.clock.advance(Duration::from_secs(60));
        let created = host.challenges.create(owner("alice"), ChallengeSpec::new(types.clone()).unwrap()).await.unwrap();
        let id = created.challenge.id();
        for guess in 0..3 {
            assert!(refused(host.answer(id, wrong, &format!("guess {guess}")).await));
        }
        let answered = host.answer(id, CODE, created.code.unwrap().expose()).await;
        assert_eq!(answered.is_ok(), is_usable, "control: wrong codes close the code");
    }
}

#[tokio::test]
async fn challenge_has_times_of_creation_and_change() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let (start, id) = (host.now(), created.challenge.id());
    assert_eq!((created.challenge.created(), created.challenge.updated()), (start, start));
    host.clock.advance(Duration::from_secs(5));
    assert!(passed(host.answer(id, CODE, created.code.unwrap().expose()).await));
    let stored = host.challenges.get(id).await.unwrap();
    assert_eq!((stored.created(), stored.updated()), (start, host.now()));
}

/// R23: the public fields of a challenge do not tell whether an answer was compared.
#[tokio::test]
async fn wrong_answer_leaves_update_time_unchanged() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let id = created.challenge.id();
    host.clock.advance(Duration::from_secs(5));
    assert!(refused(host.answer(id, CODE, "wrong").await));
    let stored = host.challenges.get(id).await.unwrap();
    assert_eq!(stored.wrong_answers(), 1, "control: the answer was compared");
    assert_eq!(stored.updated(), created.challenge.updated());
}

/// R15: the time of arrival decides, and an answer at the timeout is late.
#[tokio::test]
async fn answer_at_the_timeout_is_refused() {
    for (seconds, answered) in [(599, true), (600, false), (601, false)] {
        let host = Host::new().await;
        let created = host.create("alice", CODE).await;
        host.clock.advance(Duration::from_secs(seconds));
        let result = host.answer(created.challenge.id(), CODE, created.code.unwrap().expose()).await;
        assert_eq!(passed(result), answered, "after {seconds} seconds");
    }
}

/// R15: the NIST preset allows lifetimes of at most ten minutes.
#[tokio::test]
async fn preset_caps_the_timeout() {
    let host = Host::with_policy(Policy::nist_800_63b()).await;
    let create = |seconds| {
        let spec = ChallengeSpec::new(CODE).unwrap().with_timeout(Timeout::from_seconds(seconds).unwrap());
        host.challenges.create(owner("alice"), spec)
    };
    assert!(create(600).await.is_ok());
    assert!(matches!(create(601).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn pending_challenge_refuses_answers_until_issued() {
    let host = Host::new().await;
    let spec = ChallengeSpec::new(CODE).unwrap().pending();
    let created = host.challenges.create(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    assert_eq!(created.challenge.state(), State::Pending);
    assert!(refused(host.answer(id, CODE, code.expose()).await));
    let issued = host.challenges.replace(id, ChallengeSpec::new(CODE).unwrap()).await.unwrap();
    assert_eq!(issued.state(), State::Issued);
    assert!(passed(host.answer(id, CODE, code.expose()).await));
}

#[tokio::test]
async fn challenge_fails_without_an_answerable_type() {
    let host = Host::new().await;
    let state = async |types: &[ChallengeType]| {
        let spec = ChallengeSpec::new(ChallengeTypes::new(None, Some(types.to_vec())).unwrap()).unwrap();
        host.challenges.create(owner("alice"), spec).await.unwrap().challenge.state()
    };
    assert_eq!(state(&[ChallengeType::Totp]).await, State::ChallengeFailed);
    assert_eq!(state(&[ChallengeType::Sms, ChallengeType::WebPush]).await, State::ChallengeFailed);
    assert_eq!(state(&[ChallengeType::Totp, CODE]).await, State::Issued);
    host.enroll("alice").await;
    assert_eq!(state(&[ChallengeType::Totp]).await, State::Issued);
}

#[tokio::test]
async fn deleted_challenge_is_not_found() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let id = created.challenge.id();
    host.challenges.delete(id).await.unwrap();
    assert!(matches!(host.challenges.delete(id).await, Err(Error::NotFound)));
    assert!(matches!(host.challenges.get(id).await, Err(Error::NotFound)));
    assert!(matches!(host.answer(id, CODE, created.code.unwrap().expose()).await, Err(Error::NotFound)));
}

/// R1: a page that admits a user by deleting the passed challenge admits the user once.
#[tokio::test]
async fn one_of_many_concurrent_deletes_succeeds() {
    let host = Host::new().await;
    let store = Yielding::sharing(Arc::clone(&host.store));
    let racing = service(store, Policy::default(), host.clock.clone(), host.seen.clone()).await;
    let created = host.create("alice", CODE).await;
    let id = created.challenge.id();
    assert!(passed(host.answer(id, CODE, created.code.unwrap().expose()).await));
    let has_passed = async || racing.get(id).await.unwrap().state() == State::ChallengePassed;
    assert_eq!(join_all((0..16).map(|_| has_passed())).await, [true; 16], "control: every reader sees the pass");
    let deleted = join_all((0..16).map(|_| racing.delete(id))).await;
    assert_eq!(deleted.iter().filter(|deleted| deleted.is_ok()).count(), 1);
    assert!(deleted.iter().all(|deleted| matches!(deleted, Ok(()) | Err(Error::NotFound))));
}

#[tokio::test]
async fn challenges_are_listed_in_order_and_paged() {
    let host = Host::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(host.create("alice", CODE).await.challenge.id());
        let _ = host.create("bob", CODE).await;
        host.clock.advance(Duration::from_millis(1));
    }
    let page = host.challenges.list(&owner("alice"), None, 3).await.unwrap();
    let rest = host.challenges.list(&owner("alice"), Some(page[2].id()), 500).await.unwrap();
    let listed: Vec<_> = page.iter().chain(&rest).map(Challenge::id).collect();
    assert_eq!(listed, ids);
    for limit in [0, 501] {
        assert!(matches!(host.challenges.list(&owner("alice"), None, limit).await, Err(Error::Invalid(_))));
    }
}
