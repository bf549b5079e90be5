use std::time::Duration;

use challenges_core::machine::{Outcome, Refused};
use challenges_core::webauthn::Rejected;
use challenges_core::{
    Answer, Answered, ChallengeSpec, ChallengeType, EndpointRef, Error, Invalid, Policy, SignCountPolicy, State, Types,
};
use challenges_testkit::Yielding;
use challenges_testkit::webauthn::SecurityKey;
use challenges_webauthn::Webauthn;

use crate::harness::{Host, ORIGIN, Seen, WEBAUTHN, asking, invalid, owner, passed, refused, relying_party, spec};

#[tokio::test]
async fn an_assertion_passes_once_and_says_which_credential_it_was() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let answer = host.assertion(id, &mut key).await;
    let passed = host.answer(id, &answer).await.unwrap().passed().unwrap();
    assert_eq!((passed.owner(), passed.kind()), (&owner("ann"), WEBAUTHN));
    assert_eq!(passed.credential().unwrap().enrollment, enrollment);
    host.seen.take();
    assert!(refused(host.answer(id, &answer).await), "R47");
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Final)]);
    assert_eq!(invalid(host.challenges.request_options(id).await), Some(Invalid::NoAssertionExpected));
}

/// R47: the public challenge is there once the challenge is issued, and is another one for each.
#[tokio::test]
async fn the_public_challenge_comes_with_issuing() {
    let host = Host::new().await;
    let enrollment = host.enroll("ann", &mut SecurityKey::new(1)).await;
    let pending = host.challenges.create_challenge(owner("ann"), asking(&[enrollment]).pending()).await.unwrap();
    let id = pending.challenge.id();
    assert_eq!((pending.challenge.state(), pending.challenge.public_challenge()), (State::Pending, None));
    assert_eq!(invalid(host.challenges.request_options(id).await), Some(Invalid::NoAssertionExpected));
    let issued = host.challenges.replace_challenge(id, asking(&[enrollment])).await.unwrap();
    let other = host.challenge("ann", &[enrollment]).await;
    assert_ne!(issued.public_challenge().unwrap(), host.stored(other).await.public_challenge().unwrap());
    let options = host.challenges.request_options(id).await.unwrap();
    assert_eq!(options["challenge"], issued.public_challenge().unwrap().to_string());
    assert_eq!((&options["rpId"], &options["timeout"]), (&"example.org".into(), &600_000.into()));
}

#[tokio::test]
async fn a_challenge_names_completed_enrollments_of_its_user() {
    let host = Host::new().await;
    let ours = host.enroll("ann", &mut SecurityKey::new(1)).await;
    let theirs = host.enroll("bob", &mut SecurityKey::new(2)).await;
    let pending = host.begin("ann").await.id();
    let create = async |spec| invalid(host.challenges.create_challenge(owner("ann"), spec).await);
    assert_eq!(create(asking(&[ours])).await, None);
    assert_eq!(create(asking(&[])).await, Some(Invalid::WebauthnEndpoint));
    assert_eq!(create(asking(&[]).pending()).await, Some(Invalid::WebauthnEndpoint));
    assert_eq!(create(asking(&[theirs])).await, Some(Invalid::UnknownEndpoint));
    assert_eq!(create(asking(&[pending])).await, Some(Invalid::UnknownEndpoint));
    let as_totp = EndpointRef { endpoint: Some(ours.to_string()), kind: Some(ChallengeType::Totp) };
    assert_eq!(create(asking(&[]).with_endpoints(vec![as_totp])).await, Some(Invalid::UnknownEndpoint));
    // A named enrollment of another kind is not one that may answer with an assertion.
    let phone = host.challenges.register_vouched_endpoint(
        owner("ann"),
        "+4915112345678".parse().map(challenges_core::Address::Phone).unwrap(),
    );
    let phone = EndpointRef { endpoint: Some(phone.await.unwrap().id().to_string()), kind: None };
    assert_eq!(create(asking(&[]).with_endpoints(vec![phone])).await, Some(Invalid::WebauthnEndpoint));
}

