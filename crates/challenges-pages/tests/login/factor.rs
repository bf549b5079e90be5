use std::time::Duration;

use challenges_core::Factor;
use http::StatusCode;

use crate::browser::Host;

#[tokio::test]
async fn reload_asks_nothing_anew() {
    let host = Host::new().await;
    host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    for _ in 0..3 {
        assert_eq!(browser.get("/mfa/factor").await.status, StatusCode::OK);
    }
    assert_eq!(host.asked().await, 1);
    // The control: without the cookie, each showing is a new challenge.
    browser.cookies.remove("__Host-challenges_factor");
    browser.get("/mfa/factor").await;
    assert_eq!(host.asked().await, 2);
}

/// R7: the delay counts across challenges, and a new challenge does not end it.
#[tokio::test]
async fn wrong_codes_lock_and_show_the_time() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    browser.get("/mfa/factor").await;
    let mut wrong = 0;
    let locked = loop {
        wrong += 1;
        let code = app.wrong_code(host.challenges.now(), wrong * 1_000);
        let reply = browser.post("/mfa/factor/totp", &[("code", &code)]).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.body.contains("role=\"alert\""), "{}", reply.body);
        if reply.body.contains("<time datetime=\"2027-01-15T08:") {
            break reply;
        }
        assert!(wrong < 20, "never locked: {}", reply.body);
        if reply.body.contains("factor/renew") {
            browser.post("/mfa/factor/renew", &[]).await.leads_to("/mfa/factor");
        }
    };
    assert!(wrong >= host.challenges.policy().failures_before_delay, "{}", locked.body);
    assert!(browser.data("/mfa/factor").await["totp"]["locked_until"].as_str().unwrap().starts_with("2027-01-15T08:"));
    let account = host.challenges.account(&host.alice).status().await.unwrap();
    let until = account.locked_until(Factor::Totp).unwrap().as_seconds();
    let right = app.code(host.challenges.now());
    browser.post("/mfa/factor/renew", &[]).await;
    let refused = browser.post("/mfa/factor/totp", &[("code", &right)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "still locked");
    host.clock.advance(Duration::from_secs(until - host.challenges.now().as_seconds() + 60));
    if browser.get("/mfa/factor").await.body.contains("factor/renew") {
        browser.post("/mfa/factor/renew", &[]).await;
    }
    let right = app.code(host.challenges.now());
    let passed = browser.post("/mfa/factor/totp", &[("code", &right)]).await;
    passed.leads_to("/login/finish");
}

#[tokio::test]
async fn poll_after_a_wrong_code_leads_to_the_page() {
    let host = Host::new().await;
    host.add_phone().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    browser.begin().await;
    for query in ["", "?purpose=transfer&return_to=%2F"] {
        browser.get(&format!("/mfa/factor{query}")).await;
        host.message().await;
        let form = format!("/mfa/factor/totp{query}");
        let wrong = browser.post(&form, &[("code", &app.wrong_code(host.challenges.now(), 1))]).await;
        let rest = wrong.body.split_once("data-poll-next=\"").unwrap().1;
        let next = rest.split_once('"').unwrap().0.replace("&amp;", "&");
        host.clock.advance(Duration::from_secs(31));
        assert_eq!(browser.get(&next).await.status, StatusCode::OK, "{next}");
        assert_eq!(next, format!("/mfa/factor{query}"));
        assert_eq!(browser.get(&form).await.status, StatusCode::METHOD_NOT_ALLOWED, "control");
    }
}

#[tokio::test]
async fn exhausted_challenge_is_renewed() {
    let host =
        Host::with(challenges_testkit::key_ring(), |policy| policy.failures_before_delay = 50, |gate| gate).await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    browser.get("/mfa/factor").await;
    for wrong in 0..host.challenges.policy().guesses_per_challenge {
        let code = app.wrong_code(host.challenges.now(), wrong * 1_000);
        browser.post("/mfa/factor/totp", &[("code", &code)]).await;
    }
    let right = app.code(host.challenges.now());
    let refused = browser.post("/mfa/factor/totp", &[("code", &right)]).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains("factor/renew"));
    browser.post("/mfa/factor/renew", &[]).await.leads_to("/mfa/factor");
    browser.get("/mfa/factor").await;
    browser.post("/mfa/factor/totp", &[("code", &right)]).await.leads_to("/login/finish");
}

#[tokio::test]
async fn expired_challenge_is_renewed() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    let factor = "/mfa/factor?purpose=transfer&return_to=%2F";
    browser.get(factor).await;
    host.clock.advance(host.challenges.policy().default_timeout);
    assert!(browser.get(factor).await.body.contains("factor/renew"));
    browser.post("/mfa/factor/renew?purpose=transfer&return_to=%2F", &[]).await.leads_to(factor);
    let code = app.code(host.challenges.now());
    browser.post("/mfa/factor/totp?purpose=transfer&return_to=%2F", &[("code", &code)]).await.leads_to("/");
}

