use std::collections::BTreeSet;
use std::path::Path;

use challenges_http::Api;
use serde_json::Value;

use crate::host::Host;

fn document() -> Value {
    serde_json::from_str(&Api::openapi()).unwrap()
}

/// Regenerate the file with `UPDATE_OPENAPI=1 cargo test -p challenges-http openapi`.
#[test]
fn openapi_json_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, Api::openapi()).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
    assert!(kept == document(), "openapi.json is stale: run UPDATE_OPENAPI=1 cargo test -p challenges-http openapi");
}

#[test]
fn openapi_has_all_operations() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
    let ids: Vec<_> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let expected = [
        "create_challenge",
        "create_one_time_use_action",
        "get_challenge",
        "replace_challenge",
        "delete_challenge",
        "get_answer",
        "post_answer",
        "create_totp_enrollment",
        "list_totp_enrollment",
        "get_totp_enrollment",
        "update_totp_enrollment",
        "delete_totp_enrollment",
        "create_webauthn_enrollment",
        "list_webauthn_enrollments",
        "get_webauthn_enrollment",
        "update_webauthn_enrollment",
        "delete_webauthn_enrollment",
        "list_trusted_devices",
        "delete_trusted_devices",
        "delete_trusted_device",
    ];
    assert_eq!(ids.len(), expected.len());
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected.into_iter().collect());
}

#[test]
fn openapi_references_resolve_and_nothing_is_null() {
    let document = document();
    let mut pending = vec![&document];
    let mut references = 0;
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref") {
                    references += 1;
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{reference}");
                }
                pending.extend(object.values());
            }
            Value::Array(array) => pending.extend(array),
            Value::String(text) => assert_ne!(text, "null"),
            _ => {}
        }
    }
    assert!(references > 60, "{references}");
}

#[test]
fn schemas_have_the_properties_of_the_contract() {
    let document = document();
    let rows = [
        ("Challenge", "metadata spec* status"),
        ("MetadataWithId", "created id* updated"),
        (
            "ChallengeSpec",
            "answer_data challenge_endpoints challenge_type challenge_types number_match origin response_uri send_now timeout_seconds user_id*",
        ),
        ("ChallengeEndpoint", "endpoint type"),
        ("ChallengeStatus", "answered_at code number_match public_challenge state*"),
        ("ChallengeAnswer", "spec*"),
        ("ChallengeAnswerSpec", "answer* answer_data challenge_id*"),
        ("AnswerSubmission", "allowed* challenge_answer* challenge_type* challenge_uid number_match"),
        ("OneTimeUseActionChallenge", "spec*"),
        (
            "OneTimeUseActionChallengeSpec",
            "actors* approved_actions* declined_actions* org_id timeout_seconds* user_id",
        ),
        ("ChallengeActor", "org_id* user_id*"),
        ("ChallengeAction", "body challenge_action_type* content_type method* scopes uri*"),
        ("OneTimeUseActionChallengeResponse", "answer_details* challenge* one_time_use_challenge*"),
        ("OneTimeUseActionChallengeAnswerDetail", "actor* approve_uri* decline_uri*"),
        ("TOTPEnrollment", "metadata spec* status"),
        ("TOTPEnrollmentSpec", "user_id*"),
        ("TOTPEnrollmentStatus", "key state*"),
        ("TOTPEnrollmentAnswer", "answer* user_id"),
        ("ListTOTPEnrollmentResponse", "limit* totp*"),
        ("WebAuthNEnrollment", "metadata spec* status"),
        (
            "WebAuthNEnrollmentSpec",
            "attestation_conveyance attestation_format http_endpoint relying_party_id* user_id* user_verification",
        ),
        ("WebAuthNEnrollmentStatus", "challenge credential_id transports"),
        (
            "WebAuthNEnrollmentAnswer",
            "authenticator_data client_data* credential_id* signature transports user_handle user_id",
        ),
        ("ListWebAuthNEnrollmentResponse", "limit* webauthn*"),
        ("TrustedDevice", "metadata* spec* status*"),
        ("TrustedDeviceSpec", "label* user_id*"),
        ("TrustedDeviceStatus", "expires_at used_at"),
        ("ListTrustedDevicesResponse", "limit* trusted_devices*"),
        ("ErrorMessage", "error_code* error_message*"),
    ];
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert_eq!(schemas.len(), rows.len());
    for (name, properties) in rows {
        let schema = &schemas[name];
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mark = |name: &String| if required.contains(&name.as_str().into()) { "*" } else { "" };
        let found = schema["properties"].as_object().unwrap().keys();
        let mut found: Vec<_> = found.map(|name| format!("{name}{}", mark(name))).collect();
        found.sort();
        let mut expected: Vec<_> = properties.split(' ').collect();
        expected.sort_unstable();
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(schemas["ChallengeSpec"]["properties"]["answer_data"]["writeOnly"], true);
}

#[tokio::test]
async fn documented_paths_and_methods_exist() {
    let host = Host::new().await;
    let document = document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let path = path.replace(['{', '}'], "");
            let reply = host.send(&method.to_uppercase(), &path, "", Value::Null).await;
            assert!(
                matches!(reply.status, 400 | 401) || reply.error_code() == "not_found",
                "{method} {path}: {reply:?}"
            );
        }
    }
}
