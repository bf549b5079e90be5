#![allow(clippy::unwrap_used)]

use http::header::LOCATION;

use super::*;
use crate::fault::Fault;

const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

fn refused() -> Response {
    response::refusal(&Fault::StepUpNeeded { max_age: 300, acr_values: None })
}

fn answer(fallback: &StepUpFallback, method: &str, target: &str, headers: &[(&'static str, &str)]) -> Response {
    let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let purpose = Purpose::new("transfer").unwrap();
    fallback.respond(refused(), &purpose, &method.parse().unwrap(), &target.parse().unwrap(), &headers)
}

#[test]
fn navigation_is_redirected_with_return_to() {
    let page = StepUpFallback::redirect("/step-up").unwrap();
    let rows = [
        ("/transfer", "/step-up?purpose=transfer&return_to=%2Ftransfer"),
        ("/transfer?a=1&b=%2B", "/step-up?purpose=transfer&return_to=%2Ftransfer%3Fa%3D1%26b%3D%252B"),
        ("https://a.example/transfer", "/step-up?purpose=transfer&return_to=%2Ftransfer"),
    ];
    for (target, location) in rows {
        for method in ["GET", "HEAD"] {
            let redirected = answer(&page, method, target, &[("accept", HTML), ("sec-fetch-mode", "navigate")]);
            assert_eq!(
                (redirected.status().as_u16(), &redirected.headers()[LOCATION]),
                (303, &location.parse().unwrap())
            );
            assert_eq!(redirected.headers()["cache-control"], "no-store");
        }
        assert_eq!(answer(&page, "GET", target, &[("accept", "a/b, TEXT/HTML;q=0.5")]).status(), 303, "older browsers");
    }
}

#[test]
#[expect(clippy::type_complexity, reason = "a table")]
fn other_requests_keep_the_refusal() {
    let page = StepUpFallback::redirect("/step-up").unwrap();
    let html = ("accept", HTML);
    let rows: [(&str, &str, &[(&str, &str)]); 11] = [
        ("POST", "/transfer", &[html]),
        ("GET", "/transfer", &[]),
        ("GET", "/transfer", &[("accept", "*/*")]),
        ("GET", "/transfer", &[("accept", "application/json")]),
        ("GET", "/transfer", &[("accept", "text/html;q=0")]),
        ("GET", "/transfer", &[html, ("sec-fetch-mode", "cors")]),
        ("GET", "/step-up", &[html]),
        ("GET", "/step-up?return_to=%2F", &[html]),
        ("GET", "//evil.example/", &[html]),
        ("GET", "//evil.example/..", &[html]),
        ("OPTIONS", "*", &[html]),
    ];
    for (method, target, headers) in rows {
        let kept = answer(&page, method, target, headers);
        assert_eq!(kept.status(), 401, "{method} {target} {headers:?}");
        assert!(!kept.headers().contains_key(LOCATION));
    }
    for fallback in [StepUpFallback::default(), StepUpFallback::optional()] {
        assert_eq!(answer(&fallback, "GET", "/transfer", &[html]).status(), 401);
    }
}

#[test]
fn only_refusals_continue() {
    let down = || response::refusal(&Fault::Broken);
    assert!(StepUpFallback::optional().continues(&refused()));
    assert!(!StepUpFallback::optional().continues(&down()));
    assert!(!StepUpFallback::default().continues(&refused()));
    let page = StepUpFallback::redirect("/step-up").unwrap();
    assert!(!page.continues(&refused()));
    let purpose = Purpose::new("transfer").unwrap();
    let headers = [(ACCEPT, HTML.parse().unwrap())].into_iter().collect();
    assert_eq!(page.respond(down(), &purpose, &Method::GET, &Uri::from_static("/transfer"), &headers).status(), 500);
}

#[test]
fn malformed_paths_are_refused() {
    for path in
        ["", "step-up", "//evil.example", "/\\evil.example", "/a?b", "/a#b", "/a b", "/\u{e4}", "https://a.example/"]
    {
        assert_eq!(StepUpFallback::redirect(path).unwrap_err(), InvalidStepUpPath, "{path}");
    }
    assert!(StepUpFallback::redirect("/account/step-up").is_ok());
}
