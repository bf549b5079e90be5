use std::time::Duration;

use challenges_core::endpoints::Address;
use challenges_core::step_up::Requirement;
use challenges_core::webauthn::Rejected;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, ChallengeTypes, Challenges, Decision, EndpointRef, EnrollmentId, Error,
    Invalid, Outcome, Policy, Purpose, Refused, State,
};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Yielding, administrator};
use challenges_webauthn::Webauthn;

use crate::harness::{Host, ORIGIN, Seen, WEBAUTHN, asking, invalid, owner, passed, refused, relying_party, spec};

/// R47: An assertion passes once, and the outcome names the credential.
#[tokio::test]
async fn assertion_passes_once_and_names_its_credential() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let answer = host.assertion(id, &mut key).await;
    let passed = host.answer(id, &answer).await.unwrap().passed().unwrap();
    assert_eq!((passed.owner(), passed.kind()), (&owner("ann"), Some(WEBAUTHN)));
    assert_eq!(passed.credential().unwrap().enrollment(), Some(enrollment));
    host.seen.take();
    assert!(refused(host.answer(id, &answer).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Final)]);
    assert_eq!(invalid(host.challenges.webauthn().request_options(id).await), Some(Invalid::NoAssertionExpected));
}

/// R47: Issuing a challenge creates its public challenge, and no two are equal.
#[tokio::test]
async fn issuing_creates_a_fresh_public_challenge() {
    let host = Host::new().await;
    let enrollment = host.enroll("ann", &mut SecurityKey::new(1)).await;
    let pending = host.challenges.create(owner("ann"), asking(&[enrollment]).pending()).await.unwrap();
    let id = pending.challenge.id();
    assert_eq!((pending.challenge.state(), pending.challenge.public_challenge()), (State::Pending, None));
    assert_eq!(invalid(host.challenges.webauthn().request_options(id).await), Some(Invalid::NoAssertionExpected));
    let issued = host.challenges.replace(id, asking(&[enrollment])).await.unwrap();
    let other = host.challenge("ann", &[enrollment]).await;
    assert_ne!(issued.public_challenge().unwrap(), host.stored(other).await.public_challenge().unwrap());
    let options = host.challenges.webauthn().request_options(id).await.unwrap();
    assert_eq!(options["challenge"], issued.public_challenge().unwrap().to_string());
    assert_eq!((&options["rpId"], &options["timeout"]), (&"example.org".into(), &600_000.into()));
}

/// A service without WebAuthn asks for the other factors, and refuses to let a user without another factor go unasked.
#[tokio::test]
async fn asking_by_every_factor_names_every_credential() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let named = [host.enroll("ann", &mut key).await, host.enroll("ann", &mut SecurityKey::new(2)).await];
    host.begin("ann").await;
    let ask = async |challenges: &Challenges| {
        challenges.ask(&owner("ann"), Purpose::new("view").unwrap(), &Requirement::any()).await
    };
    let (created, account) = ask(&host.challenges).await.unwrap().unwrap();
    assert_eq!(account.webauthn.len(), 3, "the page sees the pending one too");
    let challenge = created.challenge;
    let mut ids: Vec<_> = challenge.endpoints().iter().map(|named| named.id().unwrap().to_string()).collect();
    let mut expected = named.map(|id| id.to_string()).to_vec();
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
    let answer = host.assertion(challenge.id(), &mut key).await;
    assert!(passed(host.answer(challenge.id(), &answer).await));

    let other = host.without_webauthn().await;
    assert!(matches!(ask(&other).await, Err(Error::Invalid(Invalid::WebauthnUnavailable))));
    host.totp("ann").await;
    let types = ask(&other).await.unwrap().unwrap().0.challenge.types().unwrap().clone();
    assert_eq!(types.iter().collect::<Vec<_>>(), [ChallengeType::Totp]);
}