/// R46, R12.
#[tokio::test]
async fn only_named_credentials_of_the_challenged_user_answer() {
    let host = Host::new().await;
    let (mut named, mut other) = (SecurityKey::new(1), SecurityKey::new(2));
    let enrollment = host.enroll("ann", &mut named).await;
    let other_enrollment = host.enroll("ann", &mut other).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let both = host.challenge("ann", &[enrollment, other_enrollment]).await;
    let mut options = host.challenges.request_options(id).await.unwrap();
    assert!(other.get(&options, ORIGIN).is_err(), "the authenticator is not asked");
    options["allowCredentials"] = serde_json::json!([]);
    let answer = other.get(&options, ORIGIN).unwrap().sign().answer();
    host.seen.take();
    assert!(refused(host.answer(id, &answer).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::NothingToCompare)]);
    assert_eq!(host.stored(id).await.wrong_answers(), 0);
    // The assertion of one challenge is nothing to another one.
    let answer = host.assertion(id, &mut named).await;
    assert!(refused(host.answer(both, &answer).await));
    assert_eq!(host.seen.take().first(), Some(&Seen::Fault(enrollment, Rejected::Challenge)));
    assert!(passed(host.answer(id, &answer).await));
    let answer = host.assertion(both, &mut other).await;
    assert!(passed(host.answer(both, &answer).await));
}

/// R40: also when it is deleted while the answer is under way, which the store's versions show.
#[tokio::test]
async fn a_deleted_enrollment_answers_no_open_challenge() {
    for counts in [true, false] {
        let host = Host::new().await;
        let mut key = SecurityKey::new(1);
        key.sign_count = counts.then_some(0);
        let enrollment = host.enroll("ann", &mut key).await;
        let id = host.challenge("ann", &[enrollment]).await;
        let answer = host.assertion(id, &mut key).await;
        host.challenges.delete_webauthn_enrollment(&owner("ann"), enrollment).await.unwrap();
        assert!(refused(host.answer(id, &answer).await));
        assert_eq!(host.stored(id).await.state(), State::Issued);
        assert_eq!(invalid(host.challenges.request_options(id).await), Some(Invalid::NoAssertionExpected));
    }
}

#[tokio::test]
async fn a_pending_challenge_whose_credential_is_gone_fails_when_it_is_issued() {
    let host = Host::new().await;
    let enrollment = host.enroll("ann", &mut SecurityKey::new(1)).await;
    let totp = host.challenges.create_totp_enrollment(owner("ann")).await.unwrap();
    let pending = host.challenges.create_challenge(owner("ann"), asking(&[enrollment]).pending()).await.unwrap();
    host.challenges.delete_webauthn_enrollment(&owner("ann"), enrollment).await.unwrap();
    let replaced = host.challenges.replace_challenge(pending.challenge.id(), asking(&[enrollment])).await;
    assert_eq!(invalid(replaced), Some(Invalid::UnknownEndpoint));
    drop(totp);
}

/// R45: the origin of the challenge, where it has one, is the only one that is accepted.
#[tokio::test]
async fn the_origin_of_a_challenge_is_the_only_one_accepted() {
    let origins = [ORIGIN.parse().unwrap(), "https://login.example.org".parse().unwrap()];
    let webauthn = Webauthn::builder().relying_party(relying_party("example.org"), origins).build().unwrap();
    let host = Host::with(Policy::default(), webauthn).await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let at = |origin: &str| {
        let mut spec = asking(&[enrollment]);
        spec.origin = Some(origin.parse().unwrap());
        spec
    };
    let foreign = host.challenges.create_challenge(owner("ann"), at("https://evil.example")).await;
    assert_eq!(invalid(foreign), Some(Invalid::RelyingPartyOrigin));
    let id =
        host.challenges.create_challenge(owner("ann"), at("https://login.example.org")).await.unwrap().challenge.id();
    let elsewhere = host.assertion(id, &mut key).await;
    assert!(refused(host.answer(id, &elsewhere).await));
    assert!(host.seen.take().contains(&Seen::Fault(enrollment, Rejected::Origin)));
    let options = host.challenges.request_options(id).await.unwrap();
    let there = key.get(&options, "https://login.example.org").unwrap().sign().answer();
    assert!(passed(host.answer(id, &there).await));
    // Without an origin of its own, each of the relying party's does.
    assert!(passed(host.pass("ann", enrollment, &mut key).await));
}

