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

/// R62: one address in several spellings is one subscription, with one owner and one budget.
#[test]
fn spellings_of_an_endpoint_are_equal() {
    let (p256dh, auth) = keys(&BASE64_STANDARD);
    let read = |endpoint: &str| PushSubscription::new(endpoint, &p256dh, &auth).unwrap();
    for spelling in ["https://push.example.org:443/1", "https://PUSH.example.org/1", "https://push.example.org/a/../1"]
    {
        assert_eq!(read(spelling), read(ENDPOINT), "{spelling}");
    }
    for other in ["https://push.example.org/2", "https://push.example.org:8443/1", "https://push.example.org/1?"] {
        assert_ne!(read(other), read(ENDPOINT), "control: {other}");
    }
}

#[test]
fn browser_json_and_stored_form_deserialize() {
    let (p256dh, auth) = keys(&BASE64_STANDARD);
    let keys = json!({ "p256dh": p256dh, "auth": auth });
    let read = |json: Value| serde_json::from_value::<PushSubscription>(json).ok();
    let browser = read(json!({ "endpoint": ENDPOINT, "expirationTime": null, "keys": keys })).unwrap();
    assert_eq!(read(serde_json::to_value(&browser).unwrap()).as_ref(), Some(&browser));
    let absent = json!({ "endpoint": ENDPOINT, "keys": keys, "p256dh": "", "auth": null });
    assert_eq!(read(absent).as_ref(), Some(&browser));
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
