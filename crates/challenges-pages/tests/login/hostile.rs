use std::time::Duration;

use challenges_core::step_up::Requirement;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Error, Invalid, Policy, Purpose};
use challenges_memory::MemoryStore;
use challenges_pages::{Pages, SecondFactor};
use challenges_testkit::Counting;
use http::header::{ACCEPT, CONTENT_TYPE, ORIGIN as ORIGIN_HEADER};
use http::{HeaderValue, StatusCode};

use crate::browser::{Browser, Host, ORIGIN};

/// Texts that lead away from the application, or break out of a header.
const AWAY: [&str; 12] = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    "/\n/evil.example/",
    "javascript:alert(1)",
    "/a\r\nSet-Cookie: x=y",
    "evil.example",
    "",
];

fn factor(return_to: &str, path: &str) -> String {
    format!("/mfa/{path}?{}", serde_urlencoded::to_string([("purpose", "transfer"), ("return_to", return_to)]).unwrap())
}

/// R77: only paths of the application are returned to.
#[tokio::test]
async fn forged_return_to_leads_to_the_start_page() {
    let host = Host::new().await;
    let app = host.add_app().await;
    for target in AWAY {
        let mut browser = host.browser();
        browser.user = Some(host.alice.clone());
        let shown = browser.get(&factor(target, "factor")).await.body;
        assert!(!shown.contains("evil.example") && !shown.contains("javascript:"), "{shown}");
        host.clock.advance(std::time::Duration::from_secs(30));
        let code = app.code(host.challenges.now());
        browser.post(&factor(target, "factor/totp"), &[("code", &code)]).await.leads_to("/");
        let mut login = host.browser();
        let _redirect = login.password_for(target).await;
        login.get("/mfa/factor").await;
        host.clock.advance(std::time::Duration::from_secs(30));
        let code = app.code(host.challenges.now());
        login.post("/mfa/factor/totp", &[("code", &code)]).await.leads_to("/login/finish");
        assert_eq!(login.finish().await.unwrap().return_to(), "/", "{target:?}");
    }
    // The control.
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    browser.get(&factor("/own?a=//evil.example", "factor")).await;
    host.clock.advance(std::time::Duration::from_secs(30));
    let code = app.code(host.challenges.now());
    let own = browser.post(&factor("/own?a=//evil.example", "factor/totp"), &[("code", &code)]).await;
    own.leads_to("/own?a=//evil.example");
}

/// R77: the form of another origin answers nothing.
#[tokio::test]
async fn form_of_another_origin_is_refused() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let post = async |browser: &mut Browser<'_>, site: Option<&'static str>, origin: Option<&'static str>| {
        browser.site = site;
        let mut headers = browser.headers();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN_HEADER, HeaderValue::from_static(origin));
        }
        let code = app.code(host.challenges.now());
        browser.send("POST", "/mfa/factor/totp", headers, format!("code={code}")).await
    };
    let mut browser = host.browser();
    browser.begin().await;
    browser.get("/mfa/factor").await;
    for (site, origin) in [
        (Some("cross-site"), None),
        (Some("same-site"), None),
        (Some("cross-site"), Some(ORIGIN)),
        (None, Some("https://evil.example")),
        (None, Some("null")),
        (None, Some("http://app.example.org")),
    ] {
        let refused = post(&mut browser, site, origin).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{site:?} {origin:?}");
    }
    assert_eq!(browser.finish().await.unwrap_err(), StatusCode::UNAUTHORIZED);
    post(&mut browser, None, Some(ORIGIN)).await.leads_to("/login/finish");
}

/// Returns the `Origin` of a form on a page with a referrer policy, posted to the page's own origin (Fetch standard,
/// "append a request `Origin` header").
fn origin_of_form(policy: &str) -> &'static str {
    match policy {
        "no-referrer" => "null",
        "same-origin" | "strict-origin" | "strict-origin-when-cross-origin" => ORIGIN,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn forms_of_older_browsers_are_accepted() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.site = None;
    browser.begin().await;
    let shown = browser.get("/mfa/factor").await;
    let own = origin_of_form(shown.headers["referrer-policy"].to_str().unwrap());
    for (origin, works) in [(origin_of_form("no-referrer"), false), (own, true)] {
        let mut headers = browser.headers();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ORIGIN_HEADER, HeaderValue::from_static(origin));
        let code = app.code(host.challenges.now());
        let reply = browser.send("POST", "/mfa/factor/totp", headers, format!("code={code}")).await;
        assert_eq!(reply.location() == "/login/finish", works, "{origin} {reply:?}");
    }
}

