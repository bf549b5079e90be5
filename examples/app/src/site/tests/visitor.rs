use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use challenges_core::time::Clock;
use challenges_core::{Challenges, KeyRing, Timestamp};
use challenges_memory::MemoryStore;
use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::PublicUrl;
use crate::demo::{policy, webauthn};
use crate::flags::Flags;
use crate::outbound::Outbound;
use crate::session::Sessions;
use crate::site::Site;

/// A clock that advances on each call, so that challenges have distinct times.
#[derive(Clone, Debug)]
struct Ticking(Arc<AtomicU64>);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub(super) struct Visitor {
    pub(super) site: Site,
    pub(super) challenges: Challenges,
    pub(super) cookie: String,
    clock: Ticking,
}

impl Visitor {
    pub(super) async fn new(public_url: &str) -> Self {
        let keys = KeyRing::generate().unwrap();
        let sessions = Sessions::new(&keys);
        let public_url: PublicUrl = public_url.parse().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let vapid_file = directory.path().join("vapid").into_os_string();
        let gateway = "--sms-gateway=https://sms.example.org/".into();
        let flags = Flags::read(["demo".into(), "--vapid-file".into(), vapid_file, gateway]).unwrap();
        let outbound = Outbound::new(&flags, &keys, &public_url).unwrap();
        let policy = policy(&public_url).unwrap();
        let webauthn = webauthn(&public_url).unwrap();
        let clock = Ticking(Arc::new(AtomicU64::new(1_700_000_000_000)));
        let challenges = Challenges::builder(MemoryStore::new(), keys).policy(policy).webauthn(webauthn);
        let challenges = challenges.answer_page(public_url.answer_page().unwrap());
        let challenges = challenges.clock(clock.clone()).build().await.unwrap();
        let site = Site::new(challenges.clone(), sessions, public_url, &outbound).unwrap();
        Self { site, challenges, cookie: String::new(), clock }
    }

    pub(super) async fn signed_in(name: &str) -> Self {
        Self::signed_in_at("http://localhost:8080", name).await
    }

    pub(super) async fn signed_in_at(public_url: &str, name: &str) -> Self {
        Self::new(public_url).await.beside(name).await
    }

    /// Signs in another user at the same site.
    pub(super) async fn beside(&self, name: &str) -> Self {
        let (site, challenges, clock) = (self.site.clone(), self.challenges.clone(), self.clock.clone());
        let mut visitor = Self { site, challenges, cookie: String::new(), clock };
        let response = visitor.send("POST", "/demo/sign-in", json!({ "user_name": name })).await;
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
        visitor.cookie = cookie.split(';').next().unwrap().to_owned();
        visitor
    }

    pub(super) fn wait(&self, time: Duration) {
        self.clock.0.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// Keeps the cookies of a response, besides those of earlier ones.
    pub(super) fn keep(&mut self, response: &Response<Bytes>) {
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = format!("{}; {pair}", self.cookie);
        }
    }

    pub(super) async fn send(&self, method: &str, path: &str, body: Value) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(path).header(COOKIE, &self.cookie);
        self.site.respond(request.body(body.to_string().into()).unwrap()).await
    }

    pub(super) async fn json(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let response = self.send(method, path, body).await;
        (response.status(), serde_json::from_slice(response.body()).unwrap())
    }

    pub(super) async fn get(&self, path: &str) -> (StatusCode, String) {
        let response = self.send("GET", path, Value::Null).await;
        (response.status(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    pub(super) async fn states(&self) -> Vec<String> {
        let (_, state) = self.json("GET", "/demo/state", Value::Null).await;
        let challenges = state["challenges"].as_array().unwrap();
        challenges.iter().map(|challenge| challenge["state"].as_str().unwrap().to_owned()).collect()
    }
}
