#![allow(clippy::unwrap_used)]

use challenges_core::step_up::StepUpRefused;
use challenges_core::store::StoreError;
use challenges_core::{ChallengeId, Invalid, Purpose};
use http::header::WWW_AUTHENTICATE;

use super::*;

#[test]
fn errors_of_core_have_a_status_and_code() {
    let rows: [(Error, u16, &str); 9] = [
        (core::Error::NotFound.into(), 404, "not_found"),
        ("x".parse::<ChallengeId>().unwrap_err().into(), 404, "not_found"),
        (core::Error::AnswerRefused.into(), 400, "answer_refused"),
        (Invalid::NoTypes.into(), 400, "no_challenge_type"),
        (core::Error::Contended.into(), 503, "contended"),
        (StoreError::Unavailable("canary".into()).into(), 503, "store_unavailable"),
        (StoreError::Corrupt("canary".into()).into(), 500, "internal_error"),
        (core::Error::Body(serde_json::from_str::<u8>("canary").unwrap_err()).into(), 500, "internal_error"),
        (StepUpRefused::TooOld.into(), 401, "step_up_needed"),
    ];
    for (error, status, code) in rows {
        assert_eq!((error.status().as_u16(), error.code()), (status, code));
        let response = error.response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["cache-control"]),
            (status, &"no-store".parse().unwrap())
        );
        assert!(!format!("{error:?} {error} {response:?}").contains("canary"), "{error:?}");
    }
}

#[test]
fn refused_token_hints_at_step_up() {
    let refused = Error::from(StepUpRefused::Forged).response();
    assert_eq!(refused.headers()[WWW_AUTHENTICATE], r#"Bearer error="insufficient_user_authentication""#);
}

#[test]
fn grant_for_another_purpose_is_bad_request() {
    let purpose = |name: &str| Purpose::new(name).unwrap();
    let error = GrantError::OtherPurpose { passed: purpose("view"), gate: purpose("transfer") };
    let text = error.to_string();
    assert!(text.contains("view") && text.contains("transfer"), "{text}");
    let error = Error::from(error);
    assert_eq!((error.status().as_u16(), error.code()), (400, "other_purpose"));
    assert_eq!(
        Error::from(GrantError::from(core::Error::from(Invalid::NoPurpose))).code(),
        "challenge_without_purpose"
    );
}