/// R62: a link of another site spends no messages of a signed-in user.
#[tokio::test]
async fn link_from_another_site_sends_no_message() {
    let host = Host::new().await;
    host.add_phone().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    for site in ["cross-site", "same-site"] {
        browser.site = Some(site);
        let shown = browser.get(&factor("/", "factor")).await;
        assert!(shown.status == StatusCode::OK && shown.body.contains("/mfa/factor/renew"), "{shown:?}");
        assert_eq!(host.asked().await, 0, "{site}");
    }
    browser.site = Some("same-origin");
    browser.post(&factor("/", "factor/renew"), &[]).await;
    assert_eq!(host.asked().await, 1);
    assert!(host.message().await.0.starts_with(ORIGIN));
    for (site, asked) in [(Some("none"), 2), (None, 3)] {
        browser.cookies.clear();
        browser.site = site;
        host.clock.advance(std::time::Duration::from_secs(31));
        browser.get(&factor("/", "factor")).await;
        assert_eq!(host.asked().await, asked, "control: {site:?}");
    }
}

#[tokio::test]
async fn head_asks_nothing() {
    let host = Host::new().await;
    host.add_phone().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    browser.begin().await;
    for path in ["/mfa/factor", &factor("/", "factor")] {
        let head = browser.send("HEAD", path, browser.headers(), String::new()).await;
        assert_eq!((head.status, head.body.as_str(), host.asked().await), (StatusCode::OK, "", 0), "{path}");
    }
    browser.get("/mfa/factor").await;
    assert_eq!(host.asked().await, 1, "control");
}

/// R62: a thief of the password, who opens challenges without end, leaves room for the user.
#[tokio::test]
async fn flood_of_challenges_does_not_lock_out_the_user() {
    let host = Host::with(challenges_testkit::key_ring(), |policy| policy.open_challenges = 8, |gate| gate).await;
    let app = host.add_app().await;
    let codes = host.add_recovery_codes().await;
    let ask = async |purpose| host.challenges.ask(&host.alice, purpose, &Requirement::any()).await;
    let other = ask(Purpose::new("transfer").unwrap()).await.unwrap().unwrap().0.challenge.id();
    let mut thief = host.browser();
    thief.begin().await;
    let pending = thief.cookies.clone();
    let flood = async |thief: &mut Browser<'_>| {
        for _ in 0..5 {
            thief.cookies = pending.clone();
            host.clock.advance(std::time::Duration::from_secs(1));
            assert_eq!(thief.get("/mfa/factor").await.status, StatusCode::OK);
        }
    };
    flood(&mut thief).await;
    flood(&mut thief).await;
    let full = ask(Pages::login_purpose().unwrap()).await.unwrap_err();
    assert!(matches!(full, Error::Invalid(Invalid::TooMany { .. })), "control: {full}");
    let mut alice = host.browser();
    alice.begin().await;
    host.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(alice.get("/mfa/factor").await.status, StatusCode::OK);
    flood(&mut thief).await;
    let mut by_recovery = alice.clone();
    by_recovery.post("/mfa/factor/recovery", &[("code", &codes[0])]).await.leads_to("/login/finish");
    let code = app.code(host.challenges.now());
    alice.post("/mfa/factor/totp", &[("code", &code)]).await.leads_to("/login/finish");
    assert!(host.challenges.get(other).await.is_ok(), "another purpose");
}

/// R62: neither a thief of the password, who opens logins without end, nor a thief of the session, who opens step-ups,
/// shuts the user out of anything else. Challenges of the host stay.
#[tokio::test]
async fn flood_of_one_purpose_blocks_no_other() {
    const QUERIES: [&str; 3] = ["", "?purpose=transfer&return_to=%2F", "?purpose=manage-factors&return_to=%2F"];
    for flooded in QUERIES {
        let host = Host::with(challenges_testkit::key_ring(), |policy| policy.open_challenges = 16, |gate| gate).await;
        let app = host.add_app().await;
        let ask = async || host.challenges.ask(&host.alice, Purpose::new("own").unwrap(), &Requirement::any()).await;
        let own = ask().await.unwrap().unwrap().0.challenge.id();
        let open = async |query: &'static str| {
            host.clock.advance(Duration::from_secs(1));
            let mut browser = host.browser();
            if query.is_empty() {
                browser.begin().await;
            } else {
                browser.user = Some(host.alice.clone());
            }
            let shown = browser.get(&format!("/mfa/factor{query}")).await;
            assert_eq!(shown.status, StatusCode::OK, "{query:?} during a flood of {flooded:?}");
            browser
        };
        for _ in 0..40 {
            open(flooded).await;
        }
        while ask().await.is_ok() {}
        let mut alice = Vec::new();
        for query in QUERIES.into_iter().filter(|query| *query != flooded) {
            alice.push((query, open(query).await));
        }
        for _ in 0..40 {
            open(flooded).await;
        }
        for (query, mut browser) in alice {
            host.clock.advance(Duration::from_secs(60));
            let code = app.code(host.challenges.now());
            let answered = browser.post(&format!("/mfa/factor/totp{query}"), &[("code", &code)]).await;
            answered.leads_to(if query.is_empty() { "/login/finish" } else { "/" });
        }
        assert!(host.challenges.get(own).await.is_ok());
    }
}

