//! The site of the demo, independent of the web framework.

mod actions;
mod messages;
mod passkeys;
mod reply;
mod route;
mod step_ups;
mod view;

use std::sync::Arc;

use bytes::Bytes;
use challenges_core::webauthn::RelyingPartyId;
use challenges_core::{Challenges, Description, Owner, ResponseUri};
use http::header::COOKIE;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::action_tokens::ActionTokens;
use crate::error::{StartError, chain};
use crate::outbound::Outbound;
use crate::page;
use crate::problem::Problem;
use crate::public_url::PublicUrl;
use crate::same_origin::is_same_origin;
use crate::session::Sessions;
pub(crate) use reply::Reply;
use route::Route;
pub(crate) use view::state_text;

/// The name of the session cookie.
const COOKIE_NAME: &str = "challenges_demo";

/// The pages of the demo and the endpoints for their scripts.
#[derive(Clone, Debug)]
pub struct Site {
    challenges: Challenges,
    sessions: Sessions,
    public_url: PublicUrl,
    public_origin: String,
    answer_page: ResponseUri,
    relying_party: Option<RelyingPartyId>,
    push_key: String,
    sends_texts: bool,
    tokens: Arc<ActionTokens>,
}

#[derive(Deserialize)]
struct SignIn {
    user_name: String,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Number {
    number: String,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct About {
    about: String,
}

impl Site {
    pub(crate) fn new(
        challenges: Challenges,
        sessions: Sessions,
        public_url: PublicUrl,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let public_origin = public_url.origin()?.as_str().to_owned();
        let answer_page = public_url.answer_page()?;
        let relying_party = public_url.relying_party();
        Ok(Self {
            challenges,
            sessions,
            public_url,
            public_origin,
            answer_page,
            relying_party,
            push_key: outbound.push_key.clone(),
            sends_texts: outbound.sends_texts,
            tokens: Arc::clone(&outbound.tokens),
        })
    }

    /// Responds to a request. Run this future in a task of its own, so that a change completes even if the client
    /// disconnects.
    pub async fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        let Some((route, method)) = Route::of(path) else {
            let problem = Problem::NoSuchPage;
            // Below the API's path the caller is a program, elsewhere a person.
            let reply = if path == "/v1" || path.starts_with("/v1/") {
                Reply::problem(&problem)
            } else {
                page::problem(&problem)
            };
            return reply.into_response();
        };
        let reply = self.serve(route, method, &request).await;
        let reply = reply.unwrap_or_else(|problem| {
            if let Problem::Service(error) = &problem {
                // Log neither the path, which can contain an id, nor the contents of a record.
                match error {
                    challenges_core::Error::Body(_) => eprintln!("{error}"),
                    _ => eprintln!("{}", chain(error)),
                }
            }
            if route.is_page() { page::problem(&problem) } else { Reply::problem(&problem) }
        });
        reply.into_response()
    }

    async fn serve(&self, route: Route, allowed: &[Method], request: &Request<Bytes>) -> Result<Reply, Problem> {
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        if !allowed.contains(method) {
            return Err(Problem::Method);
        }
        if method != Method::GET && !is_same_origin(request.headers(), &self.public_origin) {
            return Err(Problem::OtherOrigin);
        }
        let user = || self.user(request.headers()).ok_or(Problem::SignedOut);
        match route {
            Route::Asset(asset) => Ok(Reply::asset(asset)),
            Route::Home => Ok(match self.user(request.headers()) {
                Some(user) => page::home(&user, self.relying_party().err().as_ref()),
                None => page::sign_in(),
            }),
            Route::Answer => self.answer_page(request.uri().query().unwrap_or_default()).await,
            Route::SignIn => self.sign_in(body(request)?),
            Route::SignOut => Ok(Reply::done("Signed out.").with_cookie(&self.cookie("", 0))),
            Route::State => self.state(&user()?).await,
            Route::Enrollments => self.enroll(user()?).await,
            Route::Enrollment(id) if method == Method::DELETE => self.remove_enrollment(&user()?, id).await,
            Route::Enrollment(id) => self.confirm_enrollment(&user()?, id, body::<Code>(request)?.code).await,
            Route::Passkeys => self.add_passkey(user()?).await,
            Route::Passkey(id) if method == Method::DELETE => self.remove_passkey(&user()?, id).await,
            Route::Passkey(id) if method == Method::PUT => {
                self.rename_passkey(&user()?, id, &body::<Name>(request)?.name).await
            }
            Route::Passkey(id) => self.confirm_passkey(&user()?, id, text(request)?).await,
            Route::StepUps => self.start_step_up(user()?).await,
            Route::StepUp(id) => self.answer_step_up(&user()?, id, body::<Code>(request)?.code).await,
            Route::StepUpByPasskey(id) if method == Method::GET => self.webauthn().request_options(&user()?, id).await,
            Route::StepUpByPasskey(id) => self.answer_step_up_by_passkey(&user()?, id, text(request)?).await,
            Route::Approvals => self.start_approval(user()?, about(request)?).await,
            Route::Phones => self.add_phone(user()?, &body::<Number>(request)?.number).await,
            Route::Push if method == Method::GET => user().map(|_| self.push_key()),
            Route::Push => self.add_browser(user()?, body(request)?).await,
            Route::Endpoint(id) if method == Method::DELETE => self.endpoints().delete(&user()?, id).await,
            Route::Endpoint(id) => self.confirm_phone(&user()?, id, body::<Code>(request)?.code).await,
            Route::Messages => self.ask_by_message(user()?, about(request)?).await,
            Route::KeySet => Ok(Reply::json(StatusCode::OK, &self.tokens.key_set())),
        }
    }

    fn sign_in(&self, asked: SignIn) -> Result<Reply, Problem> {
        let user = Owner::user(asked.user_name.trim()).map_err(|_| Problem::UserName)?;
        let value = self.sessions.issue(&user, self.challenges.now());
        Ok(Reply::done("Signed in.").with_cookie(&self.cookie(&value, crate::session::LIFE.as_secs())))
    }

    fn cookie(&self, value: &str, seconds: u64) -> String {
        let secure = if self.public_url.is_https() { "; Secure" } else { "" };
        format!("{COOKIE_NAME}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }

    /// Returns the signed-in user.
    fn user(&self, headers: &HeaderMap) -> Option<Owner> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let mut pairs = cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == COOKIE_NAME)?;
        self.sessions.open(value, self.challenges.now())
    }
}

fn body<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Problem> {
    serde_json::from_slice(request.body()).map_err(|_| Problem::Malformed)
}

/// Returns the description of an approval, if given.
fn about(request: &Request<Bytes>) -> Result<Option<Description>, Problem> {
    if request.body().is_empty() {
        return Ok(None);
    }
    let About { about } = body::<Option<About>>(request)?.unwrap_or_default();
    match about.trim() {
        "" => Ok(None),
        about => Ok(Some(about.parse()?)),
    }
}

/// Returns the body as text: the JSON of a WebAuthn credential, to be parsed by the library.
fn text(request: &Request<Bytes>) -> Result<&str, Problem> {
    std::str::from_utf8(request.body()).map_err(|_| Problem::Malformed)
}

#[cfg(test)]
mod tests;
