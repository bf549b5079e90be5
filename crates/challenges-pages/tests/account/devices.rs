use http::StatusCode;
use serde_json::json;

use crate::host::{Host, WAYS};

#[tokio::test]
async fn device_is_revoked() {
    for way in WAYS {
        let host = Host::new().await;
        let (mut alice, app) = host.visitor("alice").with_app().await;
        let first = alice.trust(&app, "Firefox <b>").await;
        alice.trust(&app, "Safari").await;
        alice.step_up(&app).await;
        assert_eq!(alice.account().await["devices"][0]["label"], "Firefox <b>");

        let revoke = format!("account/devices/{first}/revoke");
        assert!(alice.page(&revoke).await.body.contains("<bdi>Firefox &lt;b&gt;</bdi>"));
        assert!(alice.post(way, &revoke, &[]).await.is_done());
        let devices = alice.account().await["devices"].clone();
        assert_eq!((devices.as_array().unwrap().len(), &devices[0]["label"]), (1, &json!("Safari")));
        assert_eq!(alice.post(way, &revoke, &[]).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn all_devices_are_revoked() {
    for way in WAYS {
        let host = Host::new().await;
        let (mut alice, app) = host.visitor("alice").with_app().await;
        alice.trust(&app, "Firefox").await;
        alice.trust(&app, "Safari").await;
        alice.step_up(&app).await;
        let path = "account/devices/revoke-all";
        assert!(alice.page(path).await.body.contains(&format!("action=\"/mfa/{path}\"")));
        assert_eq!(alice.account().await["devices"].as_array().unwrap().len(), 2, "the page revokes nothing");
        assert!(alice.post(way, path, &[]).await.is_done());
        assert_eq!(alice.account().await["devices"], json!([]));
    }
}