#[tokio::test]
async fn passkey_comes_first_and_the_rest_is_folded() {
    let host = Host::new().await;
    host.add_app().await;
    host.add_passkey().await;
    host.add_recovery_codes().await;
    let mut browser = host.browser();
    browser.begin().await;
    let body = browser.get("/mfa/factor").await.body;
    let at = |text: &str| body.find(text).unwrap_or_else(|| panic!("no {text} in {body}"));
    assert!(at("factor/passkey") < at("<details"));
    assert!(at("<details") < at("factor/totp") && at("factor/totp") < at("factor/recovery"));
}

#[tokio::test]
async fn number_is_shown_on_every_reload() {
    let host = Host::with(challenges_testkit::key_ring(), |policy| policy.number_match = true, |gate| gate).await;
    host.add_phone().await;
    let mut browser = host.browser();
    browser.begin().await;
    let number = browser.data("/mfa/factor").await["message"]["number"].as_str().unwrap().to_owned();
    assert_eq!(number.len(), 2);
    let body = browser.get("/mfa/factor").await.body;
    assert!(body.contains(&format!("<p class=\"number\">{number}</p>")), "{body}");
}

#[tokio::test]
async fn messages_are_sent_again_within_the_limits() {
    let host = Host::new().await;
    host.add_phone().await;
    let mut browser = host.browser();
    browser.begin().await;
    browser.get("/mfa/factor").await;
    let (first, _) = host.message().await;
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(browser.post("/mfa/factor/resend", &[]).await.status);
    }
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
    host.clock.advance(Duration::from_secs(120));
    browser.post("/mfa/factor/resend", &[]).await.leads_to("/mfa/factor?sent=1");
    assert_ne!(host.message().await.0, first);
}

/// The report is not in the closed list of other ways.
#[tokio::test]
async fn resent_and_refused_messages_are_reported_in_sight() {
    let host = Host::new().await;
    host.add_phone().await;
    host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    let (closed, open) = ("<details class=\"card\">", "<details class=\"card\" open>");
    let shown = browser.get("/mfa/factor").await.body;
    assert!(shown.contains(closed) && !shown.contains("We are sending another message"), "control: {shown}");
    let limited = browser.post("/mfa/factor/resend", &[]).await.body;
    assert!(limited.contains(open) && limited.contains("Too many messages"), "{limited}");
    host.clock.advance(Duration::from_secs(31));
    browser.post("/mfa/factor/resend", &[]).await.leads_to("/mfa/factor?sent=1");
    let shown = browser.get("/mfa/factor?sent=1").await.body;
    assert!(shown.contains(open) && shown.contains("⟦We are sending another message."), "{shown}");
}