/// R58: a user with many ended challenges makes no long search for a place.
#[tokio::test]
async fn search_for_room_reads_few_of_many_challenges() {
    let store = Counting::new(MemoryStore::new());
    let set = |policy: &mut Policy| policy.open_challenges = 8;
    let host = Host::over(store.clone(), challenges_testkit::key_ring(), set, |gate| gate).await;
    host.add_app().await;
    let create = async || {
        // Ids of one millisecond have no order.
        host.clock.advance(Duration::from_millis(1));
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        host.challenges.create(host.alice.clone(), spec).await.unwrap()
    };
    let mut ended = Vec::new();
    for _ in 0..4_000 {
        let created = create().await;
        let id = created.challenge.id();
        let answer = Answer::allow(id, ChallengeType::Code, created.code.unwrap().expose());
        drop(host.challenges.answer(answer).await.unwrap());
        ended.push(id);
    }
    host.clock.advance(Duration::from_millis(1));
    let (login, any) = (Pages::login_purpose().unwrap(), Requirement::any());
    let oldest = host.challenges.ask(&host.alice, login, &any).await.unwrap().unwrap().0.challenge.id();
    for _ in 0..7 {
        drop(create().await);
    }
    for (is_found, status) in [(false, StatusCode::BAD_REQUEST), (true, StatusCode::OK)] {
        if is_found {
            // The last read now reaches the challenge.
            host.challenges.delete(ended.pop().unwrap()).await.unwrap();
        }
        let mut browser = host.browser();
        browser.begin().await;
        let before = store.counts();
        assert_eq!(browser.get("/mfa/factor").await.status, status);
        assert_eq!((store.counts() - before).list, 8, "found: {is_found}");
        assert_eq!(host.challenges.get(oldest).await.is_err(), is_found);
    }
}

/// R39: a prefetch neither asks nor signs in.
#[tokio::test]
async fn prefetch_asks_and_finishes_nothing() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    let mut headers = browser.headers();
    headers.insert("sec-purpose", HeaderValue::from_static("prefetch;prerender"));
    let refused = browser.send("GET", "/mfa/factor", headers, String::new()).await;
    assert_eq!((refused.status, host.asked().await), (StatusCode::BAD_REQUEST, 0));
    browser.get("/mfa/factor").await;
    browser.post("/mfa/factor/totp", &[("code", &app.code(host.challenges.now()))]).await.leads_to("/login/finish");
    let mut headers = browser.headers();
    headers.insert("purpose", HeaderValue::from_static("prefetch"));
    assert_eq!(host.pages.finish_login(&headers).await.unwrap_err().status(), StatusCode::BAD_REQUEST);
    assert!(browser.finish().await.is_ok(), "not used up");
}

/// R76: cookies are bound to the browser.
#[tokio::test]
async fn stolen_cookies_do_not_work_in_another_browser() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    let mut thief = browser.clone();
    thief.agent = "curl/8.5.0".to_owned();
    assert_eq!(thief.get("/mfa/factor").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(host.asked().await, 0);
    browser.get("/mfa/factor").await;
    browser.post("/mfa/factor/totp", &[("code", &app.code(host.challenges.now()))]).await.leads_to("/login/finish");
    let mut thief = browser.clone();
    thief.agent = "curl/8.5.0".to_owned();
    assert_eq!(thief.finish().await.unwrap_err(), StatusCode::UNAUTHORIZED);
    assert!(browser.finish().await.is_ok());
}

/// R76: a pending login proves no factor.
#[tokio::test]
async fn stolen_pending_login_still_needs_the_factor() {
    let host = Host::new().await;
    host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    let mut thief = browser.clone();
    assert_eq!(thief.get("/mfa/factor").await.status, StatusCode::OK, "the same User-Agent");
    assert_eq!(thief.finish().await.unwrap_err(), StatusCode::UNAUTHORIZED);
    // The pending cookie in the place of the passed one.
    let pending = thief.cookies["__Host-challenges_login"].clone();
    thief.cookies.insert("__Host-challenges_fresh".to_owned(), pending);
    assert_eq!(thief.finish().await.unwrap_err(), StatusCode::UNAUTHORIZED);
}

