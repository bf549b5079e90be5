use std::time::Duration;

use challenges_core::ChallengeType;
use challenges_pages::{LoginError, SecondFactor};
use challenges_testkit::administrator;
use http::StatusCode;

use crate::browser::{Host, ORIGIN};

/// R76: a passed login is handed out once, and not before the factor.
#[tokio::test]
async fn login_with_authenticator_app_passes_once() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    let SecondFactor::Required(_) = browser.password_for("/inbox?page=2").await else { panic!("not required") };
    assert_eq!(browser.finish().await.unwrap_err(), StatusCode::UNAUTHORIZED, "no factor yet");
    let page = browser.get("/mfa/factor").await;
    assert!(page.body.contains("autocomplete=\"one-time-code\""), "{}", page.body);
    let code = app.code(host.challenges.now());
    browser.post("/mfa/factor/totp", &[("code", &code)]).await.leads_to("/login/finish");
    let again = browser.clone();
    let login = browser.finish().await.unwrap();
    assert_eq!((login.owner(), login.return_to()), (&host.alice, "/inbox?page=2"));
    assert_eq!(login.evidence()[0].factor(), Some(ChallengeType::Totp));
    assert_eq!(again.finish().await.unwrap_err(), StatusCode::UNAUTHORIZED, "used");
}

#[tokio::test]
async fn password_counts_as_evidence_if_stated() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    let checked = host.pages.second_factor(&host.alice, &browser.headers()).after_password().await.unwrap();
    let SecondFactor::Required(redirect) = checked else { panic!("not required") };
    browser.keep(redirect.headers());
    browser.get("/mfa/factor").await;
    browser.post("/mfa/factor/totp", &[("code", &app.code(host.challenges.now()))]).await;
    assert!(browser.finish().await.unwrap().evidence()[1].is_password());
}

#[tokio::test]
async fn login_with_passkey_passes() {
    let host = Host::new().await;
    let mut key = host.add_passkey().await;
    let mut browser = host.browser();
    browser.begin().await;
    assert!(browser.get("/mfa/factor").await.body.contains("data-passkey-get"));
    let options = browser.data("/mfa/factor").await["passkey"].clone();
    let answer = key.get(&options, ORIGIN).unwrap().sign().json().to_string();
    browser.post("/mfa/factor/passkey", &[("credential", &answer)]).await.leads_to("/login/finish");
    assert!(browser.finish().await.unwrap().evidence()[0].is_phishing_resistant());
}

/// R68: a recovery code signs in once, and trusts no browser.
#[tokio::test]
async fn login_with_recovery_code_passes_once() {
    let host = Host::new().await;
    host.add_app().await;
    let codes = host.add_recovery_codes().await;
    for (code, passes) in [(&codes[0], true), (&codes[0], false), (&codes[1], true)] {
        let mut browser = host.browser();
        browser.begin().await;
        assert!(browser.get("/mfa/factor").await.body.contains("/mfa/factor/recovery"));
        let reply = browser.post("/mfa/factor/recovery", &[("code", code), ("trust", "yes")]).await;
        assert_eq!(reply.location() == "/login/finish", passes, "{reply:?}");
        assert_eq!(browser.finish().await.is_ok(), passes);
        // A recovery code trusts no browser.
        assert!(matches!(browser.password().await, SecondFactor::Required(_)));
    }
}

#[tokio::test]
async fn login_continues_after_approval_on_the_phone() {
    let host = Host::new().await;
    host.add_phone().await;
    let mut browser = host.browser();
    browser.begin().await;
    assert!(browser.get("/mfa/factor").await.body.contains("data-poll=\"/mfa/factor/state\""));
    let (link, _) = host.message().await;
    assert_eq!(browser.data("/mfa/factor/state").await["state"], "issued");
    let mut phone = host.browser();
    host.approve(&link).await;
    assert_eq!(phone.get("/mfa/factor").await.status, StatusCode::UNAUTHORIZED, "the phone is not signed in");
    assert_eq!(browser.data("/mfa/factor/state").await["state"], "challenge_passed");
    let mut second_tab = browser.clone();
    browser.get("/mfa/factor").await.leads_to("/login/finish");
    assert_eq!(browser.finish().await.unwrap().owner(), &host.alice);
    assert!(second_tab.get("/mfa/factor").await.body.contains("factor/renew"), "collected once");
}

#[tokio::test]
async fn login_with_code_of_message_passes() {
    let host = Host::new().await;
    host.add_phone().await;
    let mut browser = host.browser();
    browser.begin().await;
    let page = browser.get("/mfa/factor").await.body;
    assert!(page.contains("78") && !page.contains("4915112345678"), "{page}");
    let code = host.message().await.1.unwrap();
    browser.post("/mfa/factor/message", &[("code", &code)]).await.leads_to("/login/finish");
    assert_eq!(browser.finish().await.unwrap().evidence()[0].factor(), Some(ChallengeType::Sms));
}

