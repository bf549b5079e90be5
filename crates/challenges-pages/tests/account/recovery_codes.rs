use challenges_core::{Answer, ChallengeSpec, ChallengeType};
use challenges_testkit::webauthn::SecurityKey;
use http::StatusCode;

use crate::browsers::subscription;
use crate::host::{Host, ORIGIN, Reply, Visitor, WAYS, Way, between};

fn codes(way: Way, reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    match way {
        Way::Form => {
            let list = between(&reply.body, "<ul class=\"codes\"", "</ul>");
            list.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
        }
        Way::Json => {
            let data = reply.data();
            data["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
        }
    }
}

async fn answers(visitor: &Visitor<'_>, code: &str) -> bool {
    let types = [ChallengeType::Totp, ChallengeType::RecoveryCode];
    let id = visitor.ask(ChallengeSpec::new(types).unwrap()).await.challenge.id();
    let answer = Answer::allow(id, ChallengeType::RecoveryCode, code);
    visitor.host.challenges.answer(answer).await.is_ok()
}

/// R68: no other response contains the codes, and generating again ends them.
#[tokio::test]
async fn codes_are_shown_once() {
    for way in WAYS {
        let host = Host::new().await;
        let (alice, _) = host.visitor("alice").with_app().await;
        let generated = alice.post(way, "account/recovery-codes", &[]).await;
        let first = codes(way, &generated);
        assert_eq!(first.len(), 10);
        assert_eq!(alice.account().await["recovery_codes"], 10);
        for path in ["account", "account/recovery-codes", "account/activity"] {
            let (page, data) = (alice.page(path).await.body, alice.get(path).await.body);
            for code in &first {
                assert!(generated.body.contains(code), "control");
                assert!(!page.contains(code) && !data.contains(code), "{path}");
            }
        }
        let second = codes(way, &alice.post(way, "account/recovery-codes", &[]).await);
        assert!(first.iter().all(|code| !second.contains(code)));
        assert!(!answers(&alice, &first[0]).await);
        assert!(answers(&alice, &second[0]).await, "control");
        assert_eq!(alice.account().await["recovery_codes"], 9);
    }
}

#[tokio::test]
async fn codes_are_copied_printed_and_downloaded_from_the_page() {
    let host = Host::new().await;
    let (alice, _) = host.visitor("alice").with_app().await;
    let page = alice.post(Way::Form, "account/recovery-codes", &[]).await;
    let codes = codes(Way::Form, &page);
    let file = between(&page.body, "href=\"data:text/plain;charset=utf-8,", "\"");
    assert_eq!(file.replace("%0A", "\n").lines().collect::<Vec<_>>(), codes);
    assert!(page.body.contains("data-copy=\"codes\"") && page.body.contains("data-print"));
}

#[tokio::test]
async fn codes_need_a_factor() {
    for way in WAYS {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        assert!(!alice.page("account/recovery-codes").await.body.contains("<form"));
        let refused = alice.post(way, "account/recovery-codes", &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(alice.account().await["recovery_codes"], 0);
    }
}

/// R68: codes come with the first factor, and with no other.
#[tokio::test]
async fn first_factor_comes_with_codes() {
    for way in WAYS {
        let host = Host::new().await;
        let mut alice = host.visitor("alice");
        let (app, path) = alice.begin_app(way).await;
        let (now, confirm) = (host.challenges.now(), format!("{path}/confirm"));
        alice.post(way, &confirm, &[("code", &app.wrong_code(now, 1))]).await.assert_refused(way, "wrong_code");
        assert_eq!(alice.account().await["recovery_codes"], 0, "codes that nobody saw");
        let first = codes(way, &alice.post(way, &confirm, &[("code", &app.code(now))]).await);
        assert_eq!((first.len(), &alice.account().await["recovery_codes"]), (10, &10.into()));

        alice.step_up(&app).await;
        let (app, path) = alice.begin_app(way).await;
        let code = app.code(host.challenges.now());
        let second = alice.post(way, &format!("{path}/confirm"), &[("code", &code)]).await;
        assert!(second.is_done() && !second.body.contains("class=\"codes\"") && !second.body.contains("codes\":"));
        assert!(answers(&alice, &first[0]).await, "the codes of the first factor stay");
    }
}

#[tokio::test]
async fn every_kind_of_first_factor_comes_with_codes() {
    for way in WAYS {
        let host = Host::new().await;
        let [alice, bob, carol, dora] = ["alice", "bob", "carol", "dora"].map(|name| host.visitor(name));
        let (path, options) = alice.begin_passkey(way).await;
        let credential = SecurityKey::new(1).create(&options, ORIGIN).unwrap().sign().json().to_string();
        let fields = [("credential", credential.as_str()), ("name", "key")];
        codes(way, &alice.post(way, &format!("{path}/confirm"), &fields).await);
        assert_eq!(alice.account().await["passkeys"][0]["name"], "key");

        let subscription = subscription("https://push.example.com/1").to_string();
        codes(way, &bob.post(way, "account/browsers", &[("subscription", &subscription)]).await);

        carol.post(way, "account/phones", &[("number", "+442079460000")]).await;
        let path = format!("account/phones/{}", carol.account().await["phones"][0]["id"].as_str().unwrap());
        codes(way, &carol.post(way, &format!("{path}/confirm"), &[("code", &host.message().await)]).await);

        dora.post(way, "account/emails", &[("address", "dora@example.org")]).await;
        let path = format!("account/emails/{}", dora.account().await["emails"][0]["id"].as_str().unwrap());
        let confirmed = dora.post(way, &format!("{path}/confirm"), &[("code", &host.message().await)]).await;
        assert!(confirmed.is_done() && !confirmed.body.contains("codes"), "an address is no factor");
        assert_eq!(dora.account().await["recovery_codes"], 0);
        for visitor in [alice, bob, carol] {
            assert_eq!(visitor.account().await["recovery_codes"], 10);
        }
    }
}