/// A policy without endpoints in challenges leaves passkeys out, and asks for the other factors.
#[tokio::test]
async fn asking_without_endpoints_leaves_passkeys_out() {
    let mut policy = Policy::default();
    policy.challenge_endpoints = 0;
    let host = Host::with(policy, Webauthn::new()).await;
    host.enroll("ann", &mut SecurityKey::new(1)).await;
    host.totp("ann").await;
    let (purpose, any) = (Purpose::new("view").unwrap(), Requirement::any());
    let (asked, _) = host.challenges.ask(&owner("ann"), purpose, &any).await.unwrap().unwrap();
    assert_eq!(asked.challenge.types().unwrap().iter().collect::<Vec<_>>(), [ChallengeType::Totp]);
}

#[tokio::test]
async fn challenge_names_completed_enrollments_of_its_owner() {
    let host = Host::new().await;
    let ours = host.enroll("ann", &mut SecurityKey::new(1)).await;
    let theirs = host.enroll("bob", &mut SecurityKey::new(2)).await;
    let pending = host.begin("ann").await.id();
    let create = async |spec| invalid(host.challenges.create(owner("ann"), spec).await);
    assert_eq!(create(asking(&[ours])).await, None);
    assert_eq!(create(asking(&[])).await, Some(Invalid::WebauthnEndpoint));
    assert_eq!(create(asking(&[]).pending()).await, Some(Invalid::WebauthnEndpoint));
    assert_eq!(create(asking(&[theirs])).await, Some(Invalid::UnknownEndpoint));
    assert_eq!(create(asking(&[pending])).await, Some(Invalid::UnknownEndpoint));
    let as_totp = EndpointRef::totp(ours);
    assert_eq!(create(asking(&[]).with_endpoints(vec![as_totp])).await, Some(Invalid::UnknownEndpoint));
    // An endpoint of another kind cannot answer with an assertion.
    let number = Address::Phone("+4915112345678".parse().unwrap());
    let phone = host.challenges.endpoints().register_confirmed(owner("ann"), &administrator(), number).await.unwrap();
    let phone = EndpointRef::endpoint(phone.id());
    assert_eq!(create(asking(&[]).with_endpoints(vec![phone])).await, Some(Invalid::WebauthnEndpoint));
}

/// R46, R12: Only a named credential of the challenged user answers, and only the challenge that it signed.
#[tokio::test]
async fn only_named_credentials_of_the_owner_answer() {
    let host = Host::new().await;
    let (mut named, mut other) = (SecurityKey::new(1), SecurityKey::new(2));
    let enrollment = host.enroll("ann", &mut named).await;
    let other_enrollment = host.enroll("ann", &mut other).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let both = host.challenge("ann", &[enrollment, other_enrollment]).await;
    let mut options = host.challenges.webauthn().request_options(id).await.unwrap();
    assert!(other.get(&options, ORIGIN).is_err(), "the authenticator is not asked");
    options["allowCredentials"] = serde_json::json!([]);
    let answer = other.get(&options, ORIGIN).unwrap().sign().answer();
    host.seen.take();
    assert!(refused(host.answer(id, &answer).await));
    assert_eq!(host.seen.take(), [Seen::Moved(Outcome::Wrong)]);
    assert_eq!(host.stored(id).await.wrong_answers(), 1);
    // An assertion for one challenge does not answer another.
    let answer = host.assertion(id, &mut named).await;
    assert!(refused(host.answer(both, &answer).await));
    assert_eq!(host.seen.take().first(), Some(&Seen::Rejected(enrollment, Rejected::Challenge)));
    assert!(passed(host.answer(id, &answer).await));
    let answer = host.assertion(both, &mut other).await;
    assert!(passed(host.answer(both, &answer).await));
}

/// R40: Deleting an enrollment revokes its credential for open challenges.
#[tokio::test]
async fn deleted_enrollment_answers_no_open_challenge() {
    for counts in [true, false] {
        let host = Host::new().await;
        let mut key = SecurityKey::new(1);
        key.sign_count = counts.then_some(0);
        let enrollment = host.enroll("ann", &mut key).await;
        let id = host.challenge("ann", &[enrollment]).await;
        let answer = host.assertion(id, &mut key).await;
        host.challenges.webauthn().delete(&owner("ann"), &administrator(), enrollment).await.unwrap();
        assert!(refused(host.answer(id, &answer).await));
        assert_eq!(host.stored(id).await.state(), State::Issued);
        assert_eq!(invalid(host.challenges.webauthn().request_options(id).await), Some(Invalid::NoAssertionExpected));
    }
}

