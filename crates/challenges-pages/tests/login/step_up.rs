use std::time::Duration;

use challenges_core::Purpose;
use challenges_http::StepUpGate;
use challenges_pages::Pages;
use challenges_testkit::key_ring;
use challenges_testkit::webauthn::SecurityKey;
use http::StatusCode;
use serde_json::Value;

use crate::browser::{Browser, Host, ORIGIN, Reply, two_factors};
use crate::pseudo;

const FACTOR: &str = "/mfa/factor?purpose=transfer&return_to=%2Ftransfer%3Fto%3Dbob";
const TOTP: &str = "/mfa/factor/totp?purpose=transfer&return_to=%2Ftransfer%3Fto%3Dbob";

#[tokio::test]
async fn step_up_opens_the_gate_and_leads_back() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    assert!(!host.opens(&host.transfer, &browser).await);
    browser.get(FACTOR).await;
    browser.post(TOTP, &[("code", &app.code(host.challenges.now()))]).await.leads_to("/transfer?to=bob");
    assert!(host.opens(&host.transfer, &browser).await);
    host.clock.advance(Duration::from_secs(301));
    assert!(!host.opens(&host.transfer, &browser).await);
}

#[tokio::test]
async fn gate_for_two_factors_asks_twice() {
    let host = Host::with(key_ring(), |_| {}, |gate| gate.requiring(two_factors())).await;
    let app = host.add_app().await;
    let mut key = host.add_passkey().await;
    key.verifies_user = false;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    browser.get(FACTOR).await;
    browser.post(TOTP, &[("code", &app.code(host.challenges.now()))]).await.leads_to(FACTOR);
    assert!(!host.opens(&host.transfer, &browser).await);
    let page = browser.data(FACTOR).await;
    assert_eq!((&page["is_second"], &page["totp"]), (&true.into(), &Value::Null));
    let answer = key.get(&page["passkey"], ORIGIN).unwrap().sign().json().to_string();
    let passkey = TOTP.replace("totp", "passkey");
    browser.post(&passkey, &[("credential", &answer)]).await.leads_to("/transfer?to=bob");
    assert!(host.opens(&host.transfer, &browser).await);
}

#[tokio::test]
async fn gate_for_two_factors_tells_users_with_one() {
    let host = Host::with(key_ring(), |_| {}, |gate| gate.requiring(two_factors())).await;
    let mut key = host.add_passkey().await;
    key.verifies_user = false;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    let page = browser.data(FACTOR).await;
    let answer = key.get(&page["passkey"], ORIGIN).unwrap().sign().json().to_string();
    let passkey = TOTP.replace("totp", "passkey");
    browser.post(&passkey, &[("credential", &answer)]).await.leads_to(FACTOR);
    let told = browser.get(FACTOR).await;
    assert!(told.status == StatusCode::CONFLICT && told.body.contains("href=\"/mfa/account\""), "{told:?}");
    host.add_app().await;
    assert_eq!(browser.get(FACTOR).await.status, StatusCode::OK, "control");
}

#[tokio::test]
async fn fresh_login_opens_gates_that_accept_it() {
    for accepts in [false, true] {
        let host = Host::with(
            key_ring(),
            |_| {},
            |gate| if accepts { gate.also_accepts(Pages::login_purpose().unwrap()) } else { gate },
        )
        .await;
        let app = host.add_app().await;
        let mut browser = host.browser();
        browser.begin().await;
        browser.get("/mfa/factor").await;
        browser.post("/mfa/factor/totp", &[("code", &app.code(host.challenges.now()))]).await;
        let login = browser.finish().await.unwrap();
        assert_eq!(host.opens(&host.transfer, &browser).await, accepts);
        assert_eq!(login.step_up().purpose().as_str(), "login");
        let signed_out = host.pages.sign_out().into_iter().collect();
        browser.keep(&signed_out);
        assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), Vec::<&String>::new());
        assert!(!host.opens(&host.transfer, &browser).await);
    }
}

/// R67: a session alone changes no factor.
#[tokio::test]
async fn change_of_factors_goes_by_the_factor_page() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    let needed = browser.post("/mfa/account/recovery-codes", &[]).await;
    let factor = needed.location().to_owned();
    assert!(factor.starts_with("/mfa/factor?purpose=manage-factors&return_to=%2Fmfa%2Faccount"), "{needed:?}");
    browser.get(&factor).await;
    let totp = factor.replace("/mfa/factor", "/mfa/factor/totp");
    let back = browser.post(&totp, &[("code", &app.code(host.challenges.now()))]).await;
    assert!(back.location().starts_with("/mfa/account"), "{back:?}");
    let shown = browser.post("/mfa/account/recovery-codes", &[]).await;
    assert!(!shown.location().contains("/factor"), "{shown:?}");
    assert_eq!(host.challenges.recovery_codes().left(&host.alice).await.unwrap(), 10);
}

