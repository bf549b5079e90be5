//! An application with the pages, and its visitors.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use challenges_core::endpoints::Address;
use challenges_core::outbox::{Errand, Failure, Job, Message};
use challenges_core::step_up::Requirement;
use challenges_core::webauthn::RelyingPartyId;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, Courier, Owner, Passed, Policy, Purpose, Timestamp,
};
use challenges_http::{StepUpCookie, StepUpGate};
use challenges_memory::MemoryStore;
use challenges_pages::Pages;
use challenges_testkit::{Authenticator, FakeClock, administrator, key_ring};
use challenges_webauthn::Webauthn;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, LOCATION};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::pseudo;

pub(crate) const ORIGIN: &str = "https://app.example.org";

/// A key pair of the Web Push example (RFC 8291 section 5): any public key is good enough here.
pub(crate) const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

pub(crate) struct Host {
    pub(crate) challenges: Challenges,
    pub(crate) clock: FakeClock,
    pages: Pages,
    gate: StepUpGate,
    inbox: Inbox,
}

/// The links and codes of sent messages.
#[derive(Clone, Debug, Default)]
struct Inbox(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Courier for Inbox {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        if let Errand::Sms { message, .. } | Errand::Email { message, .. } | Errand::Push { message, .. } = &job.errand
        {
            let text = match message {
                Message::Link { link, .. } => link.expose(),
                Message::Confirmation { code, .. } => code.expose(),
                // A notice of a change.
                _ => return Ok(None),
            };
            self.0.lock().unwrap().push(text.to_owned());
        }
        Ok(None)
    }
}

impl Host {
    pub(crate) async fn new() -> Self {
        Self::with_policy(Policy::default()).await
    }

    pub(crate) async fn with_policy(mut policy: Policy) -> Self {
        policy.trusted_purposes = vec![Purpose::new("login").unwrap()];
        let clock = FakeClock::at(Timestamp::from_seconds(1_800_000_000));
        let party: RelyingPartyId = "app.example.org".parse().unwrap();
        let webauthn = Webauthn::builder().relying_party(party, [ORIGIN.parse().unwrap()]).build().unwrap();
        let challenges = Challenges::builder(MemoryStore::new(), key_ring())
            .policy(policy)
            .clock(clock.clone())
            .webauthn(webauthn)
            .answer_page(format!("{ORIGIN}/mfa/answer").parse().unwrap());
        let challenges = challenges.build().await.unwrap();
        let age = Duration::from_secs(300);
        let gate = StepUpGate::new(challenges.clone(), Purpose::manage_factors(), age);
        let gate = gate.with_cookie(StepUpCookie::named("challenges_manage").unwrap());
        let kinds = [ChallengeType::Totp, ChallengeType::Webauthn, ChallengeType::Sms, ChallengeType::Email];
        let pages = Pages::builder(challenges.clone(), ORIGIN)
            .step_up(gate.clone())
            .offers(kinds)
            .push_key("KEY")
            .catalogue(pseudo::catalogue());
        Self { challenges, clock, pages: pages.build().unwrap(), gate, inbox: Inbox::default() }
    }

    /// Builds the pages without further settings.
    pub(crate) fn without_offers(self) -> Self {
        let pages = Pages::builder(self.challenges.clone(), ORIGIN).catalogue(pseudo::catalogue()).build().unwrap();
        Self { pages, ..self }
    }

    /// Builds a service without WebAuthn, and the pages without further settings.
    pub(crate) async fn without_webauthn(self) -> Self {
        let challenges = Challenges::builder(MemoryStore::new(), key_ring()).build().await.unwrap();
        Self { challenges, ..self }.without_offers()
    }

    /// Builds a service on a store, and the pages without further settings.
    pub(crate) async fn on(self, store: impl challenges_core::Store) -> Self {
        let mut policy = Policy::default();
        policy.open_challenges = 2_000;
        let builder = Challenges::builder(store, key_ring()).policy(policy).clock(self.clock.clone());
        Self { challenges: builder.build().await.unwrap(), ..self }.without_offers()
    }

    /// Builds the pages without any factor to add.
    pub(crate) fn offering_nothing(self) -> Self {
        let pages = Pages::builder(self.challenges.clone(), ORIGIN).offers([]).catalogue(pseudo::catalogue());
        Self { pages: pages.build().unwrap(), ..self }
    }

    pub(crate) fn visitor(&self, name: &str) -> Visitor<'_> {
        Visitor { host: self, owner: Owner::user(name).unwrap(), cookie: String::new(), is_signed_in: true }
    }

    /// Sends the messages that wait, and returns the last link or code.
    pub(crate) async fn message(&self) -> String {
        self.challenges.outbox().dispatch(&self.inbox, 64).await.unwrap();
        self.inbox.0.lock().unwrap().pop().unwrap()
    }
}

pub(crate) struct Visitor<'a> {
    pub(crate) host: &'a Host,
    pub(crate) owner: Owner,
    pub(crate) cookie: String,
    pub(crate) is_signed_in: bool,
}

