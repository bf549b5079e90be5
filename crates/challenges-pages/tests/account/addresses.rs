use std::time::Duration;

use challenges_core::Policy;
use serde_json::json;

use crate::host::{Host, Reply, WAYS, Way};

/// The folder, the field, an address as typed, the masked form, and a text that is no address.
const CHANNELS: [[&str; 6]; 2] = [
    ["phones", "number", "+44 (0)20 7946-0000", "+**********00", "020 7946 <0000>", "phone_number"],
    ["emails", "address", " alice@example.org ", "a***@example.org", "alice<at>example.org", "email_address"],
];

/// Returns the path of an added address.
fn path(way: Way, folder: &str, added: &Reply) -> String {
    match way {
        Way::Form => added.location.strip_prefix("/mfa/").unwrap().strip_suffix("/confirm").unwrap().to_owned(),
        Way::Json => format!("account/{folder}/{}", added.data()["id"].as_str().unwrap()),
    }
}

#[tokio::test]
async fn address_is_added_confirmed_and_removed() {
    for (way, [folder, field, typed, masked, ..]) in
        WAYS.into_iter().flat_map(|way| CHANNELS.map(|channel| (way, channel)))
    {
        let host = Host::new().await;
        let (alice, _) = host.visitor("alice").with_app().await;
        let add = format!("account/{folder}");
        let path = path(way, folder, &alice.post(way, &add, &[(field, typed)]).await);
        let item = alice.account().await[folder][0].clone();
        assert_eq!((&item["address"], &item["confirmed"]), (&json!(masked), &json!(false)));

        let confirm = format!("{path}/confirm");
        let page = alice.page(&confirm).await.body;
        assert!(page.contains(masked) && page.contains("name=\"code\"") && page.contains(&format!("{path}/resend")));
        let code = host.message().await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        alice.post(way, &confirm, &[("code", wrong)]).await.assert_refused(way, "wrong_message_code");
        assert!(alice.post(way, &confirm, &[("code", &code)]).await.is_done());
        assert_eq!(alice.account().await[folder][0]["confirmed"], true);

        let known = alice.post(way, &add, &[(field, typed)]).await;
        assert!(way == Way::Json || known.location.contains("-known"), "{known:?}");
        assert!(alice.post(way, &format!("{path}/remove"), &[]).await.is_done());
        assert_eq!(alice.account().await[folder], json!([]));
    }
}

#[tokio::test]
async fn malformed_address_is_kept_in_the_form() {
    for (way, [folder, field, _, _, malformed, reason]) in
        WAYS.into_iter().flat_map(|way| CHANNELS.map(|channel| (way, channel)))
    {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        let refused = alice.post(way, &format!("account/{folder}"), &[(field, malformed)]).await;
        refused.assert_refused(way, reason);
        match way {
            Way::Form => {
                let kept = malformed.replace('<', "&lt;").replace('>', "&gt;");
                assert!(refused.body.contains(&format!("value=\"{kept}\"")), "{}", refused.body);
                let described = if field == "number" { "error number-hint" } else { "error" };
                let marked = format!("aria-invalid=\"true\" aria-describedby=\"{described}\"");
                assert!(refused.body.contains(&marked), "{}", refused.body);
                assert!(refused.body.contains("id=\"error\" role=\"alert\""), "{}", refused.body);
                assert!(!alice.page(&format!("account/{folder}")).await.body.contains("aria-invalid"), "control");
            }
            Way::Json => assert_eq!(refused.data()[field], malformed),
        }
        assert_eq!(alice.account().await[folder], json!([]));
    }
}

#[tokio::test]
async fn resending_waits_and_replaces_the_code() {
    for (way, [folder, field, typed, ..]) in WAYS.into_iter().flat_map(|way| CHANNELS.map(|channel| (way, channel))) {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        let path = path(way, folder, &alice.post(way, &format!("account/{folder}"), &[(field, typed)]).await);
        let first = host.message().await;
        let resend = format!("{path}/resend");
        let early = alice.post(way, &resend, &[]).await;
        early.assert_refused(way, "too_many_messages");
        assert!(!early.body.contains("aria-invalid"), "no other code would help: {}", early.body);
        assert!(early.body.contains("2027-01-15T08:0"), "{}", early.body);

        host.clock.advance(Duration::from_secs(60));
        let sent = alice.post(way, &resend, &[]).await;
        assert!(sent.is_done(), "{sent:?}");
        let second = host.message().await;
        let confirm = format!("{path}/confirm");
        assert!(alice.page(&format!("{confirm}?sent=1")).await.body.contains("role=\"status\""));
        if first != second {
            alice.post(way, &confirm, &[("code", &first)]).await.assert_refused(way, "wrong_message_code");
        }
        assert!(alice.post(way, &confirm, &[("code", &second)]).await.is_done());
    }
}

#[tokio::test]
async fn cap_is_told_with_its_number() {
    for way in WAYS {
        let mut policy = Policy::default();
        policy.endpoints = 1;
        let host = Host::with_policy(policy).await;
        let alice = host.visitor("alice");
        alice.post(way, "account/phones", &[("number", "+442079460000")]).await;
        host.clock.advance(Duration::from_secs(60));
        let full = alice.post(way, "account/phones", &[("number", "+442079460001")]).await;
        full.assert_refused(way, "full");
        assert!(way == Way::Form || full.data()["max"] == 1);
        assert_eq!(alice.account().await["phones"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn address_of_another_channel_is_not_found() {
    for way in WAYS {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        let added = alice.post(way, "account/phones", &[("number", "+442079460000")]).await;
        let wrong = path(way, "phones", &added).replace("phones", "emails");
        for path in [format!("{wrong}/remove"), format!("{wrong}/confirm"), format!("{wrong}/resend")] {
            let code = host.challenges.now().as_seconds().to_string();
            assert_eq!(alice.post(way, &path, &[("code", &code)]).await.status, 404, "{path}");
        }
    }
}