/// A client that reads, edits and writes back a challenge still names the deleted enrollment.
#[tokio::test]
async fn issuing_without_remaining_credentials_fails_the_challenge() {
    let host = Host::new().await;
    let enrollment = host.enroll("ann", &mut SecurityKey::new(1)).await;
    let begin =
        async |spec: ChallengeSpec| host.challenges.create(owner("ann"), spec.pending()).await.unwrap().challenge.id();
    let named = [enrollment];
    let alone = [begin(asking(&named)).await, begin(asking(&named)).await];
    let beside = begin(or_totp(&named)).await;
    host.challenges.webauthn().delete(&owner("ann"), &administrator(), enrollment).await.unwrap();

    let kept = host.challenges.replace(alone[0], asking(&named).pending()).await.unwrap();
    assert_eq!(kept.state(), State::Pending);
    let failed = host.challenges.replace(alone[1], asking(&named)).await.unwrap();
    assert_eq!((failed.state(), failed.public_challenge()), (State::ChallengeFailed, None));
    let app = host.totp("ann").await;
    let issued = host.challenges.replace(beside, or_totp(&named)).await.unwrap();
    assert_eq!((issued.state(), issued.public_challenge()), (State::Issued, None));
    host.clock.advance(Duration::from_secs(30));
    let code = app.code(host.challenges.now());
    assert!(passed(host.challenges.answer(Answer::allow(beside, ChallengeType::Totp, code)).await));

    // What never was named cannot be named any more.
    let create = host.challenges.create(owner("ann"), asking(&named)).await;
    assert_eq!(invalid(create), Some(Invalid::UnknownEndpoint));
    let code = begin(ChallengeSpec::new(ChallengeType::Code).unwrap()).await;
    let replaced = host.challenges.replace(code, asking(&named)).await;
    assert_eq!(invalid(replaced), Some(Invalid::UnknownEndpoint));
}

/// R35, R45: A challenge with an origin accepts assertions from that origin only.
#[tokio::test]
async fn challenge_accepts_only_its_own_origin() {
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
    let foreign = host.challenges.create(owner("ann"), at("https://evil.example")).await;
    assert_eq!(invalid(foreign), Some(Invalid::RelyingPartyOrigin));
    let id = host.challenges.create(owner("ann"), at("https://login.example.org")).await.unwrap().challenge.id();
    let elsewhere = host.assertion(id, &mut key).await;
    assert!(refused(host.answer(id, &elsewhere).await));
    assert!(host.seen.take().contains(&Seen::Rejected(enrollment, Rejected::Origin)));
    let options = host.challenges.webauthn().request_options(id).await.unwrap();
    let there = key.get(&options, "https://login.example.org").unwrap().sign().answer();
    assert!(passed(host.answer(id, &there).await));
    // A challenge without an origin accepts every origin of the relying party.
    assert!(passed(host.pass("ann", enrollment, &mut key).await));
}

#[tokio::test]
async fn options_allow_one_relying_party_only() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let first = host.enroll("ann", &mut key).await;
    let other = host.challenges.webauthn().create(owner("ann"), &administrator(), spec("other.example")).await.unwrap();
    let options = host.challenges.webauthn().creation_options(&owner("ann"), other.id(), "ann").await.unwrap();
    let response =
        SecurityKey::new(2).create(&options, "https://other.example").unwrap().sign().core_response().unwrap();
    host.challenges.webauthn().confirm(&owner("ann"), &administrator(), other.id(), &response).await.unwrap();
    let id = host.challenge("ann", &[first, other.id()]).await;
    assert_eq!(invalid(host.challenges.webauthn().request_options(id).await), Some(Invalid::SeveralRelyingParties));
}

