use std::time::Duration;

use challenges_core::{ChallengeSpec, ChallengeType};
use challenges_memory::MemoryStore;
use challenges_testkit::Counting;
use challenges_testkit::webauthn::SecurityKey;
use serde_json::json;

use crate::browsers::subscription;
use crate::host::{Host, Way};

#[tokio::test]
async fn names_are_escaped_everywhere() {
    const HOSTILE: &str = "<script>alert('1')</script>\"&";
    let host = Host::new().await;
    let (mut alice, app) = host.visitor("alice<script>").with_app().await;
    let passkey = alice.add_passkey(Way::Form, &mut SecurityKey::new(1), HOSTILE).await;
    alice.trust(&app, HOSTILE).await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let _ = alice.ask(spec.with_description(HOSTILE.parse().unwrap())).await;
    alice.step_up(&app).await;
    let device = alice.account().await["devices"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        "account",
        "account/activity",
        &format!("{passkey}/rename"),
        &format!("{passkey}/remove"),
        &format!("account/devices/{device}/revoke"),
    ] {
        let page = alice.page(path).await.body;
        assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"), "{path}: {page}");
    }
    let page = alice.post(Way::Form, "account/totp", &[]).await.body;
    assert!(page.contains("otpauth://") && !page.contains("<script>") && !page.contains("alice<"));
    assert_eq!(alice.account().await["passkeys"][0]["name"], HOSTILE, "JSON has the name as given");
}

#[tokio::test]
async fn overview_reports_known_changes_only() {
    let host = Host::new().await;
    let alice = host.visitor("alice");
    assert!(alice.page("account?done=totp-added").await.body.contains("role=\"status\""));
    for query in ["", "?done=", "?done=%3Cscript%3E", "?done=title"] {
        let page = alice.page(&format!("account{query}")).await.body;
        assert!(!page.contains("role=\"status\"") && !page.contains("<script>"), "{query}");
    }
}

#[tokio::test]
async fn only_offered_factors_can_be_added() {
    let host = Host::new().await;
    let alice = host.visitor("alice");
    let all = json!(["totp", "passkeys", "phones", "emails", "browsers"]);
    assert_eq!(alice.account().await["offers"], all);

    let plain = Host::new().await.without_offers();
    let alice = plain.visitor("alice");
    assert_eq!(alice.account().await["offers"], json!(["totp", "passkeys"]));
    for (path, field) in [("account/phones", "number"), ("account/emails", "address")] {
        assert!(!alice.page("account").await.body.contains(path));
        assert_eq!(alice.get(path).await.status, 404);
        assert_eq!(alice.post(Way::Json, path, &[(field, "+442079460000")]).await.status, 404);
    }
    let text = subscription("https://push.example.com/1").to_string();
    assert_eq!(alice.post(Way::Json, "account/browsers", &[("subscription", &text)]).await.status, 404);
    for path in ["account/totp", "account/passkeys"] {
        for (offered, status) in [(true, 200), (false, 404)] {
            let host = Host::new().await;
            let host = if offered { host } else { host.offering_nothing() };
            let alice = host.visitor("alice");
            assert_eq!(alice.get(path).await.status, status, "{path}");
            assert_eq!(alice.post(Way::Json, path, &[]).await.status, status, "{path}");
        }
    }
}

/// Without a verifier, a passkey could not be added.
#[tokio::test]
async fn passkeys_are_offered_with_webauthn_only() {
    for (has_webauthn, offers, status) in [(true, json!(["totp", "passkeys"]), 200), (false, json!(["totp"]), 404)] {
        let host = Host::new().await;
        let host = if has_webauthn { host.without_offers() } else { host.without_webauthn().await };
        let alice = host.visitor("alice");
        assert_eq!(alice.account().await["offers"], offers);
        assert_eq!(alice.page("account").await.body.contains("account/passkeys"), has_webauthn);
        assert_eq!(alice.get("account/passkeys").await.status, status);
        assert_eq!(alice.post(Way::Json, "account/passkeys", &[]).await.status, status);
    }
}

#[tokio::test]
async fn activity_shows_the_newest_challenges() {
    let host = Host::new().await;
    let (alice, _) = host.visitor("alice").with_app().await;
    for number in 0..25 {
        host.clock.advance(std::time::Duration::from_secs(1));
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        let _ = alice.ask(spec.with_description(format!("number {number}").parse().unwrap())).await;
    }
    let data = alice.get("account/activity").await.data();
    let shown = data["challenges"].as_array().unwrap();
    assert_eq!(shown.len(), 20);
    assert_eq!((&shown[0]["description"], &shown[19]["description"]), (&json!("number 24"), &json!("number 5")));
    assert_eq!(shown[0]["state"], "issued");
    let page = alice.page("account/activity").await.body;
    assert!(page.contains("number 24") && !page.contains("number 4<"));
    let other = host.visitor("bob").get("account/activity").await.data();
    assert_eq!(other["challenges"], json!([]), "another user");
}

/// R58: a user with many challenges makes no long reads.
#[tokio::test]
async fn activity_reads_few_of_many_challenges() {
    let store = Counting::new(MemoryStore::new());
    let host = Host::new().await.on(store.clone()).await;
    let alice = host.visitor("alice");
    let create = async |number: usize| {
        // Ids of one millisecond have no order.
        host.clock.advance(Duration::from_millis(1));
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        let spec = spec.with_description(format!("number {number}").parse().unwrap());
        let _ = host.challenges.create(alice.owner.clone(), spec).await.unwrap();
    };
    // Many a minute, and then a few.
    for number in 0..1_100 {
        host.clock.advance(Duration::from_millis(199));
        create(number).await;
    }
    for (pause, from, reads) in [(0, 1_100, 2), (90, 1_105, 3)] {
        host.clock.advance(Duration::from_secs(pause));
        for number in from..from + 5 {
            create(number).await;
        }
        let before = store.counts();
        let data = alice.get("account/activity").await.data();
        assert_eq!((store.counts() - before).list, reads);
        let shown: Vec<_> = data["challenges"].as_array().unwrap().iter().map(|one| &one["description"]).collect();
        let newest: Vec<_> = (from + 5 - 20..from + 5).rev().map(|number| json!(format!("number {number}"))).collect();
        assert_eq!(shown, newest.iter().collect::<Vec<_>>());
    }
}
