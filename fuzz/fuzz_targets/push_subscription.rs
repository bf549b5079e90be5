//! Parses any JSON as a web push subscription.
//!
//! An accepted subscription has an `https` URL and keys of the right lengths, and is stored and read back unchanged.
#![no_main]

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::{Challenges, KeyRing, Owner};
use challenges_delivery::Guard;
use challenges_memory::MemoryStore;
use challenges_testkit::administrator;
use futures::executor::block_on;
use libfuzzer_sys::fuzz_target;

fn key(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).expect("base64url")
}

fuzz_target!(|json: &[u8]| {
    let Ok(subscription) = serde_json::from_slice::<PushSubscription>(json) else { return };
    assert!(subscription.endpoint().starts_with("https://"));
    assert_eq!((key(subscription.p256dh()).len(), key(subscription.auth()).len()), (65, 16));
    let _ = Guard::any_host().check(subscription.endpoint());
    assert!(!format!("{subscription:?}").contains(subscription.auth()));
    block_on(async {
        let keys = KeyRing::generate().expect("random bytes");
        let challenges = Challenges::builder(Arc::new(MemoryStore::new()), keys).build().await.expect("a service");
        let owner = Owner::user("alice").expect("a name");
        let registered = challenges.endpoints().register_push(owner, &administrator(), subscription.clone()).await;
        let endpoint = registered.expect("an endpoint");
        assert_eq!(challenges.endpoints().address(&endpoint).expect("its address"), Address::Push(subscription));
    });
});
