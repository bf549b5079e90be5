use challenges_core::endpoints::{Address, PushSubscription};
use challenges_testkit::administrator;
use challenges_testkit::webauthn::SecurityKey;
use http::StatusCode;

use crate::host::{Host, P256DH, WAYS, Way};

#[tokio::test]
async fn ids_of_others_are_not_found() {
    for way in WAYS {
        let host = Host::new().await;
        let (mut alice, app) = host.visitor("alice").with_app().await;
        let passkey = alice.add_passkey(Way::Json, &mut SecurityKey::new(1), "key").await;
        let push = PushSubscription::new("https://push.example.com/1", P256DH, "AAECAwQFBgcICQoLDA0ODw").unwrap();
        let browser = alice.add_address(Address::Push(push)).await;
        let owner = alice.owner.clone();
        let (totp, endpoints) = (host.challenges.totp(), host.challenges.endpoints());
        let pending = totp.create(owner.clone(), &administrator()).await.unwrap().0.id();
        let support = administrator();
        let phone = endpoints.register_phone(owner.clone(), &support, "+442079460000".parse().unwrap());
        let phone = phone.await.unwrap().id();
        host.clock.advance(std::time::Duration::from_secs(60));
        let email = endpoints.register_email(owner, &support, "alice@example.org".parse().unwrap());
        let email = email.await.unwrap().id();
        let (open, _) = alice.begin_passkey(Way::Json).await;
        let device = alice.trust(&app, "Firefox").await;
        alice.step_up(&app).await;
        let before = alice.account().await;

        let both = [
            format!("account/totp/{pending}/confirm"),
            format!("account/totp/{pending}/remove"),
            format!("{open}/confirm"),
            format!("{passkey}/rename"),
            format!("{passkey}/remove"),
            format!("account/devices/{device}/revoke"),
            format!("account/phones/{phone}/confirm"),
            format!("account/phones/{phone}/remove"),
            format!("account/emails/{email}/confirm"),
            format!("account/emails/{email}/remove"),
            format!("account/browsers/{browser}/remove"),
        ];
        let posts = [format!("account/phones/{phone}/resend"), format!("account/emails/{email}/resend")];
        let fields = [("code", "123456"), ("name", "mine"), ("credential", "{}")];
        let mallory = host.visitor("mallory");
        let rich = host.visitor("rich").with_app().await.0;
        for stranger in [&mallory, &rich] {
            for path in both.iter().chain(&posts) {
                let unknown = stranger.post(way, path, &fields).await;
                assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{path}: {unknown:?}");
            }
            for path in &both {
                assert_eq!(stranger.page(path).await.status, StatusCode::NOT_FOUND, "{path}");
                assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
            }
        }
        assert_eq!(alice.account().await, before);
        alice.step_up(&app).await;
        for path in &both {
            assert_eq!(alice.page(path).await.status, StatusCode::OK, "control: {path}");
        }
        for path in both.iter().map(|path| path.replace(|character: char| character.is_ascii_digit(), "!")) {
            assert!(alice.page(&path).await.status.is_client_error(), "{path}");
        }
    }
}

#[tokio::test]
async fn account_needs_a_session() {
    let host = Host::new().await;
    let mut alice = host.visitor("alice");
    alice.is_signed_in = false;
    for path in ["account", "account/activity", "account/totp", "account/recovery-codes", "account/phones"] {
        assert_eq!(alice.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(alice.page(path).await.location.starts_with("/login?"), "{path}");
    }
    for path in ["account/totp", "account/passkeys", "account/recovery-codes", "account/devices/revoke-all"] {
        assert_eq!(alice.post(Way::Json, path, &[]).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    alice.is_signed_in = true;
    assert_eq!(alice.get("account").await.status, StatusCode::OK, "control");
}
