//! The walks, the same for both frameworks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use challenges::Timestamp;
use challenges_testkit::Authenticator;

use crate::browser::{Browser, Page};
use crate::server::Server;

const ALICE: [(&str, &str); 2] = [("name", "alice"), ("password", "wonderland")];
const ORDER: [(&str, &str); 2] = [("to", "bob"), ("amount", "100")];
const BOB: [(&str, &str); 2] = [("name", "bob"), ("password", "brick by brick")];

/// The password alone makes no session, and a session alone transfers nothing.
pub(crate) async fn sign_in(server: &mut Server) {
    let mut browser = Browser::new(server.port);
    let page = browser.post("/sign-up", &[("name", "alice"), ("password", "wonders")]).await;
    assert!(page.body.contains("at least 8 characters"), "{}", page.body);
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
    assert_eq!(page.path, "/");

    assert!(page.body.contains("<bdi id=\"user\">alice</bdi>"), "{page:?}");

    assert_eq!(browser.post("/transfer", &ORDER).await.status, 401, "the session alone");
    let page = browser.get("/transfer?to=bob&amount=100").await;
    assert_eq!(page.path, "/mfa/factor", "the session alone");
    let page = step_up(&mut browser, &page, &codes[0]).await;
    assert_eq!(page.address, "/transfer?to=bob&amount=100", "the order is remembered");
    assert_eq!(between(&page.body, "name=\"amount\" value=\"", "\""), "100");
    let page = browser.post("/transfer", &ORDER).await;
    assert!(page.body.contains("Transferred 100 from alice to bob."), "{page:?}");

    browser.post("/sign-out", &[]).await;
    assert_eq!(browser.post("/transfer", &ORDER).await.status, 401, "signed out");
}

/// The first user works for support, and resets the second.
pub(crate) async fn support(server: &mut Server) {
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

/// A user with a phone asks for a transfer, and approves by the link in the message, on the phone.
pub(crate) async fn approve_by_link(server: &mut Server) {
    let (mut browser, mut phone) = (Browser::new(server.port), Browser::new(server.port));
    browser.post("/sign-up", &ALICE).await;
    let page = browser.post("/mfa/account/phones", &[("number", "+1 555 010 0199")]).await;
    let text = server.printed("text message to +15550100199: ");
    let code = text.split(|one: char| !one.is_ascii_digit()).find(|digits| digits.len() >= 6).unwrap();
    assert_eq!(browser.post(&page.path, &[("code", code)]).await.path, "/mfa/account");

    let asked = browser.get("/transfer?to=bob&amount=100").await;
    assert_eq!(asked.path, "/mfa/factor", "the session alone");
    let text = server.printed("text message to +15550100199: ");
    let origin = format!("http://localhost:{}", server.port);
    let link = text.split_whitespace().find_map(|word| word.strip_prefix(&origin)).unwrap();
    assert_eq!(phone.get(link).await.path, "/mfa/answer");
    assert_eq!(browser.get(&asked.address).await.path, "/mfa/factor", "nobody has approved yet");
    let query = url::form_urlencoded::parse(link.split_once('?').unwrap().1.as_bytes());
    let mut fields: Vec<_> = query.into_owned().collect();
    fields.push(("decision".to_owned(), "approve".to_owned()));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(phone.post("/mfa/answer", &fields).await.status, 200);
    assert_eq!(browser.get(&asked.address).await.address, "/transfer?to=bob&amount=100");
}

/// A form of another site changes nothing, and `return_to` leads to no other site.
pub(crate) async fn other_sites(server: &mut Server) {
    let mut browser = Browser::new(server.port);
    browser.origin = "https://evil.example".to_owned();
    for path in ["/sign-up", "/login", "/sign-out", "/transfer", "/support"] {
        assert_eq!(browser.post(path, &ALICE).await.status, 403, "{path}");
    }
    browser.origin = format!("http://localhost:{}", server.port);
    assert_eq!(browser.post("/sign-up", &ALICE).await.path, "/mfa/account", "control: an own form");
    browser.post("/sign-out", &[]).await;

    for (asked, shown) in [("//evil.example", "/"), ("/\\evil.example", "/"), ("/mfa/account", "/mfa/account")] {
        let [name, password] = ALICE;
        let page = browser.post("/login", &[name, password, ("return_to", asked)]).await;
        assert_eq!(page.path, shown, "{asked}");
        browser.post("/sign-out", &[]).await;
    }
    let page = browser.get("/mfa/account").await;
    assert_eq!(page.path, "/login");
    assert_eq!(between(&page.body, "name=\"return_to\" value=\"", "\""), "/mfa/account");
}

/// The bank's pages and the mounted pages have one language and one design.
pub(crate) async fn german(server: &mut Server) {
    let mut browser = Browser::new(server.port);
    browser.language = "de-AT, fr;q=0.8";
    let page = browser.get("/login").await;
    assert!(page.body.contains("<html lang=\"de\"") && page.body.contains("Anmelden"), "{page:?}");
    let page = browser.post("/sign-up", &ALICE).await;
    assert_eq!(page.path, "/mfa/account");
    assert!(page.body.contains("<html lang=\"de\"") && page.body.contains("Überweisen"), "{page:?}");
    browser.language = "fr";
    assert!(browser.get("/").await.body.contains("Sign out"), "English for all others");
}

/// The API answers at its paths, and every page of the bank has the design and the headers.
pub(crate) async fn api(server: &mut Server) {
    let mut browser = Browser::new(server.port);
    let page = browser.get("/v1/unknown").await;
    assert!(page.status == 404 && page.body.contains("\"error_message\""), "{page:?}");
    let page = browser.get("/unknown").await;
    assert!(page.status == 404 && page.body.contains("<html"), "{page:?}");
    assert!(browser.get("/.well-known/jwks.json").await.body.contains("\"Ed25519\""));
    assert_eq!(browser.get("/health").await.body, "{\"message\":\"ready\"}");
    for path in ["/login", "/mfa/answer", "/unknown"] {
        let page = browser.get(path).await;
        assert!(page.policy.contains("frame-ancestors 'none'"), "{page:?}");
        assert!(page.body.contains("/bank.css") && page.body.contains("Example Bank"), "{page:?}");
    }
    assert!(browser.get("/bank.css").await.body.contains("--challenges-accent"));
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

/// Returns the code of the next 30 seconds, which is accepted already. The confirmation used up the present code.
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
