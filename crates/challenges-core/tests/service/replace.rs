//! Replacement of the spec of a challenge, and the checks of a spec.

use std::time::Duration;

use challenges_core::endpoints::Address;
use challenges_core::{
    AnswerData, ChallengeSpec, ChallengeType, Decision, EndpointRef, Error, HolderSpec, Invalid, Policy, Purpose,
    State, Timeout,
};
use challenges_testkit::administrator;
use serde_json::json;

use crate::harness::{Host, owner, refused};

const CODE: ChallengeType = ChallengeType::Code;

fn spec(kind: ChallengeType) -> ChallengeSpec {
    ChallengeSpec::new(kind).unwrap()
}

/// R38: owner, code and answer data stay.
#[tokio::test]
async fn pending_challenge_is_replaced() {
    let host = Host::new().await;
    let data = AnswerData::new(&json!({"kept": true})).unwrap();
    let first = spec(CODE).pending().with_answer_data(data);
    let created = host.challenges.create(owner("alice"), first).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let change = spec(CODE).pending().with_timeout(Timeout::from_seconds(60).unwrap());
    let replaced = host.challenges.replace(id, change).await.unwrap();
    assert_eq!((replaced.state(), replaced.timeout().as_seconds()), (State::Pending, 60));
    assert_eq!(replaced.owner(), &owner("alice"));
    host.challenges.replace(id, spec(CODE)).await.unwrap();
    let Ok(Decision::Passed(passed)) = host.answer(id, CODE, code.expose()).await else {
        panic!("the code still answers")
    };
    assert_eq!(passed.answer_data().unwrap().expose(), r#"{"kept":true}"#);
}

/// R38: the stored record stays as it is, byte for byte.
#[tokio::test]
async fn issued_challenge_is_not_replaced() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let (id, before) = (created.challenge.id(), host.dump().await);
    let data = AnswerData::new(&json!({"evil": true})).unwrap();
    let change = spec(ChallengeType::Totp).with_answer_data(data).with_timeout(Timeout::from_seconds(86_400).unwrap());
    let returned = host.challenges.replace(id, change).await.unwrap();
    assert_eq!(returned.state(), State::Issued);
    assert_eq!(host.dump().await, before);
}

#[tokio::test]
async fn expired_challenge_is_not_revived() {
    let host = Host::new().await;
    let created = host.challenges.create(owner("alice"), spec(CODE).pending()).await.unwrap();
    host.clock.advance(Duration::from_secs(600));
    let longer = spec(CODE).with_timeout(Timeout::from_seconds(86_400).unwrap());
    let replaced = host.challenges.replace(created.challenge.id(), longer).await.unwrap();
    assert_eq!(replaced.state_at(host.challenges.now()), State::TimedOut);
    assert!(refused(host.answer(created.challenge.id(), CODE, created.code.unwrap().expose()).await));
}

#[tokio::test]
async fn code_type_added_later_has_no_code() {
    let host = Host::new().await;
    let created = host.challenges.create(owner("alice"), spec(ChallengeType::Totp).pending()).await.unwrap();
    assert!(created.code.is_none());
    let replaced = host.challenges.replace(created.challenge.id(), spec(CODE)).await.unwrap();
    assert_eq!(replaced.state(), State::ChallengeFailed);
}

#[tokio::test]
async fn invalid_specs_are_refused() {
    let mut policy = Policy::default();
    policy.response_origins = ["https://ok.example".parse().unwrap()].into();
    let host = Host::with_policy(policy).await;
    let create = async |spec| match host.challenges.create(owner("alice"), spec).await {
        Err(Error::Invalid(invalid)) => Some(invalid),
        _ => None,
    };
    let at = |uri: &str| spec(CODE).with_response_uri(uri.parse().unwrap());
    assert_eq!(create(at("https://ok.example/answer")).await, None, "control");
    assert_eq!(create(at("https://evil.example/answer")).await, Some(Invalid::ResponseOrigin));
    let large = AnswerData::new(&json!({"data": "x".repeat(16 * 1024)})).unwrap();
    assert_eq!(create(spec(CODE).with_answer_data(large)).await, Some(Invalid::AnswerDataTooLarge { max: 16 * 1024 }));
    assert_eq!(create(spec(ChallengeType::Webauthn)).await, Some(Invalid::WebauthnUnavailable));
    let unknown = EndpointRef::from_parts(Some(&"0".repeat(40)), None).unwrap();
    assert_eq!(create(spec(CODE).with_endpoints(vec![unknown])).await, Some(Invalid::UnknownEndpoint));
    assert!(matches!(
        create(spec(CODE).with_endpoints(vec![unknown; 17])).await,
        Some(Invalid::TooMany { max: 16, .. })
    ));
}

