use challenges_pages::Pages;
use http::StatusCode;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};

use crate::browser::Host;

const FACTOR: [(&str, &str); 8] = [
    ("GET", "factor"),
    ("GET", "factor/state"),
    ("POST", "factor/passkey"),
    ("POST", "factor/totp"),
    ("POST", "factor/message"),
    ("POST", "factor/recovery"),
    ("POST", "factor/resend"),
    ("POST", "factor/renew"),
];

/// Returns the method and path of every route, with an id in place of the parameter.
fn routes() -> Vec<(String, String)> {
    let document: serde_json::Value = serde_json::from_str(&Pages::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut routes: Vec<_> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let path = path.trim_start_matches('/').replace("{id}", "0123");
            methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    routes.extend(FACTOR.map(|(method, path)| (method.to_owned(), path.to_owned())));
    routes.extend(["nowhere", "assets/challenges.js"].map(|path| ("GET".to_owned(), path.to_owned())));
    routes
}

#[tokio::test]
async fn unknown_page_leads_to_the_overview() {
    let host = Host::new().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    for path in ["/mfa/nowhere", "/mfa/account/totp/0123", "/mfa/factor?purpose=unknown"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains("<p><a href=\"/mfa/account\">"), "{path} {page:?}");
    }
}

/// R77: no route can be framed, cached or styled from elsewhere, and none takes a form of another site.
#[tokio::test]
async fn every_response_has_the_headers() {
    let host = Host::new().await;
    host.add_app().await;
    let routes = routes();
    assert!(routes.len() > 40, "{routes:?}");
    for (method, path) in routes {
        for (signed_in, accept, site) in [
            (true, "text/html", "same-origin"),
            (true, "application/json", "same-origin"),
            (false, "text/html", "same-origin"),
            (true, "text/html", "cross-site"),
        ] {
            let mut browser = host.browser();
            browser.user = signed_in.then(|| host.alice.clone());
            browser.site = Some(site);
            let mut headers = browser.headers();
            headers.insert(ACCEPT, accept.parse().unwrap());
            headers.insert(CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
            let reply = browser.send(&method, &format!("/mfa/{path}"), headers, String::new()).await;
            let header = |name: &'static str| {
                let value = reply.headers.get(HeaderName::from_static(name));
                value.unwrap_or_else(|| panic!("no {name}: {method} {path}")).to_str().unwrap()
            };
            let policy = header("content-security-policy");
            for directive in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"] {
                assert!(policy.contains(directive), "{policy}");
            }
            assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
            assert_eq!(header("x-frame-options"), "DENY");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("referrer-policy"), "strict-origin");
            assert_eq!(header("cross-origin-opener-policy"), "same-origin");
            if !path.starts_with("assets/") {
                assert_eq!(header("cache-control"), "no-store", "{path}");
            }
            assert!(!reply.status.is_server_error(), "{method} {path} {reply:?}");
            if method == "POST" && site == "cross-site" {
                assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
            }
            let is_page = reply.body.contains("<html");
            assert!(!is_page || (!reply.body.contains("<style") && !reply.body.contains(" style=")), "{path}");
            assert!(!is_page || !reply.body.contains("=\"http"), "another host: {path} {}", reply.body);
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told() {
    let host = Host::new().await;
    let mut browser = host.browser();
    browser.user = Some(host.alice.clone());
    for path in ["/mfa/nowhere", "/mfa/factor/", "/mfa//factor", "/other/factor", "/mfaccount", "/mfa/%66actor"] {
        let reply = browser.get(path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert!(reply.body.contains("role=\"alert\""));
    }
    let reply = browser.post("/mfa/factor", &[]).await;
    assert_eq!((reply.status.as_u16(), reply.headers["allow"].to_str().unwrap()), (405, "GET, HEAD"));
    let reply = browser.get("/mfa/factor/totp").await;
    assert_eq!((reply.status.as_u16(), reply.headers["allow"].to_str().unwrap()), (405, "POST"));
    browser.get("/mfa").await.leads_to("/mfa/account");
    browser.get("/mfa/").await.leads_to("/mfa/account");
    let headers = browser.headers();
    let head = browser.send("HEAD", "/mfa/account", headers, String::new()).await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
}

/// R58: bodies are capped.
#[tokio::test]
async fn large_bodies_are_refused_unread() {
    let host = Host::new().await;
    for (size, fits) in [(64 * 1024, true), (64 * 1024 + 1, false)] {
        let body = http_body_util::Full::new(bytes::Bytes::from(vec![b'a'; size]));
        let request = http::Request::post("/mfa/factor/totp").body(body).unwrap();
        match host.pages.read(request).await {
            Ok(_) => assert!(fits),
            Err(refused) => assert_eq!((refused.status().as_u16(), fits), (413, false)),
        }
    }
}
