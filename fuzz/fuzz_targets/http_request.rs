//! Sends requests with any method, path, query and body.
//!
//! The API never panics, responds with JSON or an empty body, and accepts no answer, because no challenge exists.
#![no_main]

use std::sync::OnceLock;

use challenges_core::{Challenges, KeyRing};
use challenges_http::{Api, Principal, StaticToken};
use challenges_memory::MemoryStore;
use futures::executor::block_on;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use libfuzzer_sys::fuzz_target;

fn api() -> &'static Api {
    static API: OnceLock<Api> = OnceLock::new();
    API.get_or_init(|| {
        let keys = KeyRing::generate().expect("random bytes");
        let challenges = block_on(Challenges::builder(MemoryStore::new(), keys).build()).expect("a service");
        let authorizer = StaticToken::new("token", Principal::any_user());
        Api::builder(challenges, authorizer).public_base("https://a.example").build().expect("an api")
    })
}

fuzz_target!(|input: (u8, &str, bool, &[u8])| {
    let (method, target, authorized, body) = input;
    let methods = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS];
    let method = methods[usize::from(method) % methods.len()].clone();
    let mut request = Request::builder().method(method).uri(format!("/v1/{target}"));
    if authorized {
        request = request.header("authorization", "Bearer token");
    }
    let Ok(request) = request.body(Full::new(body.to_vec().into())) as Result<Request<Full<bytes::Bytes>>, _> else {
        return;
    };
    let answers = request.uri().path().ends_with("/answers");
    let response = block_on(api().respond(request));
    assert!(!(answers && response.status() == 200), "an answer was accepted without a challenge");
    let body = block_on(response.into_body().collect()).expect("a body").to_bytes();
    assert!(body.is_empty() || serde_json::from_slice::<serde_json::Value>(&body).is_ok());
});
