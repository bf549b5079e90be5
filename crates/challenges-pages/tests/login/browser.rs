//! An application with the pages, and the browsers of its users.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use challenges_core::endpoints::Address;
use challenges_core::outbox::{Errand, Failure, Job, Message};
use challenges_core::step_up::Requirement;
use challenges_core::webauthn::WebauthnEnrollmentSpec;
use challenges_core::{Answer, ChallengeType, Challenges, Courier, KeyRing, Owner, Policy, Purpose, Store, Timestamp};
use challenges_http::StepUpGate;
use challenges_memory::MemoryStore;
use challenges_pages::{Login, Pages, SecondFactor};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Authenticator, FakeClock, administrator, key_ring};
use challenges_webauthn::Webauthn;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::pseudo;

pub(crate) const ORIGIN: &str = "https://app.example.org";
pub(crate) const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

pub(crate) struct Host {
    pub(crate) challenges: Challenges,
    pub(crate) clock: FakeClock,
    pub(crate) pages: Pages,
    pub(crate) transfer: StepUpGate,
    pub(crate) alice: Owner,
    inbox: Inbox,
}

/// The link and the code of a message.
pub(crate) type Sent = (String, Option<String>);

/// The sent messages.
#[derive(Clone, Debug, Default)]
struct Inbox(Arc<Mutex<Vec<Sent>>>);

#[async_trait]
impl Courier for Inbox {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        if let Errand::Sms { message: Message::Link { link, code, .. }, .. } = &job.errand {
            let code = code.as_ref().map(|code| code.expose().to_owned());
            self.0.lock().unwrap().push((link.expose().to_owned(), code));
        }
        Ok(None)
    }
}

impl Host {
    pub(crate) async fn new() -> Self {
        Self::with(key_ring(), |_| {}, |gate| gate).await
    }

    pub(crate) async fn with(
        keys: KeyRing,
        change: impl FnOnce(&mut Policy),
        gate: impl FnOnce(StepUpGate) -> StepUpGate,
    ) -> Self {
        Self::over(MemoryStore::new(), keys, change, gate).await
    }

    pub(crate) async fn over(
        store: impl Store,
        keys: KeyRing,
        change: impl FnOnce(&mut Policy),
        gate: impl FnOnce(StepUpGate) -> StepUpGate,
    ) -> Self {
        let mut policy = Policy::default();
        policy.trusted_purposes = vec![Pages::login_purpose().unwrap()];
        policy.message_code_digits = Some(6);
        change(&mut policy);
        let clock = FakeClock::at(Timestamp::from_seconds(1_800_000_000));
        let party = "app.example.org".parse().unwrap();
        let webauthn = Webauthn::builder().relying_party(party, [ORIGIN.parse().unwrap()]).build().unwrap();
        let challenges = Challenges::builder(store, keys)
            .policy(policy)
            .clock(clock.clone())
            .webauthn(webauthn)
            .answer_page(format!("{ORIGIN}/mfa/answer").parse().unwrap())
            .build()
            .await
            .unwrap();
        let purpose = Purpose::new("transfer").unwrap();
        let transfer = gate(StepUpGate::new(challenges.clone(), purpose, Duration::from_secs(300)));
        let pages = Pages::builder(challenges.clone(), ORIGIN)
            .name("Example")
            .catalogue(pseudo::catalogue())
            .step_up(transfer.clone());
        let pages = pages.build().unwrap();
        Self { challenges, clock, pages, transfer, alice: Owner::user("alice").unwrap(), inbox: Inbox::default() }
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        let cookies = BTreeMap::new();
        Browser { host: self, user: None, agent: FIREFOX.to_owned(), cookies, site: Some("same-origin") }
    }