/// The way to send a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Form,
    Json,
}

pub(crate) const WAYS: [Way; 2] = [Way::Form, Way::Json];

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn data(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// Returns whether the change was made.
    pub(crate) fn is_done(&self) -> bool {
        self.status == StatusCode::OK || self.location.contains("/account")
    }

    /// Checks that the form was refused for a reason, and shown again.
    #[track_caller]
    pub(crate) fn assert_refused(&self, way: Way, reason: &str) {
        assert_eq!(self.status, StatusCode::UNPROCESSABLE_ENTITY, "{self:?}");
        match way {
            Way::Form => assert!(self.body.contains("role=\"alert\"") && self.body.contains("<form"), "{self:?}"),
            Way::Json => assert_eq!(self.data()["error_code"], reason),
        }
    }
}

impl Visitor<'_> {
    /// Reads the data of a page.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, Some("application/json"), "", String::new()).await
    }

    /// Reads a page.
    pub(crate) async fn page(&self, path: &str) -> Reply {
        self.send("GET", path, None, "", String::new()).await
    }

    /// Sends a change.
    pub(crate) async fn post(&self, way: Way, path: &str, fields: &[(&str, &str)]) -> Reply {
        match way {
            Way::Form => {
                let body = serde_urlencoded::to_string(fields).unwrap();
                self.send("POST", path, None, "application/x-www-form-urlencoded", body).await
            }
            Way::Json => {
                let members = fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
                self.post_json(path, &Value::Object(members.collect())).await
            }
        }
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, Some("application/json"), "application/json", body.to_string()).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        accept: Option<&str>,
        media_type: &str,
        body: String,
    ) -> Reply {
        let request = Request::builder().method(method).uri(format!("/mfa/{path}")).header(COOKIE, &self.cookie);
        let request = request.header(ACCEPT_LANGUAGE, pseudo::LANGUAGE);
        let request = request.header(ACCEPT, accept.unwrap_or("text/html")).header(CONTENT_TYPE, media_type);
        let request = request.header("sec-fetch-site", "same-origin").body(Bytes::from(body)).unwrap();
        let user = self.is_signed_in.then(|| self.owner.clone());
        let (head, body) = self.host.pages.respond(request, user).await.into_parts();
        let location = head.headers.get(LOCATION).map_or("", |location| location.to_str().unwrap()).to_owned();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        if body.starts_with("<!DOCTYPE") {
            pseudo::assert_translated(&body);
        }
        Reply { status: head.status, location, body }
    }

    /// Returns the data of the overview.
    pub(crate) async fn account(&self) -> Value {
        self.get("account").await.data()
    }

    /// Adds an authenticator app as support would, and steps up.
    pub(crate) async fn with_app(mut self) -> (Self, Authenticator) {
        let totp = self.host.challenges.totp();
        let (enrollment, key) = totp.create(self.owner.clone(), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = app.code(self.host.challenges.now()).as_str().into();
        totp.confirm(&self.owner, &administrator(), enrollment.id(), &code).await.unwrap();
        self.step_up(&app).await;
        (self, app)
    }

    /// Passes a challenge for changes, and keeps the cookie.
    pub(crate) async fn step_up(&mut self, app: &Authenticator) {
        let passed = self.pass(app, Purpose::manage_factors()).await;
        let (_, cookie) = self.host.gate.grant(&passed).unwrap();
        self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
    }

    /// Passes a challenge with the next code of the app.
    pub(crate) async fn pass(&self, app: &Authenticator, purpose: Purpose) -> Passed {
        let Host { challenges, clock, .. } = self.host;
        clock.advance(Duration::from_secs(30));
        let (asked, _) = challenges.ask(&self.owner, purpose, &Requirement::any()).await.unwrap().unwrap();
        let code = app.code(challenges.now());
        let answer = Answer::allow(asked.challenge.id(), ChallengeType::Totp, code).by_owner(&self.owner);
        challenges.answer(answer).await.unwrap().passed().unwrap()
    }

    /// Adds an address as support would.
    pub(crate) async fn add_address(&self, address: Address) -> String {
        let endpoints = self.host.challenges.endpoints();
        let added = endpoints.register_confirmed(self.owner.clone(), &administrator(), address).await.unwrap();
        added.id().to_string()
    }

    /// Trusts a device. Returns the id.
    pub(crate) async fn trust(&self, app: &Authenticator, label: &str) -> String {
        let passed = self.pass(app, Purpose::new("login").unwrap()).await;
        let (device, _) = self.host.challenges.devices().trust(&passed, label.parse().unwrap()).await.unwrap();
        device.id().to_string()
    }

    /// Starts a challenge sent by messages.
    pub(crate) async fn ask(&self, spec: ChallengeSpec) -> challenges_core::CreatedChallenge {
        self.host.challenges.create(self.owner.clone(), spec).await.unwrap()
    }
}

/// Returns the text between two marks.
pub(crate) fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let rest = text.split_once(start).unwrap_or_else(|| panic!("no {start} in {text}")).1;
    rest.split_once(end).unwrap().0
}
