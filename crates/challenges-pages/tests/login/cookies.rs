use challenges_core::ChallengeType;
use challenges_pages::{Pages, SecondFactor};
use http::header::SET_COOKIE;

use crate::browser::Host;

#[tokio::test]
async fn cookies_are_for_this_host_and_hidden_from_scripts() {
    let host = Host::new().await;
    let app = host.add_app().await;
    let mut browser = host.browser();
    let SecondFactor::Required(redirect) = browser.password().await else { panic!("not required") };
    let mut seen: Vec<_> = redirect.headers().get_all(SET_COOKIE).iter().cloned().collect();
    seen.extend(browser.get("/mfa/factor").await.headers.get_all(SET_COOKIE).iter().cloned());
    let code = app.code(host.challenges.now());
    let passed = browser.post("/mfa/factor/totp", &[("code", &code), ("trust", "yes")]).await;
    seen.extend(passed.headers.get_all(SET_COOKIE).iter().cloned());
    let names: std::collections::BTreeSet<_> =
        seen.iter().map(|cookie| cookie.to_str().unwrap().split_once('=').unwrap().0.to_owned()).collect();
    let expected = ["device", "factor", "fresh", "login"].map(|name| format!("__Host-challenges_{name}"));
    assert_eq!(names.into_iter().collect::<Vec<_>>(), expected);
    for cookie in seen {
        let text = cookie.to_str().unwrap();
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(text.split("; ").any(|one| one == attribute), "{attribute} in {text}");
        }
        assert!(!text.contains("Domain") && cookie.is_sensitive() && text.len() < 4_096, "{text}");
        assert!(!text.contains("alice"), "sealed: {text}");
    }
}

#[tokio::test]
async fn http_origin_drops_secure_for_development() {
    let host = Host::new().await;
    host.add_app().await;
    let pages = Pages::builder(host.challenges.clone(), "http://localhost:8080").offers([ChallengeType::Totp]);
    let pages = pages.build().unwrap();
    let headers = host.browser().headers();
    let SecondFactor::Required(redirect) = pages.second_factor(&host.alice, &headers).await.unwrap() else {
        panic!("not required")
    };
    for cookie in redirect.headers().get_all(SET_COOKIE) {
        let text = cookie.to_str().unwrap();
        assert!(text.starts_with("challenges_") && !text.contains("Secure"), "{text}");
    }
}