    /// Adds an authenticator app as support would.
    pub(crate) async fn add_app(&self) -> Authenticator {
        let totp = self.challenges.totp();
        let (enrollment, key) = totp.create(self.alice.clone(), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = app.code(self.challenges.now()).as_str().into();
        totp.confirm(&self.alice, &administrator(), enrollment.id(), &code).await.unwrap();
        self.clock.advance(Duration::from_secs(60));
        app
    }

    /// Adds a passkey as support would.
    pub(crate) async fn add_passkey(&self) -> SecurityKey {
        let (calls, mut key) = (self.challenges.webauthn(), SecurityKey::new(1));
        let spec = WebauthnEnrollmentSpec::new("app.example.org".parse().unwrap());
        let pending = calls.create(self.alice.clone(), &administrator(), spec).await.unwrap();
        let options = calls.creation_options(&self.alice, pending.id(), "alice").await.unwrap();
        let made = key.create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
        calls.confirm(&self.alice, &administrator(), pending.id(), &made).await.unwrap();
        key
    }

    pub(crate) async fn add_recovery_codes(&self) -> Vec<String> {
        let codes = self.challenges.recovery_codes().generate(&self.alice, &administrator()).await.unwrap();
        codes.iter().map(|code| code.expose().to_owned()).collect()
    }

    pub(crate) async fn add_phone(&self) {
        let number = Address::Phone("+4915112345678".parse().unwrap());
        self.challenges.endpoints().register_confirmed(self.alice.clone(), &administrator(), number).await.unwrap();
    }

    /// Sends the waiting messages. Returns the last link and code.
    pub(crate) async fn message(&self) -> Sent {
        self.challenges.outbox().dispatch(&self.inbox, 64).await.unwrap();
        self.inbox.0.lock().unwrap().pop().unwrap()
    }

    /// Approves by the link of a message, as on a phone.
    pub(crate) async fn approve(&self, link: &str) {
        let query = link.strip_prefix(ORIGIN).unwrap().split_once(['?', '#']).unwrap().1;
        let fields: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
        let id = fields["challenge_id"].parse().unwrap();
        let answer = Answer::allow(id, ChallengeType::Sms, fields["challenge_answer"].as_str());
        let _passed = self.challenges.answer(answer).await.unwrap();
    }

    /// Returns the number of challenges that alice was asked.
    pub(crate) async fn asked(&self) -> usize {
        self.challenges.list(&self.alice, None, 500).await.unwrap().len()
    }

    /// Asks whether a gate opens for a browser.
    pub(crate) async fn opens(&self, gate: &StepUpGate, browser: &Browser<'_>) -> bool {
        let carried = browser.headers();
        let carried: Vec<_> = carried.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
        gate.admit(Some(&self.alice), carried).await.is_ok()
    }
}

#[derive(Clone)]
pub(crate) struct Browser<'a> {
    pub(crate) host: &'a Host,
    /// The user of the host's session.
    pub(crate) user: Option<Owner>,
    pub(crate) agent: String,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The `Sec-Fetch-Site` header.
    pub(crate) site: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |location| location.to_str().unwrap())
    }

    pub(crate) fn data(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    #[track_caller]
    pub(crate) fn leads_to(&self, location: &str) {
        assert_eq!((self.status, self.location()), (StatusCode::SEE_OTHER, location), "{self:?}");
    }
}

impl Browser<'_> {
    pub(crate) fn headers(&self) -> HeaderMap {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, self.agent.parse().unwrap());
        headers.insert(ACCEPT, "text/html".parse().unwrap());
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(pseudo::LANGUAGE));
        if let Some(site) = self.site {
            headers.insert("sec-fetch-site", HeaderValue::from_static(site));
        }
        if !pairs.is_empty() {
            headers.insert(COOKIE, pairs.join("; ").parse().unwrap());
        }
        headers
    }

    /// Types the right password, as the host sees it.
    pub(crate) async fn password(&mut self) -> SecondFactor {
        self.password_for("/").await
    }

    pub(crate) async fn password_for(&mut self, next: &str) -> SecondFactor {
        let (pages, alice) = (&self.host.pages, &self.host.alice);
        let checked = pages.second_factor(alice, &self.headers()).return_to(next).await.unwrap();
        match &checked {
            SecondFactor::Required(redirect) => self.keep(redirect.headers()),
            SecondFactor::Trusted(_, (name, value)) => {
                self.keep(&[(name.clone(), value.clone())].into_iter().collect());
            }
            SecondFactor::NotEnrolled(_) => {}
        }
        checked
    }

    /// Types the right password, and checks that the second factor is required.
    pub(crate) async fn begin(&mut self) {
        let SecondFactor::Required(redirect) = self.password().await else { panic!("not required") };
        assert_eq!(redirect.status(), StatusCode::SEE_OTHER);
        assert_eq!(redirect.headers()[LOCATION], "/mfa/factor");
    }

    /// Opens the finish page of the host.
    pub(crate) async fn finish(&self) -> Result<Login, StatusCode> {
        self.host.pages.finish_login(&self.headers()).await.map_err(|refused| refused.status())
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, self.headers(), String::new()).await
    }

    /// Reads the data of a page.
    pub(crate) async fn data(&mut self, path: &str) -> Value {
        let mut headers = self.headers();
        headers.insert(ACCEPT, "application/json".parse().unwrap());
        self.send("GET", path, headers, String::new()).await.data()
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut headers = self.headers();
        headers.insert(CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
        self.send("POST", path, headers, serde_urlencoded::to_string(fields).unwrap()).await
    }

    pub(crate) async fn send(&mut self, method: &str, path: &str, headers: HeaderMap, body: String) -> Reply {
        let mut request = Request::builder().method(method).uri(path).body(Bytes::from(body)).unwrap();
        *request.headers_mut() = headers;
        let (head, body) = self.host.pages.respond(request, self.user.clone()).await.into_parts();
        self.keep(&head.headers);
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        if body.starts_with("<!DOCTYPE") {
            pseudo::assert_translated(&body);
        }
        Reply { status: head.status, headers: head.headers, body }
    }

    /// Keeps the cookies of a response, as browsers do.
    pub(crate) fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            match rest.split_once(';').unwrap() {
                (_, attributes) if attributes.contains("Max-Age=0;") || attributes.ends_with("Max-Age=0") => {
                    self.cookies.remove(name);
                }
                (value, _) => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
    }
}

/// Requires two factors.
pub(crate) fn two_factors() -> Requirement {
    Requirement::any().two_distinct()
}
