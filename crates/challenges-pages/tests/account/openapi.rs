use std::path::Path;

use challenges_pages::Pages;
use serde_json::Value;

use crate::host::Host;

fn document() -> Value {
    serde_json::from_str(&Pages::openapi()).unwrap()
}

/// Regenerate the file with `UPDATE_OPENAPI=1 cargo test -p challenges-pages openapi`.
#[test]
fn openapi_json_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, Pages::openapi()).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
    assert!(kept == document(), "openapi.json is stale: run UPDATE_OPENAPI=1 cargo test -p challenges-pages openapi");
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
fn openapi_operations_have_unique_ids() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
    let mut ids: Vec<_> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[tokio::test]
async fn documented_openapi_operations_exist() {
    let host = Host::new().await;
    let mut stranger = host.visitor("alice");
    stranger.is_signed_in = false;
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let path = path.trim_start_matches('/').replace(['{', '}'], "");
            let accept = Some("application/json");
            let reply = stranger.send(&method.to_uppercase(), &path, accept, "application/json", "{}".into()).await;
            assert!(reply.status != 405, "{method} {path}: {reply:?}");
            let security = operation["security"].as_array().unwrap();
            if security.len() > 1 {
                // The session, or a login that waits for the second factor.
                continue;
            }
            let needs_session = !security.is_empty();
            assert_eq!(reply.status == 401, needs_session, "{method} {path}: {reply:?}");
        }
    }
}

/// The members of the JSON form are those of the document.
#[tokio::test]
async fn openapi_schemas_have_the_members_of_the_data() {
    let host = Host::new().await;
    let (alice, app) = host.visitor("alice").with_app().await;
    alice.trust(&app, "Firefox").await;
    let document = document();
    for (path, schema) in [
        ("account", "Overview"),
        ("account/activity", "Activity"),
        ("account/totp", "TotpIntro"),
        ("account/passkeys", "PasskeyIntro"),
        ("account/recovery-codes", "RecoveryCodes"),
        ("account/phones", "PhoneForm"),
        ("account/emails", "EmailForm"),
        ("account/browsers", "Browsers"),
        ("factor?purpose=manage-factors&return_to=%2Fmfa%2Faccount", "Factor"),
    ] {
        let data = alice.get(path).await.data();
        let schema = &document["components"]["schemas"][schema];
        let properties = schema["properties"].as_object().unwrap();
        for name in data.as_object().unwrap_or_else(|| panic!("{path}: {data}")).keys() {
            assert!(properties.contains_key(name), "{path}: {name}");
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(data.get(name.as_str().unwrap()).is_some(), "{path}: {name}: {data}");
        }
    }
}