#[tokio::test]
async fn focus_is_at_the_first_or_wrong_field() {
    let host = Host::new().await;
    host.add_phone().await;
    host.add_app().await;
    host.add_recovery_codes().await;
    let mut browser = host.browser();
    browser.begin().await;
    let focused = |body: &str| -> Vec<String> {
        let fields = body.split("<input ").filter(|field| field.contains(" autofocus"));
        fields.map(|field| field.split("id=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect()
    };
    assert_eq!(focused(&browser.get("/mfa/factor").await.body), ["factor-totp-code"]);
    for way in ["recovery", "message", "totp"] {
        let wrong = browser.post(&format!("/mfa/factor/{way}"), &[("code", "000000")]).await.body;
        assert_eq!(focused(&wrong), [format!("factor-{way}-code")]);
    }
}

/// R19: the limits of messages leave the user the other factors and the recovery codes.
#[tokio::test]
async fn limit_of_messages_leaves_other_ways() {
    for has_app in [false, true] {
        let host = Host::new().await;
        host.add_phone().await;
        let codes = host.add_recovery_codes().await;
        let app = if has_app { Some(host.add_app().await) } else { None };
        let mut thief = host.browser();
        for _ in 0..=host.challenges.policy().sends.per_user {
            host.clock.advance(Duration::from_secs(31));
            thief.cookies.clear();
            thief.begin().await;
            thief.get("/mfa/factor").await;
        }
        host.clock.advance(Duration::from_secs(3_600));
        let mut alice = host.browser();
        alice.begin().await;
        let shown = alice.get("/mfa/factor").await;
        assert!(shown.body.contains("action=\"/mfa/factor/recovery\""), "{shown:?}");
        let wrong = alice.post("/mfa/factor/recovery", &[("code", "wrong")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        if let Some(app) = app {
            assert_eq!(shown.status, StatusCode::OK);
            let code = app.code(host.challenges.now());
            alice.post("/mfa/factor/totp", &[("code", &code)]).await.leads_to("/login/finish");
            continue;
        }
        assert_eq!(shown.status, StatusCode::TOO_MANY_REQUESTS, "control");
        for limited in [alice.get("/mfa/factor").await, alice.post("/mfa/factor/renew", &[]).await] {
            assert!(limited.body.contains("factor/renew") && limited.body.contains("factor/recovery"), "{limited:?}");
        }
        alice.post("/mfa/factor/recovery", &[("code", &codes[0])]).await.leads_to("/login/finish");
        let mut unasked = host.browser();
        unasked.begin().await;
        unasked.post("/mfa/factor/recovery", &[("code", &codes[1])]).await.leads_to("/login/finish");
    }
}

/// R19: the page does not name an address that got no message.
#[tokio::test]
async fn held_back_message_is_told() {
    let host = Host::new().await;
    host.add_phone().await;
    host.add_app().await;
    let (sent, held_back) = ("⟦We are sending a message to:⟧", "⟦No message was sent.⟧");
    let mut first = host.browser();
    first.begin().await;
    let shown = first.get("/mfa/factor").await;
    assert!(shown.body.contains(sent) && !shown.body.contains(held_back), "control: {shown:?}");
    let mut second = host.browser();
    second.begin().await;
    let shown = second.get("/mfa/factor").await;
    assert!(shown.body.contains(held_back) && !shown.body.contains(sent), "{shown:?}");
    assert!(!shown.body.contains("action=\"/mfa/factor/message\""), "no code to type: {shown:?}");
    assert_eq!(second.data("/mfa/factor").await["message"]["sent"], false);
    assert_eq!(second.post("/mfa/factor/resend", &[]).await.status, StatusCode::TOO_MANY_REQUESTS);
    host.clock.advance(Duration::from_secs(31));
    second.post("/mfa/factor/resend", &[]).await.leads_to("/mfa/factor?sent=1");
    let shown = second.get("/mfa/factor").await;
    assert!(shown.body.contains(sent) && !shown.body.contains(held_back), "{shown:?}");
    // The earlier message is named beside the reason for which no other was sent.
    let limited = second.post("/mfa/factor/resend", &[]).await;
    assert!(limited.body.contains(sent) && !limited.body.contains(held_back), "{limited:?}");
    assert!(limited.body.contains("Too many messages. Try again in"), "{limited:?}");
}

#[tokio::test]
async fn wrong_code_marks_its_field_only() {
    let host = Host::new().await;
    host.add_phone().await;
    host.add_recovery_codes().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    assert!(!browser.get("/mfa/factor").await.body.contains("aria-invalid"), "control");
    let of_app = app.wrong_code(host.challenges.now(), 1);
    let of_message = if host.message().await.1.unwrap() == "000000" { "000001" } else { "000000" };
    for (form, wrong) in [("totp", &*of_app), ("message", of_message), ("recovery", "wrong")] {
        let body = browser.post(&format!("/mfa/factor/{form}"), &[("code", wrong)]).await.body;
        let [_, marked] = &body.split("aria-invalid=\"true\"").collect::<Vec<_>>()[..] else {
            panic!("{form}: {body}")
        };
        assert!(marked.starts_with(" aria-describedby=\"error\""), "{form}: {marked}");
        let field = body.split("<input").find(|field| field.contains("aria-invalid")).unwrap();
        assert!(field.contains(&format!("id=\"factor-{form}-code\"")), "{field}");
        assert!(body.contains("id=\"error\" role=\"alert\""), "{body}");
    }
}

#[tokio::test]
async fn login_sent_twice_continues_the_challenge() {
    let host = Host::new().await;
    host.add_phone().await;
    let mut browser = host.browser();
    browser.begin().await;
    browser.get("/mfa/factor").await;
    let (_, code) = host.message().await;
    let mut other = host.browser();
    other.begin().await;
    assert_eq!(other.get("/mfa/factor").await.status, StatusCode::TOO_MANY_REQUESTS, "control");
    browser.begin().await;
    assert_eq!(browser.get("/mfa/factor").await.status, StatusCode::OK);
    // Neither does a second try to renew end the challenge.
    assert_eq!(browser.post("/mfa/factor/renew", &[]).await.status, StatusCode::TOO_MANY_REQUESTS);
    browser.post("/mfa/factor/message", &[("code", &code.unwrap())]).await.leads_to("/login/finish");
}

/// R76: the challenge of an earlier login signs nobody in once it is passed.
#[tokio::test]
async fn new_login_takes_no_earlier_pass() {
    let host = Host::new().await;
    host.add_phone().await;
    for (begins_again, location) in [(false, "/login/finish"), (true, "")] {
        host.clock.advance(Duration::from_secs(31));
        let mut browser = host.browser();
        browser.begin().await;
        browser.get("/mfa/factor").await;
        let (link, _) = host.message().await;
        host.approve(&link).await;
        if begins_again {
            browser.begin().await;
        }
        assert_eq!(browser.get("/mfa/factor").await.location(), location);
    }
}
