#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;
use crate::codec;
use crate::totp::{TotpEnrollment, TotpFactor};
use crate::webauthn::{WebauthnEnrollment, WebauthnFactor};

fn header() -> Value {
    json!({ "v": 1, "id": "0".repeat(40), "owner": { "user": "alice" }, "created": 1_000, "updated": 2_000 })
}

fn record(factor: Value) -> Value {
    let mut record = header();
    record.as_object_mut().unwrap().extend(factor.as_object().unwrap().clone());
    record
}

fn decode<F: EnrollmentFactor>(record: &Value) -> Enrollment<F> {
    Enrollment::from_body(codec::decode(record.to_string().as_bytes()).unwrap())
}

fn encode<F: EnrollmentFactor>(enrollment: &Enrollment<F>) -> Value {
    serde_json::from_slice(&codec::encode(enrollment.body()).unwrap()).unwrap()
}

#[test]
fn totp_records_are_flat() {
    for (state, mark, is_completed) in [("pending", json!({}), false), ("success", json!({ "mark": 7 }), true)] {
        let mut stored = record(json!({ "state": state, "key": "k1.sealed" }));
        stored.as_object_mut().unwrap().extend(mark.as_object().unwrap().clone());
        let enrollment: TotpEnrollment = decode::<TotpFactor>(&stored);
        assert_eq!(enrollment.is_completed(), is_completed);
        assert_eq!((enrollment.is_proven(), enrollment.digits()), (is_completed, 6));
        assert_eq!(encode(&enrollment), stored);
    }
}

/// R75: records of before have the default parameters. Other parameters are kept, and impossible ones are refused.
#[test]
fn totp_parameters_have_defaults() {
    let record = |parameters: Value| {
        let mut record = record(json!({ "state": "success", "key": "k1.sealed" }));
        record.as_object_mut().unwrap().insert("parameters".to_owned(), parameters);
        record
    };
    let imported = record(json!({ "digest": "sha512", "digits": 8, "period": 60 }));
    let decoded: TotpEnrollment = decode::<TotpFactor>(&imported);
    assert_eq!((decoded.digits(), decoded.is_proven()), (8, false));
    assert_eq!(encode(&decoded), imported);
    for impossible in [
        json!({ "digest": "md5", "digits": 6, "period": 30 }),
        json!({ "digest": "sha1", "digits": 10, "period": 30 }),
        json!({ "digest": "sha1", "digits": 6, "period": 0 }),
        json!({ "digest": "sha1", "digits": 6 }),
    ] {
        let body = record(impossible.clone()).to_string();
        let decoded = codec::decode::<Body<TotpFactor>>(body.as_bytes());
        assert!(matches!(decoded, Err(crate::Error::Body(_))), "{impossible}");
    }
}

#[test]
fn webauthn_records_are_flat() {
    let options = json!({ "relying_party": "example.org", "user_verification": "preferred" });
    let challenge = "A".repeat(43);
    let credential = json!({
        "id": "YQ", "public_key": "oA", "sign_count": 3, "aaguid": "00000000-0000-0000-0000-000000000000",
        "user_verified": true, "backup_eligible": false, "backed_up": false, "transports": ["usb"],
        "attestation_format": "none", "attestation_trusted": false,
    });
    for (ceremony, is_completed) in [
        (json!({ "pending": { "challenge": challenge } }), false),
        (json!({ "pending": { "challenge": challenge, "rejected": 2 } }), false),
        (json!({ "importing": { "credential": "YQ" } }), false),
        (json!({ "success": credential }), true),
    ] {
        let mut stored = record(options.clone());
        stored.as_object_mut().unwrap().insert("ceremony".to_owned(), ceremony);
        let enrollment: WebauthnEnrollment = decode::<WebauthnFactor>(&stored);
        assert_eq!(enrollment.is_completed(), is_completed);
        assert_eq!(encode(&enrollment), stored);
    }
}

#[test]
fn pending_enrollments_expire() {
    let policy = Policy::default();
    let pending = decode::<TotpFactor>(&record(json!({ "state": "pending", "key": "k1.sealed" })));
    let end = Timestamp::from_millis(1_000).after(policy.pending_enrollment);
    assert!(pending.is_alive(&policy, Timestamp::from_millis(end.as_millis() - 1)));
    assert!(!pending.is_alive(&policy, end));
    assert_eq!(pending.garbage_at(&policy), Some(end.after(policy.retention)));

    let completed = decode::<TotpFactor>(&record(json!({ "state": "success", "key": "k1.sealed" })));
    assert!(completed.is_alive(&policy, Timestamp::MAX));
    assert_eq!(completed.garbage_at(&policy), None);
}

#[test]
fn time_of_last_change_never_goes_back() {
    let pending = decode::<TotpFactor>(&record(json!({ "state": "pending", "key": "k1.sealed" })));
    assert_eq!(pending.changed(Timestamp::from_millis(1), |_| ()).updated(), Timestamp::from_millis(2_000));
    assert_eq!(pending.changed(Timestamp::from_millis(3_000), |_| ()).updated(), Timestamp::from_millis(3_000));
}