#[tokio::test]
async fn options_are_for_one_relying_party() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let first = host.enroll("ann", &mut key).await;
    let other = host.challenges.create_webauthn_enrollment(owner("ann"), spec("other.example")).await.unwrap();
    let options = host.challenges.creation_options(&owner("ann"), other.id(), "ann").await.unwrap();
    let response =
        SecurityKey::new(2).create(&options, "https://other.example").unwrap().sign().core_response().unwrap();
    host.challenges.confirm_webauthn_enrollment(&owner("ann"), other.id(), &response).await.unwrap();
    let id = host.challenge("ann", &[first, other.id()]).await;
    assert_eq!(invalid(host.challenges.request_options(id).await), Some(Invalid::SeveralRelyingParties));
}

/// R50.
#[tokio::test]
async fn a_counter_that_does_not_grow_is_refused_and_told() {
    for (last, next, accepted) in
        [(5, 6, true), (5, 5, false), (5, 4, false), (5, 0, false), (0, 1, true), (0, 0, true)]
    {
        let host = Host::new().await;
        let mut key = SecurityKey::new(1);
        key.sign_count = Some(last);
        let enrollment = host.enroll("ann", &mut key).await;
        let id = host.challenge("ann", &[enrollment]).await;
        let options = host.challenges.request_options(id).await.unwrap();
        let mut draft = key.get(&options, ORIGIN).unwrap();
        draft.authenticator_data.sign_count = next;
        host.seen.take();
        assert_eq!(passed(host.answer(id, &draft.sign().answer()).await), accepted, "{last} to {next}");
        let seen = host.seen.take();
        assert_eq!(seen.contains(&Seen::Fault(enrollment, Rejected::SignCount)), !accepted, "{last} to {next}");
        let stored = host.challenges.webauthn_enrollment(&owner("ann"), enrollment).await.unwrap();
        assert_eq!(stored.credential().unwrap().sign_count, if accepted { next } else { last });
        assert_eq!(host.stored(id).await.wrong_answers(), u32::from(!accepted));
    }
}

/// R50: by policy it is told only.
#[tokio::test]
async fn a_counter_that_does_not_grow_may_be_reported_only() {
    let mut policy = Policy::default();
    policy.sign_count = SignCountPolicy::Report;
    let host = Host::with(policy, Webauthn::new()).await;
    let mut key = SecurityKey::new(1);
    key.sign_count = Some(5);
    let enrollment = host.enroll("ann", &mut key).await;
    key.sign_count = Some(1);
    assert!(passed(host.pass("ann", enrollment, &mut key).await));
    let told = [Seen::Fault(enrollment, Rejected::SignCount), Seen::Moved(Outcome::Passed)];
    assert!(host.seen.take().ends_with(&told));
    assert!(passed(host.pass("ann", enrollment, &mut key).await), "the counter starts again from there");
    assert!(!host.seen.take().contains(&told[0]));
}

/// R50: two assertions with counters n and n + 1, answered out of order.
#[tokio::test]
async fn an_older_count_after_a_newer_one_is_refused() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let (first, second) = (host.challenge("ann", &[enrollment]).await, host.challenge("ann", &[enrollment]).await);
    let older = host.assertion(first, &mut key).await;
    let newer = host.assertion(second, &mut key).await;
    assert!(passed(host.answer(second, &newer).await));
    assert!(refused(host.answer(first, &older).await));
}

