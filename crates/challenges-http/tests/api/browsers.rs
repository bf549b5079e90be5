use bytes::Bytes;
use challenges_http::{Api, ApiError, Principal, StaticToken};
use challenges_memory::MemoryStore;
use http::Request;
use http_body_util::Full;

use crate::host::{ACME, Host, Reply, action_of, link, text};

const PAGE: &str = "https://pages.example";

async fn ask(host: &Host, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    host.request(request.body(Full::new(Bytes::new())).unwrap()).await
}

async fn open_host() -> (Host, String) {
    let host = Host::with(MemoryStore::new(), |api| api.cors_origins([PAGE, "http://localhost:3000"])).await;
    let (challenge, _) = host.code_challenge().await;
    (host, format!("/v1/challenges/{challenge}"))
}

#[tokio::test]
async fn cors_is_off_by_default() {
    let host = Host::new().await;
    let (challenge, _) = host.code_challenge().await;
    let path = format!("/v1/challenges/{challenge}");
    let read = ask(&host, "GET", &path, &[("origin", PAGE)]).await;
    assert_eq!((read.status, read.header("access-control-allow-origin"), read.header("vary")), (200, None, None));
    let preflight = ask(&host, "OPTIONS", &path, &[("origin", PAGE), ("access-control-request-method", "GET")]).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (405, None));
}

#[tokio::test]
async fn allowed_origins_read_and_answer() {
    let (host, path) = open_host().await;
    let answers = format!("{path}/answers");
    let rows = [("GET", &path, 200), ("GET", &answers, 400), ("POST", &answers, 400)];
    for (method, path, status) in rows {
        let reply = ask(&host, method, path, &[("origin", PAGE)]).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), Some(PAGE), "{method} {path}");
        assert_eq!(reply.header("vary"), Some("origin"));
        assert_eq!(reply.header("access-control-allow-credentials"), None);
        let preflight =
            ask(&host, "OPTIONS", path, &[("origin", PAGE), ("access-control-request-method", method)]).await;
        assert_eq!(preflight.status, 204);
        assert_eq!(preflight.header("access-control-allow-origin"), Some(PAGE));
        assert_eq!(preflight.header("access-control-allow-headers"), Some("content-type"));
        assert!(preflight.header("access-control-allow-methods").unwrap().contains(method));
    }
}

#[tokio::test]
async fn other_origins_methods_and_resources_are_refused() {
    let (host, path) = open_host().await;
    for origin in [
        "https://evil.example",
        "https://pages.example.evil.example",
        "http://pages.example",
        "null",
        "https://pages.example/",
        "*",
    ] {
        let reply = ask(&host, "GET", &path, &[("origin", origin)]).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, None), "{origin}");
        assert_eq!(reply.header("vary"), Some("origin"));
    }
    for (path, method) in [
        (path.as_str(), "PUT"),
        (path.as_str(), "DELETE"),
        (path.as_str(), "POST"),
        ("/v1/challenges", "POST"),
        ("/v1/challenge_enrollment/totp", "GET"),
    ] {
        let headers = [("origin", PAGE), ("access-control-request-method", method)];
        let preflight = ask(&host, "OPTIONS", path, &headers).await;
        assert_eq!(preflight.status, 405, "{method} {path}");
        let reply = ask(&host, method, path, &headers).await;
        assert_eq!(reply.header("access-control-allow-origin"), None, "{method} {path}");
    }
}

/// Links start with the configured base, whatever the request says.
#[tokio::test]
async fn host_header_does_not_change_links() {
    let host = Host::new().await;
    let request = Request::post("https://evil.example/v1/challenges/one_time_use_actions")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example")
        .header("authorization", format!("Bearer {ACME}"))
        .body(Full::new(Bytes::from(action_of(&["alice"]).to_string())))
        .unwrap();
    let created = host.request(request).await.json();
    assert!(text(&created["answer_details"][0]["approve_uri"]).starts_with("https://api.example/mfa/v1/challenges/"));
    assert_eq!(host.get(&link(&created, 0, "approve_uri"), "").await.status, 200);
}

#[tokio::test]
async fn builder_refuses_malformed_settings() {
    let host = Host::new().await;
    let builder = || Api::builder(host.challenges.clone(), StaticToken::new("x", Principal::any_user()));
    assert_eq!(builder().build().unwrap_err(), ApiError::NoPublicBase);
    assert_eq!(builder().public_base("example.org").build().unwrap_err(), ApiError::PublicBase);
    let origins = builder().public_base("https://a.example").cors_origins(["*"]).build();
    assert!(matches!(origins.unwrap_err(), ApiError::CorsOrigin(_)));
}
