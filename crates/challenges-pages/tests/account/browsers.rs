use serde_json::json;

use crate::host::{Host, P256DH, WAYS, Way};

pub(crate) fn subscription(url: &str) -> serde_json::Value {
    json!({ "endpoint": url, "expirationTime": null, "keys": { "p256dh": P256DH, "auth": "AAECAwQFBgcICQoLDA0ODw" } })
}

#[tokio::test]
async fn browser_is_added_and_removed() {
    for way in WAYS {
        let host = Host::new().await;
        let (alice, _) = host.visitor("alice").with_app().await;
        assert!(alice.page("account/browsers").await.body.contains("data-push-subscribe=\"KEY\""));
        let text = subscription("https://push.example.com/1").to_string();
        let added = alice.post(way, "account/browsers", &[("subscription", &text)]).await;
        assert!(added.is_done(), "{added:?}");
        let item = alice.account().await["browsers"][0].clone();
        assert_eq!((&item["address"], &item["confirmed"]), (&json!("push.example.com"), &json!(true)));
        let remove = format!("account/browsers/{}/remove", item["id"].as_str().unwrap());
        assert!(alice.page(&remove).await.body.contains("push.example.com"));
        assert!(alice.post(way, &remove, &[]).await.is_done());
        assert_eq!(alice.account().await["browsers"], json!([]));
    }
}

#[tokio::test]
async fn malformed_subscription_is_refused() {
    for way in WAYS {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        let local = subscription("https://localhost/1").to_string();
        for text in ["", "{}", &local] {
            let refused = alice.post(way, "account/browsers", &[("subscription", text)]).await;
            refused.assert_refused(way, "push_subscription");
        }
        assert_eq!(alice.account().await["browsers"], json!([]));
    }
}

/// R67: the URL of the earlier subscription stands for the step-up, and is compared.
#[tokio::test]
async fn browser_renews_its_subscription_without_a_step_up() {
    let host = Host::new().await;
    let (mut alice, _) = host.visitor("alice").with_app().await;
    let (old, new) = ("https://push.example.com/1", "https://push.example.com/2");
    let added = alice.post_json("account/browsers", &json!({ "subscription": subscription(old) })).await;
    assert!(added.is_done(), "{added:?}");
    alice.cookie.clear();
    let renew = |replaces: &str| json!({ "subscription": subscription(new), "replaces": replaces });
    assert_eq!(alice.post_json("account/browsers", &renew("https://push.example.com/3")).await.status, 404);
    // The service worker unsubscribes a browser that is signed out, and no other.
    let refused = alice.post_json("account/browsers", &renew("")).await;
    assert_eq!((refused.status.as_u16(), &refused.data()["error_code"]), (401, &json!("step_up_needed")));
    alice.is_signed_in = false;
    let refused = alice.post_json("account/browsers", &renew(old)).await;
    assert_eq!((refused.status.as_u16(), &refused.data()["error_code"]), (401, &json!("signed_out")));
    alice.is_signed_in = true;
    let renewed = alice.post_json("account/browsers", &renew(old)).await;
    assert!(renewed.is_done(), "{renewed:?}");
    assert_eq!(alice.account().await["browsers"].as_array().unwrap().len(), 1);
    let text = subscription(new).to_string();
    let fields = [("subscription", text.as_str()), ("replaces", new)];
    assert!(alice.post(Way::Form, "account/browsers", &fields).await.is_done());
}
