use challenges_core::{
    Address, AnswerData, Answered, ChallengeSpec, ChallengeType, Error, Invalid, Policy, ResponseOrigins, State,
    Timeout, Types,
};

use crate::harness::{Host, owner, refused};

const CODE: ChallengeType = ChallengeType::Code;

fn spec(kind: ChallengeType) -> ChallengeSpec {
    ChallengeSpec::new(kind).unwrap()
}

#[tokio::test]
async fn r38_a_replacement_changes_the_particulars_of_a_pending_challenge_and_keeps_the_data() {
    let host = Host::new().await;
    let data = AnswerData::new(&serde_json::json!({"kept": true})).unwrap();
    let created =
        host.challenges.create_challenge(owner("alice"), spec(CODE).pending().with_answer_data(data)).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let change = spec(CODE).pending().with_timeout(Timeout::from_seconds(60).unwrap());
    let replaced = host.challenges.replace_challenge(id, change).await.unwrap();
    assert_eq!((replaced.state(), replaced.timeout().as_seconds()), (State::Pending, 60));
    assert_eq!(replaced.owner(), &owner("alice"));
    host.challenges.replace_challenge(id, spec(CODE)).await.unwrap();
    let Ok(Answered::Passed(passed)) = host.answer(id, CODE, code.expose()).await else {
        panic!("the code still answers")
    };
    assert_eq!(passed.answer_data().unwrap().expose(), r#"{"kept":true}"#);
}

#[tokio::test]
async fn r38_after_issue_a_replacement_changes_nothing() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let (id, before) = (created.challenge.id(), host.dump().await);
    let data = AnswerData::new(&serde_json::json!({"evil": true})).unwrap();
    let change = spec(ChallengeType::Totp).with_answer_data(data).with_timeout(Timeout::from_seconds(86_400).unwrap());
    let answered = host.challenges.replace_challenge(id, change).await.unwrap();
    assert_eq!(answered.state(), State::Issued);
    assert_eq!(host.dump().await, before);
}

#[tokio::test]
async fn a_timed_out_pending_challenge_is_not_revived_by_a_replacement() {
    let host = Host::new().await;
    let created = host.challenges.create_challenge(owner("alice"), spec(CODE).pending()).await.unwrap();
    host.clock.advance(std::time::Duration::from_secs(600));
    let longer = spec(CODE).with_timeout(Timeout::from_seconds(86_400).unwrap());
    let replaced = host.challenges.replace_challenge(created.challenge.id(), longer).await.unwrap();
    assert_eq!(replaced.state_at(host.challenges.now()), State::TimedOut);
    assert!(refused(host.answer(created.challenge.id(), CODE, created.code.unwrap().expose()).await));
}

#[tokio::test]
async fn a_type_added_later_has_no_code_and_cannot_be_answered_by_one() {
    let host = Host::new().await;
    let created = host.challenges.create_challenge(owner("alice"), spec(ChallengeType::Totp).pending()).await.unwrap();
    assert!(created.code.is_none());
    let replaced = host.challenges.replace_challenge(created.challenge.id(), spec(CODE)).await.unwrap();
    assert_eq!(replaced.state(), State::ChallengeFailed);
}

#[tokio::test]
async fn what_a_spec_may_not_hold_is_refused_by_name() {
    let policy = {
        let mut policy = Policy::default();
        policy.response_origins = ResponseOrigins::exactly(["https://ok.example".parse().unwrap()]);
        policy
    };
    let host = Host::with_policy(policy).await;
    let create = async |spec| match host.challenges.create_challenge(owner("alice"), spec).await {
        Err(Error::Invalid(invalid)) => Some(invalid),
        _ => None,
    };
    let at = |uri: &str| spec(CODE).with_response_uri(uri.parse().unwrap());
    assert_eq!(create(at("https://ok.example/answer")).await, None);
    assert_eq!(create(at("https://evil.example/answer")).await, Some(Invalid::ResponseOrigin));
    let large = AnswerData::new(&serde_json::json!({"data": "x".repeat(16 * 1024)})).unwrap();
    assert_eq!(create(spec(CODE).with_answer_data(large)).await, Some(Invalid::AnswerDataTooLarge { max: 16 * 1024 }));
    assert_eq!(create(spec(ChallengeType::Webauthn)).await, Some(Invalid::WebauthnUnavailable));
    let nothing = challenges_core::EndpointRef { endpoint: None, kind: None };
    assert_eq!(create(spec(CODE).with_endpoints(vec![nothing])).await, Some(Invalid::EmptyEndpoint));
    let unknown = challenges_core::EndpointRef { endpoint: Some("abc".to_owned()), kind: None };
    assert_eq!(create(spec(CODE).with_endpoints(vec![unknown.clone()])).await, Some(Invalid::UnknownEndpoint));
    assert!(matches!(
        create(spec(CODE).with_endpoints(vec![unknown; 17])).await,
        Some(Invalid::TooMany { max: 16, .. })
    ));
    assert_eq!(Types::try_from(ChallengeType::OneTimeUseAction), Err(Invalid::OneTimeUseActionType));
}

#[tokio::test]
async fn a_code_whose_type_was_withdrawn_answers_nothing() {
    let host = Host::new().await;
    host.challenges
        .register_vouched_endpoint(owner("alice"), Address::Phone("+4915112345678".parse().unwrap()))
        .await
        .unwrap();
    let created = host.challenges.create_challenge(owner("alice"), spec(CODE).pending()).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let replaced = host.challenges.replace_challenge(id, spec(ChallengeType::Sms)).await.unwrap();
    assert_eq!(replaced.state(), State::Issued);
    for kind in [CODE, ChallengeType::Sms] {
        assert!(refused(host.answer(id, kind, code.expose()).await), "{kind}");
    }
}

#[tokio::test]
async fn after_issue_not_even_the_policy_is_asked() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let elsewhere = spec(CODE).with_response_uri("https://evil.example/".parse().unwrap());
    assert!(host.challenges.replace_challenge(created.challenge.id(), elsewhere).await.is_ok());
}