#[test]
fn malformed_parts_of_a_spec_are_refused() {
    assert_eq!(EndpointRef::from_parts(None, None), Err(Invalid::EmptyEndpoint));
    assert_eq!(EndpointRef::from_parts(Some("abc"), None), Err(Invalid::UnknownEndpoint));
    assert_eq!(EndpointRef::from_parts(Some("abc"), Some(ChallengeType::Sms)), Err(Invalid::UnknownEndpoint));
    assert_eq!(EndpointRef::from_parts(None, Some(CODE)).unwrap().kind(), Some(CODE), "control");
    assert_eq!(ChallengeSpec::new(vec![]).unwrap_err(), Invalid::NoTypes);
    assert_eq!("one_time_use_action".parse::<ChallengeType>(), Err(Invalid::UnknownType));
    assert_eq!("code".parse::<ChallengeType>(), Ok(CODE), "control");
}

#[tokio::test]
async fn code_of_a_withdrawn_type_is_refused() {
    let host = Host::new().await;
    let address = Address::Phone("+4915112345678".parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap();
    let created = host.challenges.create(owner("alice"), spec(CODE).pending()).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let replaced = host.challenges.replace(id, spec(ChallengeType::Sms)).await.unwrap();
    assert_eq!(replaced.state(), State::Issued);
    for kind in [CODE, ChallengeType::Sms] {
        assert!(refused(host.answer(id, kind, code.expose()).await), "{kind}");
    }
}

/// The spec would be refused for a pending challenge.
#[tokio::test]
async fn replacement_after_issue_is_not_checked() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let elsewhere = || spec(CODE).with_response_uri("https://evil.example/".parse().unwrap());
    assert!(host.challenges.replace(created.challenge.id(), elsewhere()).await.is_ok());
    let pending = host.challenges.create(owner("alice"), spec(CODE).pending()).await.unwrap().challenge.id();
    let result = host.challenges.replace(pending, elsewhere()).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::ResponseOrigin))), "control: {result:?}");
}

/// R64: a holder of the id changes four fields, and keeps page, types and data. Control: the creator changes all.
#[tokio::test]
async fn holder_replaces_neither_page_nor_types_nor_data() {
    let mut policy = Policy::default();
    policy.response_origins = ["https://ok.example".parse().unwrap()].into();
    let host = Host::with_policy(policy).await;
    let address = Address::Phone("+4915112345678".parse().unwrap());
    let phone =
        host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap();
    let page = |path: &str| format!("https://ok.example/{path}").parse().unwrap();
    let data = |name: &str| AnswerData::new(&json!({ "data": name })).unwrap();
    let change = || {
        let mut spec = spec(ChallengeType::Sms)
            .pending()
            .with_timeout(Timeout::from_seconds(77).unwrap())
            .with_response_uri(page("theirs"))
            .with_endpoints(vec![EndpointRef::endpoint(phone.id())])
            .with_answer_data(data("theirs"));
        spec.origin = Some("https://origin.example".parse().unwrap());
        spec
    };
    for holder in [true, false] {
        let first = spec(CODE).pending().with_response_uri(page("ours")).with_answer_data(data("ours"));
        let created = host.challenges.create(owner("alice"), first).await.unwrap();
        let id = created.challenge.id();
        let replaced = match holder {
            true => host.challenges.replace_as_holder(id, change().into()).await.unwrap(),
            false => host.challenges.replace(id, change()).await.unwrap(),
        };
        assert_eq!(replaced.timeout().as_seconds(), 77);
        assert_eq!(replaced.origin().unwrap().as_str(), "https://origin.example");
        assert_eq!(replaced.endpoints()[0].id().unwrap().to_string(), phone.id().to_string());
        let (kind, path) = if holder { (CODE, "ours") } else { (ChallengeType::Sms, "theirs") };
        assert_eq!(replaced.types().unwrap().single(), Some(kind));
        assert_eq!(replaced.response_uri(), Some(&page(path)));
        let mut issue = HolderSpec::default();
        issue.send_now = true;
        assert_eq!(host.challenges.replace_as_holder(id, issue).await.unwrap().state(), State::Issued);
        if holder {
            let passed = host.answer(id, CODE, created.code.unwrap().expose()).await.unwrap().passed().unwrap();
            assert_eq!(passed.answer_data().unwrap().expose(), r#"{"data":"ours"}"#);
        }
    }
}

/// R64: in every state. Control: the creator replaces the same challenge.
#[tokio::test]
async fn holder_replaces_no_challenge_with_purpose() {
    let host = Host::new().await;
    for pending in [true, false] {
        let mut first = spec(CODE).with_purpose(Purpose::new("transfer").unwrap());
        first.send_now = !pending;
        let id = host.challenges.create(owner("alice"), first).await.unwrap().challenge.id();
        let before = host.dump().await;
        let result = host.challenges.replace_as_holder(id, HolderSpec::default()).await;
        assert!(matches!(result, Err(Error::Invalid(Invalid::CreatorOnly))), "{result:?}");
        assert_eq!(host.dump().await, before);
        assert_eq!(host.challenges.replace(id, spec(CODE)).await.unwrap().state(), State::Issued, "control");
    }
}
