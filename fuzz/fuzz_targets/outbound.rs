//! Parses any text as an outbound URL, a template, a push subscription and a VAPID key.
//!
//! Parsing never panics. A URL accepted by the guard uses `https`, port 443, no credentials, and a domain or a public address.
#![no_main]

use challenges_core::endpoints::PushSubscription;
use challenges_delivery::{Guard, PushText, SmsTemplate, VapidKey, VapidSubject, is_public, segments};
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

fuzz_target!(|text: &str| {
    if Guard::any_host().check(text).is_ok() {
        let url = Url::parse(text).unwrap();
        assert_eq!((url.scheme(), url.port_or_known_default()), ("https", Some(443)));
        assert_eq!((url.username(), url.password()), ("", None));
        match url.host().unwrap() {
            Host::Ipv4(address) => assert!(is_public(address.into())),
            Host::Ipv6(address) => assert!(is_public(address.into())),
            Host::Domain(domain) => assert!(!domain.ends_with('.')),
        }
    }
    let mut parts = text.splitn(3, ' ');
    let mut part = || parts.next().unwrap_or_default();
    let _ = PushSubscription::new(part(), part(), part());
    let _ = PushText::new(text, text);
    let _ = SmsTemplate::new(text, text);
    let _ = text.parse::<VapidSubject>();
    if let Ok(key) = text.parse::<VapidKey>() {
        assert_eq!(key.to_text().as_str(), text.trim());
    }
    assert!(segments(text) >= 1);
});