/// R50: A counter that does not grow is refused and observed.
#[tokio::test]
async fn non_increasing_counter_is_refused_and_observed() {
    for (last, next, accepted) in
        [(5, 6, true), (5, 5, false), (5, 4, false), (5, 0, false), (0, 1, true), (0, 0, true)]
    {
        let host = Host::new().await;
        let mut key = SecurityKey::new(1);
        key.sign_count = Some(last);
        let enrollment = host.enroll("ann", &mut key).await;
        let id = host.challenge("ann", &[enrollment]).await;
        let options = host.challenges.webauthn().request_options(id).await.unwrap();
        let mut draft = key.get(&options, ORIGIN).unwrap();
        draft.authenticator_data.sign_count = next;
        host.seen.take();
        assert_eq!(passed(host.answer(id, &draft.sign().answer()).await), accepted, "{last} to {next}");
        let seen = host.seen.take();
        assert_eq!(seen.contains(&Seen::Rejected(enrollment, Rejected::SignCount)), !accepted, "{last} to {next}");
        let stored = host.challenges.webauthn().get(&owner("ann"), enrollment).await.unwrap();
        assert_eq!(stored.credential().unwrap().sign_count, if accepted { next } else { last });
        assert_eq!(host.stored(id).await.wrong_answers(), u32::from(!accepted));
    }
}

/// R50: Without `refuse_stale_sign_count`, a counter that does not grow is only observed.
#[tokio::test]
async fn counter_policy_report_accepts_the_assertion() {
    let mut policy = Policy::default();
    policy.refuse_stale_sign_count = false;
    let host = Host::with(policy, Webauthn::new()).await;
    let mut key = SecurityKey::new(1);
    key.sign_count = Some(5);
    let enrollment = host.enroll("ann", &mut key).await;
    key.sign_count = Some(1);
    assert!(passed(host.pass("ann", enrollment, &mut key).await));
    let observed = [Seen::Rejected(enrollment, Rejected::SignCount), Seen::Moved(Outcome::Passed)];
    assert!(host.seen.take().ends_with(&observed));
    assert!(passed(host.pass("ann", enrollment, &mut key).await), "the stored counter is the reported one");
    assert!(!host.seen.take().contains(&observed[0]));
}

/// R50: Two assertions with counters n and n + 1 arrive out of order.
#[tokio::test]
async fn older_counter_after_newer_is_refused() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let (first, second) = (host.challenge("ann", &[enrollment]).await, host.challenge("ann", &[enrollment]).await);
    let older = host.assertion(first, &mut key).await;
    let newer = host.assertion(second, &mut key).await;
    assert!(passed(host.answer(second, &newer).await));
    assert!(refused(host.answer(first, &older).await));
}

/// R47: Each wrong assertion counts against the challenge's limit, and a repeated one counts once.
#[tokio::test]
async fn wrong_assertions_use_up_attempts() {
    let mut policy = Policy::default();
    policy.secrets_per_challenge = 3;
    let host = Host::with(policy, Webauthn::new()).await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let right = host.assertion(id, &mut key).await;
    for attempt in 1..=3 {
        let options = host.challenges.webauthn().request_options(id).await.unwrap();
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

/// R5: An assertion of an unknown credential costs as much as one of a known credential, and counts like it.
#[tokio::test]
async fn unknown_credentials_use_up_attempts() {
    let mut policy = Policy::default();
    policy.secrets_per_challenge = 3;
    let host = Host::with(policy, Webauthn::new()).await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let options = host.challenges.webauthn().request_options(id).await.unwrap();
    let right = key.get(&options, ORIGIN).unwrap().sign();
    for attempt in 1..=3_u8 {
        let mut unknown = right.clone();
        let credential = SecurityKey::new(100 + u64::from(attempt)).credential_id;
        (unknown.id, unknown.raw_id) = (credential.clone(), credential);
        for _ in 0..2 {
            assert!(refused(host.answer(id, &unknown.answer()).await));
            assert_eq!(host.stored(id).await.wrong_answers(), u32::from(attempt));
        }
    }
    host.seen.take();
    assert!(refused(host.answer(id, &right.answer()).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);
    assert!(passed(host.pass("ann", enrollment, &mut key).await), "control: another challenge is not affected");
}

/// R47: An answer that is not an assertion is not counted.
#[tokio::test]
async fn malformed_assertions_use_up_no_attempts() {
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
async fn assertion_can_decline_a_challenge() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let answer = host.assertion(id, &mut key).await;
    let declined = host.challenges.answer(Answer::decline(id, WEBAUTHN, answer)).await;
    assert!(matches!(declined, Ok(Decision::Declined(_))));
}

#[tokio::test]
async fn expired_challenge_refuses_assertions() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let id = host.challenge("ann", &[enrollment]).await;
    let answer = host.assertion(id, &mut key).await;
    host.clock.advance(Duration::from_secs(600));
    assert!(refused(host.answer(id, &answer).await));
    assert_eq!(invalid(host.challenges.webauthn().request_options(id).await), Some(Invalid::NoAssertionExpected));
}

/// R1, R47: Copies of two keys' assertions race, and exactly one passes.
#[tokio::test]
async fn one_of_many_concurrent_assertions_passes() {
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
                    assert!(matches!(answered, Decision::Passed(_)));
                    winners += 1;
                }
                Err(error) => assert!(matches!(error, Error::AnswerRefused), "{error:?}"),
            }
        }
        assert_eq!(winners, 1);
    }
}