/// R76: a pending login lives 10 minutes, and a passed one a minute.
#[tokio::test]
async fn pending_login_expires_after_ten_minutes() {
    let host = Host::new().await;
    let app = host.add_app().await;
    for (seconds, works) in [(599, true), (600, false)] {
        let mut browser = host.browser();
        browser.begin().await;
        host.clock.advance(std::time::Duration::from_secs(seconds));
        let status = if works { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        let shown = browser.get("/mfa/factor").await;
        assert_eq!(shown.status, status, "{seconds}");
        assert!(shown.body.contains("href=\"/login\">"), "{}", shown.body);
    }
    let mut browser = host.browser();
    browser.begin().await;
    browser.get("/mfa/factor").await;
    browser.post("/mfa/factor/totp", &[("code", &app.code(host.challenges.now()))]).await.leads_to("/login/finish");
    host.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(browser.finish().await.unwrap_err(), StatusCode::UNAUTHORIZED);
}

/// R76: cookies are bound to store and key.
#[tokio::test]
async fn cookies_of_another_store_or_key_are_refused() {
    let host = Host::new().await;
    host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    let other_store = Host::new().await;
    let other_key = Host::with(challenges_core::KeyRing::generate().unwrap(), |_| {}, |gate| gate).await;
    for (other, accepted) in [(&host, true), (&other_store, false), (&other_key, false)] {
        if !accepted {
            other.add_app().await;
        }
        let mut moved = other.browser();
        moved.cookies = browser.cookies.clone();
        let status = if accepted { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(moved.get("/mfa/factor").await.status, status);
    }
}

/// R76: a changed cookie is no login.
#[tokio::test]
async fn changed_or_repeated_cookies_are_refused() {
    let host = Host::new().await;
    host.add_app().await;
    let mut browser = host.browser();
    browser.begin().await;
    let name = "__Host-challenges_login";
    let genuine = browser.cookies[name].clone();
    let mut changed = genuine.clone().into_bytes();
    let last = changed.len() - 3;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    for forged in [String::from_utf8(changed).unwrap(), String::new(), "x".repeat(5_000)] {
        browser.cookies.insert(name.to_owned(), forged);
        assert_eq!(browser.get("/mfa/factor").await.status, StatusCode::UNAUTHORIZED);
    }
    browser.cookies.insert(name.to_owned(), format!("{genuine}; {name}={genuine}"));
    assert_eq!(browser.get("/mfa/factor").await.status, StatusCode::UNAUTHORIZED, "two of one name");
    browser.cookies.insert(name.to_owned(), genuine);
    assert_eq!(browser.get("/mfa/factor").await.status, StatusCode::OK);
}

/// R63: a pending login under a retired key is refused.
#[tokio::test]
async fn retired_key_ends_pending_logins() {
    use challenges_core::KeyRing;
    use challenges_core::{Challenges, Owner};
    use challenges_memory::MemoryStore;

    let store = std::sync::Arc::new(MemoryStore::new());
    let key = |byte: u8| [byte; 32];
    let pages = async |ring: KeyRing| {
        let challenges = Challenges::builder(store.clone(), ring).build().await.unwrap();
        (Pages::builder(challenges.clone(), ORIGIN).build().unwrap(), challenges)
    };
    let host = Host::new().await;
    let mut browser = host.browser();
    let (before, challenges) = pages(KeyRing::new("k1", key(1)).unwrap()).await;
    let alice = Owner::user("alice").unwrap();
    let number = challenges_core::endpoints::Address::Phone("+4915112345678".parse().unwrap());
    challenges
        .endpoints()
        .register_confirmed(alice.clone(), &challenges_testkit::administrator(), number)
        .await
        .unwrap();
    let SecondFactor::Required(redirect) = before.second_factor(&alice, &browser.headers()).await.unwrap() else {
        panic!("not required")
    };
    browser.keep(redirect.headers());
    for (retired, status) in [(false, 400), (true, 401)] {
        let ring = KeyRing::new("k2", key(2)).unwrap();
        let ring = match retired {
            true => ring.with_retired_key("k1", key(1)),
            false => ring.with_key("k1", key(1)),
        };
        let (after, _) = pages(ring.unwrap()).await;
        let mut request = http::Request::get("/mfa/factor").body(bytes::Bytes::new()).unwrap();
        *request.headers_mut() = browser.headers();
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        // 400: no answer page is configured, so the question fails after the cookie is accepted.
        assert_eq!(after.respond(request, None).await.status().as_u16(), status);
    }
}
