use challenges_core::endpoints::{Address, PushSubscription};
use challenges_testkit::administrator;
use challenges_testkit::webauthn::SecurityKey;
use http::StatusCode;

use crate::host::{Host, P256DH, Visitor, WAYS, Way, between};

/// A user with everything that can be changed, and the path and fields of each change.
async fn changes<'a>(host: &'a Host) -> (Visitor<'a>, Vec<(String, Vec<(&'static str, String)>)>) {
    let (mut alice, app) = host.visitor("alice").with_app().await;
    let passkey = alice.add_passkey(Way::Json, &mut SecurityKey::new(1), "key").await;
    let push = PushSubscription::new("https://push.example.com/1", P256DH, "AAECAwQFBgcICQoLDA0ODw").unwrap();
    let phone = alice.add_address(Address::Phone("+442079460000".parse().unwrap())).await;
    let email = alice.add_address(Address::Email("alice@example.org".parse().unwrap())).await;
    let browser = alice.add_address(Address::Push(push)).await;
    let endpoints = host.challenges.endpoints();
    let support = administrator();
    let pending = endpoints.register_phone(alice.owner.clone(), &support, "+442079460009".parse().unwrap());
    let pending = pending.await.unwrap().id();
    let code = host.message().await;
    let totp = alice.account().await["totp"][0]["id"].as_str().unwrap().to_owned();
    let device = alice.trust(&app, "Firefox").await;
    alice.step_up(&app).await;
    let subscription =
        format!(r#"{{"endpoint":"https://push.example.com/2","p256dh":"{P256DH}","auth":"AAECAwQFBgcICQoLDA0ODw"}}"#);
    let changes = [
        (format!("account/devices/{device}/revoke"), vec![]),
        ("account/devices/revoke-all".to_owned(), vec![]),
        ("account/totp".to_owned(), vec![]),
        ("account/passkeys".to_owned(), vec![]),
        ("account/recovery-codes".to_owned(), vec![]),
        (format!("account/phones/{pending}/confirm"), vec![("code", code)]),
        ("account/emails".to_owned(), vec![("address", "bob@example.org".to_owned())]),
        ("account/browsers".to_owned(), vec![("subscription", subscription)]),
        (format!("account/phones/{phone}/remove"), vec![]),
        (format!("account/emails/{email}/remove"), vec![]),
        (format!("account/browsers/{browser}/remove"), vec![]),
        (format!("{passkey}/rename"), vec![("name", "other".to_owned())]),
        (format!("{passkey}/remove"), vec![]),
        (format!("account/totp/{totp}/remove"), vec![]),
    ];
    host.clock.advance(std::time::Duration::from_secs(60));
    (alice, changes.into())
}

fn borrowed<'f>(fields: &'f [(&'static str, String)]) -> Vec<(&'f str, &'f str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// R67: a session without a step-up changes nothing once a factor exists.
#[tokio::test]
async fn session_alone_changes_nothing() {
    for way in WAYS {
        let host = Host::new().await;
        let (alice, changes) = changes(&host).await;
        let before = alice.account().await;
        let mut bob = host.visitor("bob").with_app().await.0;
        for cookie in [String::new(), std::mem::take(&mut bob.cookie), alice.cookie.replace("=", "=x")] {
            let thief = Visitor { cookie, owner: alice.owner.clone(), host: &host, is_signed_in: true };
            for (path, fields) in &changes {
                let refused = thief.post(way, path, &borrowed(fields)).await;
                match way {
                    Way::Form => assert!(refused.location.starts_with("/mfa/factor?"), "{path}: {refused:?}"),
                    Way::Json => assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path}: {refused:?}"),
                }
                assert!(!refused.body.contains("otpauth"));
            }
            assert_eq!(alice.account().await, before);
        }
        for (path, fields) in &changes {
            let done = alice.post(way, path, &borrowed(fields)).await;
            assert!(done.is_done(), "control: {path}: {done:?}");
        }
    }
}

/// R67: the page with a form asks for the step-up, so that no input is lost, and leads back to the page.
#[tokio::test]
async fn forms_ask_for_the_step_up_first() {
    let host = Host::new().await;
    let (alice, changes) = changes(&host).await;
    let thief = Visitor { cookie: String::new(), owner: alice.owner.clone(), host: &host, is_signed_in: true };
    for (path, _) in &changes {
        let asked = thief.page(path).await;
        let back = format!(
            "return_to={}",
            url::form_urlencoded::byte_serialize(format!("/mfa/{path}").as_bytes()).collect::<String>()
        );
        assert!(asked.location.starts_with("/mfa/factor?") && asked.location.contains(&back), "{path}: {asked:?}");
        assert_eq!(alice.page(path).await.status, StatusCode::OK, "control: {path}");
    }
}

#[tokio::test]
async fn step_up_expires() {
    let host = Host::new().await;
    let (alice, _) = host.visitor("alice").with_app().await;
    assert!(alice.post(Way::Json, "account/totp", &[]).await.is_done());
    host.clock.advance(std::time::Duration::from_secs(301));
    assert_eq!(alice.post(Way::Json, "account/totp", &[]).await.status, StatusCode::UNAUTHORIZED);
}

/// R67: with the policy, a factor is removed by another type only, and the person learns this.
#[tokio::test]
async fn same_factor_is_told() {
    for way in WAYS {
        let mut policy = challenges_core::Policy::default();
        policy.replace_by_other_factor = true;
        let host = Host::with_policy(policy).await;
        let (alice, _) = host.visitor("alice").with_app().await;
        alice.add_passkey(way, &mut SecurityKey::new(1), "").await;
        let account = alice.account().await;
        let path = format!("account/totp/{}/remove", account["totp"][0]["id"].as_str().unwrap());
        let refused = alice.post(way, &path, &[]).await;
        refused.assert_refused(way, "same_factor");
        if way == Way::Form {
            let link = between(&refused.body, "<a href=\"/mfa/factor", "\"").replace("&amp;", "&");
            let page = alice.get(&format!("factor{link}")).await.data();
            assert_eq!((&page["passkey"].is_object(), &page["login"]), (&true, &false.into()), "{page}");
        }
        let path = format!("account/passkeys/{}/remove", account["passkeys"][0]["id"].as_str().unwrap());
        assert!(alice.post(way, &path, &[]).await.is_done(), "control");
    }
}
