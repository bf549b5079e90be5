//! The walks, the same for both frameworks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use challenges::Timestamp;
use challenges_testkit::Authenticator;

use crate::browser::{Browser, Page};
use crate::server::Server;

const ALICE: [(&str, &str); 2] = [("name", "alice"), ("password", "wonderland")];
const BOB: [(&str, &str); 2] = [("name", "bob"), ("password", "builder")];

/// The password alone makes no session, and a session alone transfers nothing.
pub(crate) async fn sign_in(server: &Server) {
    let mut browser = Browser::new(server.port);
    let page = browser.post("/sign-up", &ALICE).await;
    assert_eq!(page.path, "/mfa/account");
    let (phone, codes) = enroll(&mut browser).await;

    assert_eq!(browser.post("/sign-out", &[]).await.path, "/login");
    assert_eq!(browser.get("/").await.path, "/login");

    let page = browser.post("/login", &[("name", "alice"), ("password", "looking-glass")]).await;
    assert!(page.body.contains("Wrong name or password."), "{}", page.body);
    let page = browser.post("/login", &ALICE).await;
    assert_eq!(page.path, "/mfa/factor");
    assert_eq!(browser.get("/").await.path, "/login", "the password alone");
    let page = browser.post("/mfa/factor/totp", &[("code", &phone.wrong_code(now(), 7))]).await;
    assert_eq!(page.path, "/mfa/factor/totp", "a wrong code");
    assert_eq!(browser.get("/").await.path, "/login", "a wrong code");
    let page = browser.post("/mfa/factor/totp", &[("code", &next_code(&phone))]).await;
    assert!(page.path == "/" && page.body.contains("Hello, alice"), "{page:?}");

    let page = browser.get("/transfer").await;
    assert_eq!(page.path, "/mfa/factor", "the session alone");
    let page = step_up(&mut browser, &page, &codes[0]).await;
    assert_eq!(page.path, "/transfer");
    let page = browser.post("/transfer", &[]).await;
    assert!(page.body.contains("Transferred 100 for alice."), "{page:?}");

    browser.post("/sign-out", &[]).await;
    let page = browser.post("/transfer", &[]).await;
    assert_eq!(page.status, 401, "signed out");
}

/// The first user works for support, and resets the second.
pub(crate) async fn support(server: &Server) {
    let (mut alice, mut bob) = (Browser::new(server.port), Browser::new(server.port));
    alice.post("/sign-up", &ALICE).await;
    bob.post("/sign-up", &BOB).await;
    let (_, codes) = enroll(&mut alice).await;
    enroll(&mut bob).await;

    let page = alice.get("/support?name=bob").await;
    assert_eq!(page.path, "/mfa/factor", "the session alone");
    let page = step_up(&mut alice, &page, &codes[0]).await;
    assert!(page.body.contains("<dt>Authenticator apps</dt><dd>2</dd>"), "{page:?}");
    let page = alice.post("/support", &[("name", "bob"), ("case", "4711"), ("reset", "yes")]).await;
    assert!(page.body.contains("<dt>Authenticator apps</dt><dd>0</dd>"), "{page:?}");

    bob.post("/sign-out", &[]).await;
    assert_eq!(bob.post("/login", &BOB).await.path, "/", "bob has no factor any more");

    // Control: bob does not work for support.
    let (_, codes) = enroll(&mut bob).await;
    let page = bob.get("/support?name=alice").await;
    assert_eq!(step_up(&mut bob, &page, &codes[0]).await.status, 403);
}

/// Adds an authenticator app, steps up with it, and adds recovery codes and a second app. Returns the second app, of which
/// the next code is unused, and the codes.
async fn enroll(browser: &mut Browser) -> (Authenticator, Vec<String>) {
    let first = add_app(browser).await;
    let page = browser.get("/mfa/account/recovery-codes").await;
    assert_eq!(page.path, "/mfa/factor", "the session alone");
    let (_, query) = page.address.split_once('?').unwrap();
    let page = browser.post(&format!("/mfa/factor/totp?{query}"), &[("code", &next_code(&first))]).await;
    assert_eq!(page.path, "/mfa/account/recovery-codes");
    let page = browser.post("/mfa/account/recovery-codes", &[]).await;
    let codes = page.body.split("<li><code>").skip(1).filter_map(|rest| rest.split_once('<'));
    (add_app(browser).await, codes.map(|(code, _)| code.to_owned()).collect())
}

async fn add_app(browser: &mut Browser) -> Authenticator {
    let page = browser.post("/mfa/account/totp", &[]).await;
    let phone =
        Authenticator::new(&between(&page.body, "id=\"key\" dir=\"ltr\">", "</code>").replace(' ', "")).unwrap();
    let id = between(&page.body, "/mfa/account/totp/", "/confirm");
    let page = browser.post(&format!("/mfa/account/totp/{id}/confirm"), &[("code", &phone.code(now()))]).await;
    assert_eq!((page.status, page.path.as_str()), (200, "/mfa/account"));
    phone
}

/// Passes the challenge of the factor page with a recovery code.
async fn step_up(browser: &mut Browser, page: &Page, code: &str) -> Page {
    let (_, query) = page.address.split_once('?').unwrap();
    browser.post(&format!("/mfa/factor/recovery?{query}"), &[("code", code)]).await
}

/// The code of confirming is used up, so the next one is typed, which is good already.
fn next_code(phone: &Authenticator) -> String {
    phone.code(now().after(Duration::from_secs(30)))
}

fn now() -> Timestamp {
    Timestamp::from_seconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs())
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}