#[tokio::test]
async fn challenge_offers_totp_and_webauthn_together() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let enrollment = host.enroll("ann", &mut key).await;
    let spec = or_totp(&[enrollment]);
    let id = host.challenges.create(owner("ann"), spec).await.unwrap().challenge.id();
    let answer = host.assertion(id, &mut key).await;
    assert!(refused(host.challenges.answer(Answer::allow(id, ChallengeType::Totp, answer.as_str())).await));
    assert!(passed(host.answer(id, &answer).await));
}

/// Specifies a challenge by WebAuthn or TOTP.
fn or_totp(named: &[EnrollmentId]) -> ChallengeSpec {
    let types = ChallengeTypes::new(None, Some(vec![ChallengeType::Totp, WEBAUTHN])).unwrap();
    let Ok(spec) = ChallengeSpec::new(types);
    spec.with_endpoints(asking(named).endpoints)
}

/// A credential of a relying party that is no longer configured leaves other credentials usable.
#[tokio::test]
async fn unserved_relying_party_issues_no_challenge() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let kept = host.enroll("ann", &mut key).await;
    let gone = host.challenges.webauthn().create(owner("ann"), &administrator(), spec("gone.example")).await.unwrap();
    let options = host.challenges.webauthn().creation_options(&owner("ann"), gone.id(), "ann").await.unwrap();
    let mut lost = SecurityKey::new(2);
    let response = lost.create(&options, "https://gone.example").unwrap().sign().core_response().unwrap();
    host.challenges.webauthn().confirm(&owner("ann"), &administrator(), gone.id(), &response).await.unwrap();
    let pending = host.challenges.create(owner("ann"), asking(&[gone.id()]).pending()).await.unwrap().challenge.id();
    let open = host.challenge("ann", &[gone.id()]).await;
    let options = host.challenges.webauthn().request_options(open).await.unwrap();
    let late = lost.get(&options, "https://gone.example").unwrap().sign().answer();

    let webauthn = Webauthn::builder().relying_party(relying_party("example.org"), [ORIGIN.parse().unwrap()]);
    let challenges = host.reconfigured(webauthn.only_configured().build().unwrap()).await;
    let create = async |spec| challenges.create(owner("ann"), spec).await.unwrap().challenge;
    let failed = create(asking(&[gone.id()])).await;
    assert_eq!((failed.state(), failed.public_challenge()), (State::ChallengeFailed, None));
    let failed = challenges.replace(pending, asking(&[gone.id()])).await.unwrap();
    assert_eq!(failed.state(), State::ChallengeFailed);
    assert_eq!(invalid(challenges.webauthn().request_options(open).await), Some(Invalid::NoAssertionExpected));
    assert!(refused(challenges.answer(Answer::allow(open, WEBAUTHN, late)).await));

    for origin in [None, Some(ORIGIN.parse().unwrap())] {
        let mut both = asking(&[gone.id(), kept]);
        both.origin = origin;
        let issued = create(both).await;
        assert_eq!(issued.state(), State::Issued);
        let options = challenges.webauthn().request_options(issued.id()).await.unwrap();
        assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);
        let answer = key.get(&options, ORIGIN).unwrap().sign().answer();
        assert!(passed(challenges.answer(Answer::allow(issued.id(), WEBAUTHN, answer)).await));
    }
}
