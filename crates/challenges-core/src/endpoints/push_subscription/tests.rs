#![allow(clippy::unwrap_used)]

use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE};
use serde_json::{Value, json};

use super::*;

const ENDPOINT: &str = "https://push.example.org/1";

/// Returns the keys in one of the four forms of base64. The bytes differ between the two alphabets.
fn keys(engine: &impl base64::Engine) -> (String, String) {
    (engine.encode([0xfb; 65]), engine.encode([0xff; 16]))
}

#[test]
fn keys_are_read_in_every_form_of_base64() {
    let (p256dh, auth) = keys(&BASE64_URL_SAFE_NO_PAD);
    let rows =
        [keys(&BASE64_URL_SAFE_NO_PAD), keys(&BASE64_URL_SAFE), keys(&BASE64_STANDARD), keys(&BASE64_STANDARD_NO_PAD)];
    for (key, secret) in rows {
        let read = PushSubscription::new(ENDPOINT, &key, &secret).unwrap();
        assert_eq!((read.p256dh(), read.auth()), (p256dh.as_str(), auth.as_str()), "{key}");
    }
    for (key, secret) in [("", auth.as_str()), (&p256dh, ""), (&p256dh, &p256dh), (&auth, &auth), (&p256dh, "*")] {
        assert_eq!(PushSubscription::new(ENDPOINT, key, secret), Err(Invalid::PushSubscription), "control: {key}");
    }
}

#[test]
fn browser_json_and_stored_form_deserialize() {
    let (p256dh, auth) = keys(&BASE64_STANDARD);
    let keys = json!({ "p256dh": p256dh, "auth": auth });
    let read = |json: Value| serde_json::from_value::<PushSubscription>(json).ok();
    let browser = read(json!({ "endpoint": ENDPOINT, "expirationTime": null, "keys": keys })).unwrap();
    assert_eq!(read(serde_json::to_value(&browser).unwrap()).as_ref(), Some(&browser));
    assert_eq!(read(json!({ "endpoint": ENDPOINT, "keys": null, "p256dh": p256dh, "auth": auth })), Some(browser));
    for wrong in [
        json!({ "endpoint": ENDPOINT }),
        json!({ "endpoint": ENDPOINT, "keys": {} }),
        json!({ "endpoint": ENDPOINT, "keys": keys, "auth": auth }),
        json!({ "endpoint": "http://push.example.org/1", "keys": keys }),
        json!({ "endpoint": ENDPOINT, "p256dh": p256dh }),
    ] {
        assert_eq!(read(wrong.clone()), None, "{wrong}");
    }
}