/// R67: a gate of the application for changes of factors counts with all that the gate requires.
#[tokio::test]
async fn changes_need_what_their_gate_requires() {
    let mut host = Host::new().await;
    let app = host.add_app().await;
    let mut key = host.add_passkey().await;
    key.verifies_user = false;
    let gate = StepUpGate::new(host.challenges.clone(), Purpose::manage_factors(), Duration::from_secs(300));
    let gate = gate.requiring(two_factors());
    let pages = Pages::builder(host.challenges.clone(), ORIGIN).catalogue(pseudo::catalogue()).step_up(gate);
    host.pages = pages.build().unwrap();
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    let factor = browser.get("/mfa/account/recovery-codes").await.location().to_owned();
    let form = |name: &str| factor.replace("/mfa/factor", &format!("/mfa/factor/{name}"));
    browser.get(&factor).await;
    browser.post(&form("totp"), &[("code", &app.code(host.challenges.now()))]).await.leads_to(&factor);
    browser.get("/mfa/account/recovery-codes").await.leads_to(&factor);
    browser.post("/mfa/account/recovery-codes", &[]).await.leads_to(&factor);
    assert_eq!(host.challenges.recovery_codes().left(&host.alice).await.unwrap(), 0);
    let page = browser.data(&factor).await;
    let answer = key.get(&page["passkey"], ORIGIN).unwrap().sign().json().to_string();
    browser.post(&form("passkey"), &[("credential", &answer)]).await.leads_to("/mfa/account/recovery-codes");
    assert_eq!(browser.get("/mfa/account/recovery-codes").await.status, StatusCode::OK, "control");
    browser.post("/mfa/account/recovery-codes", &[]).await;
    assert_eq!(host.challenges.recovery_codes().left(&host.alice).await.unwrap(), 10);
}

/// R12: the cookie of a challenge serves its user only.
#[tokio::test]
async fn step_up_of_another_user_is_no_answer() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    browser.get(FACTOR).await;
    // Mallory signs in to the same browser, with the cookie of alice's challenge.
    browser.user = Some(challenges_core::Owner::user("mallory").unwrap());
    let code = app.code(host.challenges.now());
    browser.post(TOTP, &[("code", &code)]).await.leads_to(FACTOR);
    assert_eq!(browser.get(FACTOR).await.status, StatusCode::CONFLICT, "mallory has no factor");
    browser.user = Some(host.alice.clone());
    browser.post(TOTP, &[("code", &code)]).await.leads_to("/transfer?to=bob");
}

#[tokio::test]
async fn two_tabs_ask_for_two_purposes() {
    const MANAGE: &str = "?purpose=manage-factors&return_to=%2F";
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    browser.get(FACTOR).await;
    browser.get(&format!("/mfa/factor{MANAGE}")).await;
    browser.post(TOTP, &[("code", &app.code(host.challenges.now()))]).await.leads_to("/transfer?to=bob");
    host.clock.advance(Duration::from_secs(30));
    let code = app.code(host.challenges.now());
    browser.post(&format!("/mfa/factor/totp{MANAGE}"), &[("code", &code)]).await.leads_to("/");
    assert_eq!(host.asked().await, 2, "no tab asked twice");
    assert!(browser.cookies.keys().all(|name| !name.contains("challenges_factor")), "{:?}", browser.cookies);
}

#[tokio::test]
async fn visitors_are_sent_to_sign_in() {
    let host = Host::new().await;
    let mut browser = host.browser();
    let sent = browser.get(FACTOR).await;
    sent.leads_to("/login?return_to=%2Fmfa%2Ffactor%3Fpurpose%3Dtransfer%26return_to%3D%252Ftransfer%253Fto%253Dbob");
    browser.user = Some(host.alice.clone());
    assert_eq!(browser.get("/mfa/factor?purpose=unknown").await.status, StatusCode::NOT_FOUND);
    browser.get("/mfa/factor").await.leads_to("/");
}

/// R71: each request through a gate that opens once takes two new factors. No used or copied token lends its evidence.
#[tokio::test]
async fn used_step_up_lends_no_evidence() {
    for once in [true, false] {
        let host = Host::with(
            key_ring(),
            |_| {},
            |gate| {
                let gate = gate.requiring(two_factors());
                if once { gate.once() } else { gate }
            },
        )
        .await;
        let app = host.add_app().await;
        let mut key = host.add_passkey().await;
        key.verifies_user = false;
        let mut browser = host.browser();
        browser.user = Some(host.alice.clone());
        browser.get(FACTOR).await;
        browser.post(TOTP, &[("code", &app.code(host.challenges.now()))]).await.leads_to(FACTOR);
        let first = browser.cookies.clone();
        answer_with_passkey(&mut browser, &mut key).await.leads_to("/transfer?to=bob");
        assert!(host.opens(&host.transfer, &browser).await);

        // The used token, and one more code.
        host.clock.advance(Duration::from_secs(30));
        let mut used = browser.clone();
        used.get(FACTOR).await;
        let again = used.post(TOTP, &[("code", &app.code(host.challenges.now()))]).await;
        again.leads_to(if once { FACTOR } else { "/transfer?to=bob" });
        assert_eq!(host.opens(&host.transfer, &used).await, !once);

        // A copy of the token of the first factor, which lent its evidence already.
        let mut copy = browser.clone();
        copy.cookies = first;
        let again = answer_with_passkey(&mut copy, &mut key).await;
        again.leads_to(if once { FACTOR } else { "/transfer?to=bob" });
        assert_eq!(host.opens(&host.transfer, &copy).await, !once);

        // Control: two new factors open the gate again.
        let back = answer_with_passkey(&mut used, &mut key).await;
        back.leads_to("/transfer?to=bob");
        assert!(host.opens(&host.transfer, &used).await);
    }
}

async fn answer_with_passkey(browser: &mut Browser<'_>, key: &mut SecurityKey) -> Reply {
    let page = browser.data(FACTOR).await;
    let answer = key.get(&page["passkey"], ORIGIN).unwrap().sign().json().to_string();
    browser.post(&TOTP.replace("totp", "passkey"), &[("credential", &answer)]).await
}
