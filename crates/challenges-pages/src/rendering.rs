//! Renders replies and problems as HTTP responses, in the language and format of the visitor. Every response of the
//! pages is made here.

use bytes::Bytes;
use challenges_core::{Error, Origin, Purpose};
use challenges_http::Response;
use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::Full;
use maud::{Markup, html};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::layout::Frame;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::{Content, Reply};
use crate::view::View;
use crate::words::Words;

/// Nothing from other hosts, nothing inline, in no frame, and forms to this application only.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Returns the policy of pages whose forms may be followed by a redirection to these origins.
pub(crate) fn content_policy(origins: &[Origin]) -> HeaderValue {
    let targets: String = origins.iter().map(|origin| format!(" {}", origin.as_str())).collect();
    let policy = CONTENT_POLICY.replace("form-action 'self'", &format!("form-action 'self'{targets}"));
    // Origins are visible ASCII.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(CONTENT_POLICY))
}

const HEADERS: [(HeaderName, &str); 7] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // With "no-referrer", browsers send "Origin: null" with forms (Fetch standard, section 3.2), which is refused.
    (REFERRER_POLICY, "strict-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// The language and format that the client accepts.
pub(crate) struct Visitor {
    words: Words,
    wants_json: bool,
}

impl Visitor {
    pub(crate) fn of(pages: &Pages, headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let words = pages.shared.catalogue.negotiate(text(ACCEPT_LANGUAGE));
        Self { words, wants_json: text(ACCEPT).starts_with("application/json") }
    }

    pub(crate) fn reply(&self, pages: &Pages, reply: Reply) -> Response {
        let Reply { status, headers, content } = reply;
        let prefix = &pages.shared.prefix;
        let mut response = match content {
            Content::Page { data, .. } if self.wants_json => json(status, &data),
            Content::Page { title, render, data } => {
                let main = render(self.view(pages));
                self.html(pages, status, title, &main, data)
            }
            Content::Done { data, .. } if self.wants_json => json(StatusCode::OK, &data),
            Content::Done { see, .. } => see_other(&format!("{prefix}/{see}")),
            Content::Leave { to, mut data } if self.wants_json => {
                if let Some(members) = data.as_object_mut() {
                    members.insert("location".to_owned(), to.into());
                }
                json(StatusCode::OK, &data)
            }
            Content::Leave { to, .. } => see_other(&to),
            Content::Asset { media_type, body } => of(status, media_type, Bytes::from_static(body)),
        };
        for (name, value) in headers {
            // A reply may set several cookies, but only one of everything else.
            if name == SET_COOKIE {
                response.headers_mut().append(name, value);
            } else {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    pub(crate) fn problem(&self, pages: &Pages, problem: Problem) -> Response {
        let (status, message) = (problem.status(), problem.message());
        let allow = problem.allow();
        let mut response = if self.wants_json {
            json(status, &problem.into_json())
        } else {
            let way_out = way_out(&problem, pages);
            let main = html! {
                p.error role="alert" { (self.words.text(message)) }
                @if let Some((path, label)) = way_out { p { a href=(path) { (self.words.text(label)) } } }
            };
            self.html(pages, status, "problem-title", &main, problem.into_json())
        };
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
        }
        response
    }

    /// Sends the browser to the second-factor page, and from there back to a page.
    pub(crate) fn step_up(&self, pages: &Pages, back_to: &str) -> Response {
        let manage = Purpose::manage_factors();
        let parameters = [("purpose", manage.as_str()), ("return_to", back_to)];
        self.detour(&pages.factor_path(), &parameters, Problem::StepUpNeeded)
    }

    /// Sends the browser to the login page of the application, with the page to come back to.
    pub(crate) fn sign_in(&self, pages: &Pages, back_to: &str) -> Response {
        self.detour(&pages.shared.sign_in, &[(pages.shared.sign_in_parameter.as_str(), back_to)], Problem::SignedOut)
    }

    fn detour(&self, path: &str, parameters: &[(&str, &str)], problem: Problem) -> Response {
        let start = format!("{path}?");
        let length = start.len();
        let location = Serializer::for_suffix(start, length).extend_pairs(parameters).finish();
        if !self.wants_json {
            return see_other(&location);
        }
        let (status, mut body) = (problem.status(), problem.into_json());
        if let Some(members) = body.as_object_mut() {
            members.insert("location".to_owned(), location.into());
        }
        json(status, &body)
    }

    fn view<'a>(&'a self, pages: &'a Pages) -> View<'a> {
        View { words: &self.words, prefix: &pages.shared.prefix, invalid: None }
    }

    fn html(&self, pages: &Pages, status: StatusCode, title: &'static str, main: &Markup, data: Value) -> Response {
        let frame = Frame::new(self.view(pages), &pages.shared.name, title, main, data);
        let mut response = of(status, "text/html; charset=utf-8", pages.shared.layout.document(&frame).into());
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept, accept-language"));
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, pages.shared.content_policy.clone());
        response
    }
}

/// Returns the way out of a problem: the path of a page, and the label of the link.
fn way_out(problem: &Problem, pages: &Pages) -> Option<(String, &'static str)> {
    match problem {
        Problem::LoginExpired => Some((pages.shared.sign_in.clone(), "problem-sign-in")),
        Problem::NoFactor => Some((format!("{}/account", pages.shared.prefix), "problem-add-factor")),
        Problem::NoSuchPage | Problem::Core(Error::NotFound) => {
            Some((format!("{}/account", pages.shared.prefix), "account-back"))
        }
        _ => None,
    }
}

/// Returns the response for a failed task of an adapter.
pub(crate) fn failure() -> Response {
    json(
        StatusCode::INTERNAL_SERVER_ERROR,
        &json!({ "error_code": "internal", "error_message": "internal error; see the log of the service" }),
    )
}

fn json(status: StatusCode, data: &Value) -> Response {
    of(status, "application/json", data.to_string().into())
}

pub(crate) fn see_other(location: &str) -> Response {
    let mut response = of(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", Bytes::new());
    // Paths are visible ASCII: the parts from requests are checked or encoded.
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    response
}

fn of(status: StatusCode, media_type: &'static str, body: Bytes) -> Response {
    let mut response = http::Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