/// R47: assertions that do not pass spend the attempts of the challenge, and a repeated one is charged once.
#[tokio::test]
async fn wrong_assertions_spend_the_attempts_of_the_challenge() {
    let mut policy = Policy::default();
    policy.secrets_per_challenge = 3;
    let host = Host::with(policy, Webauthn::new()).await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let right = host.assertion(id, &mut key).await;
    for attempt in 1..=3 {
        let options = host.challenges.request_options(id).await.unwrap();
        let wrong = key.get(&options, "https://evil.example").unwrap().sign().answer();
        for _ in 0..2 {
            assert!(refused(host.answer(id, &wrong).await));
            assert_eq!(host.stored(id).await.wrong_answers(), attempt);
        }
    }
    host.seen.take();
    assert!(refused(host.answer(id, &right).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);
}

#[tokio::test]
async fn what_is_no_assertion_is_charged_to_nobody() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    for text in ["", "123456", "{}", "bm90IGpzb24", "{\"credential_id\":\"YQ\"}"] {
        host.seen.take();
        assert!(refused(host.answer(id, text).await));
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::NothingToCompare)]);
    }
    assert_eq!(host.stored(id).await.wrong_answers(), 0);
    assert!(passed(host.pass("ann", enrollment, &mut key).await));
}

#[tokio::test]
async fn an_assertion_declines_as_well() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let answer = host.assertion(id, &mut key).await;
    let declined = host.challenges.answer(Answer::decline(id, WEBAUTHN, answer)).await;
    assert!(matches!(declined, Ok(Answered::Declined(_))));
}

#[tokio::test]
async fn a_challenge_past_its_time_takes_no_assertion() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let answer = host.assertion(id, &mut key).await;
    host.clock.advance(Duration::from_secs(600));
    assert!(refused(host.answer(id, &answer).await));
    assert_eq!(invalid(host.challenges.request_options(id).await), Some(Invalid::NoAssertionExpected));
}

/// R1, R47: copies of one assertion, and assertions of two keys, at once.
#[tokio::test]
async fn of_many_simultaneous_assertions_one_passes() {
    for round in 0..30 {
        let host = Host::new().await;
        let challenges = host.through(Yielding::sharing(host.store.clone())).await;
        let (mut one, mut two) = (SecurityKey::new(round), SecurityKey::new(round + 1_000));
        one.sign_count = None;
        let named = [host.enroll("ann", &mut one).await, host.enroll("ann", &mut two).await];
        let id = host.challenge("ann", &named).await;
        let answers = [host.assertion(id, &mut one).await, host.assertion(id, &mut two).await];
        let racers: Vec<_> = (0..16)
            .map(|racer| {
                let (challenges, answer) = (challenges.clone(), answers[racer % 2].clone());
                tokio::spawn(async move { challenges.answer(Answer::allow(id, WEBAUTHN, answer)).await })
            })
            .collect();
        let mut winners = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(answered) => {
                    assert!(matches!(answered, Answered::Passed(_)));
                    winners += 1;
                }
                Err(error) => assert!(matches!(error, Error::AnswerRefused), "{error:?}"),
            }
        }
        assert_eq!(winners, 1);
    }
}

#[tokio::test]
async fn a_challenge_offers_totp_and_webauthn_together() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let types = Types::new(None, Some(vec![ChallengeType::Totp, WEBAUTHN])).unwrap();
    let Ok(spec) = ChallengeSpec::new(types);
    let spec = spec.with_endpoints(asking(&[enrollment]).endpoints);
    let id = host.challenges.create_challenge(owner("ann"), spec).await.unwrap().challenge.id();
    let answer = host.assertion(id, &mut key).await;
    assert!(refused(host.challenges.answer(Answer::allow(id, ChallengeType::Totp, answer.as_str())).await));
    assert!(passed(host.answer(id, &answer).await));
}