/// R76: a copy of the cookies gets no second proof of a code typed here.
#[tokio::test]
async fn code_of_message_gives_one_proof() {
    let host = Host::new().await;
    host.add_phone().await;
    for thief_is_first in [false, true] {
        host.clock.advance(std::time::Duration::from_secs(31));
        let mut browser = host.browser();
        browser.begin().await;
        browser.get("/mfa/factor").await;
        let mut thief = browser.clone();
        let (link, code) = host.message().await;
        if thief_is_first {
            host.approve(&link).await;
            thief.get("/mfa/factor").await.leads_to("/login/finish");
        }
        let answered = browser.post("/mfa/factor/message", &[("code", &code.unwrap())]).await;
        assert_eq!(answered.location() == "/login/finish", !thief_is_first, "{answered:?}");
        assert_ne!(thief.get("/mfa/factor").await.location(), "/login/finish");
        assert_eq!(thief.finish().await.is_ok(), thief_is_first);
        assert_eq!(browser.finish().await.is_ok(), !thief_is_first);
    }
}

/// R70: another browser, and a revoked one, need the factor.
#[tokio::test]
async fn trusted_browser_skips_the_factor_until_revoked() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    assert!(browser.get("/mfa/factor").await.body.contains("name=\"trust\""));
    let code = app.code(host.challenges.now());
    browser.post("/mfa/factor/totp", &[("code", &code), ("trust", "yes")]).await.leads_to("/login/finish");
    let devices = host.challenges.devices().list(&host.alice).await.unwrap();
    assert_eq!(devices[0].label().as_str(), "Firefox, Linux");
    for _ in 0..2 {
        host.clock.advance(Duration::from_secs(86_400));
        let SecondFactor::Trusted(evidence, _) = browser.password().await else { panic!("not trusted") };
        assert!(evidence.is_trusted_device());
    }
    assert!(matches!(host.browser().password().await, SecondFactor::Required(_)), "another browser");
    host.challenges.devices().revoke_all(&host.alice, &administrator()).await.unwrap();
    assert!(matches!(browser.password().await, SecondFactor::Required(_)));
}

#[tokio::test]
async fn browser_without_tick_is_not_trusted() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    browser.get("/mfa/factor").await;
    browser.post("/mfa/factor/totp", &[("code", &app.code(host.challenges.now()))]).await.leads_to("/login/finish");
    assert!(matches!(browser.password().await, SecondFactor::Required(_)));
}

/// R76: a host that knows of a factor and a store that does not sign nobody in.
#[tokio::test]
async fn store_without_the_factor_of_the_host_fails_closed() {
    let host = Host::new().await;
    let (pages, headers) = (&host.pages, host.browser().headers());
    let check = |has_mfa| pages.second_factor(&host.alice, &headers).has_mfa(has_mfa);
    let refused = check(true).await.unwrap_err();
    assert!(matches!(refused, LoginError::FactorsMissing));
    assert_eq!(challenges_http::Error::from(refused).status(), StatusCode::INTERNAL_SERVER_ERROR);
    let SecondFactor::NotEnrolled(status) = check(false).await.unwrap() else { panic!("required") };
    assert!(!status.has_factor());
    host.add_app().await;
    for has_mfa in [false, true] {
        assert!(matches!(check(has_mfa).await.unwrap(), SecondFactor::Required(_)));
    }
}

/// R76: a thief with the old password finishes no login after the user changed the password.
#[tokio::test]
async fn changed_credentials_end_a_pending_login() {
    let host = Host::new().await;
    let app = host.add_app().await;
    for stated in [Some("old"), None] {
        let mut browser = host.browser();
        let headers = browser.headers();
        let check = host.pages.second_factor(&host.alice, &headers);
        let check = stated.into_iter().fold(check, |check, credentials| check.credentials(credentials));
        let SecondFactor::Required(redirect) = check.await.unwrap() else { panic!("not required") };
        browser.keep(redirect.headers());
        browser.get("/mfa/factor").await;
        host.clock.advance(Duration::from_secs(30));
        let code = app.code(host.challenges.now());
        browser.post("/mfa/factor/totp", &[("code", &code)]).await.leads_to("/login/finish");
        let login = browser.finish().await.unwrap();
        assert!(!login.has_credentials(b"new"));
        assert!(!login.has_credentials(b""));
        assert_eq!(login.has_credentials(b"old"), stated.is_some(), "the control");
    }
}
