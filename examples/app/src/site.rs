//! The site of the demo, independent of the web framework.

mod actions;
mod body;
mod messages;
mod passkeys;
mod reply;
mod route;
mod sign_in;
mod step_ups;
mod view;

use std::sync::Arc;

use bytes::Bytes;
use challenges_core::webauthn::RelyingPartyId;
use challenges_core::{Challenges, Error, Owner, ResponseUri};
use http::{Method, Request, Response, StatusCode};

use crate::action_tokens::ActionTokens;
use crate::error::{StartError, chain};
use crate::outbound::Outbound;
use crate::page;
use crate::problem::Problem;
use crate::public_url::PublicUrl;
use crate::same_origin::is_same_origin;
use crate::session::Sessions;
use body::{Code, Name, Number, Renewal, Subscribed, about, body, text};
pub(crate) use reply::Reply;
use route::Route;
pub(crate) use view::{ONE_TIME_USE_ACTION, state_text};

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
                    Error::Body(_) => eprintln!("{error}"),
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
        let grant = |user: &Owner| self.grant(user, request.headers());
        match route {
            Route::Asset(asset) => Ok(Reply::asset(asset)),
            Route::Home => Ok(match self.user(request.headers()) {
                Some(user) => page::home(&user, self.relying_party().err().as_ref()),
                None => page::sign_in(),
            }),
            Route::Answer => self.answer_page(request.uri().query().unwrap_or_default()).await,
            Route::SignIn => self.sign_in(body(request)?),
            Route::SignOut => Ok(self.sign_out()),
            Route::State => self.state(&user()?).await,
            Route::Enrollments => self.enroll(user()?, &grant(&user()?)).await,
            Route::Enrollment(id) if method == Method::DELETE => {
                self.remove_enrollment(&user()?, &grant(&user()?), id).await
            }
            Route::Enrollment(id) => {
                let code = body::<Code>(request)?.secret();
                self.confirm_enrollment(&user()?, &grant(&user()?), id, &code).await
            }
            Route::Passkeys => self.add_passkey(user()?, &grant(&user()?)).await,
            Route::Passkey(id) if method == Method::DELETE => self.remove_passkey(&user()?, &grant(&user()?), id).await,
            Route::Passkey(id) if method == Method::PUT => {
                self.rename_passkey(&user()?, id, &body::<Name>(request)?.name).await
            }
            Route::Passkey(id) => self.confirm_passkey(&user()?, &grant(&user()?), id, text(request)?).await,
            Route::StepUps => self.start_step_up(user()?).await,
            Route::StepUp(id) => self.answer_step_up(&user()?, id, body::<Code>(request)?.secret()).await,
            Route::StepUpByPasskey(id) if method == Method::GET => self.request_options(&user()?, id).await,
            Route::StepUpByPasskey(id) => self.answer_step_up_by_passkey(&user()?, id, text(request)?).await,
            Route::Approvals => self.start_approval(user()?, about(request)?).await,
            Route::Phones => self.add_phone(user()?, &grant(&user()?), &body::<Number>(request)?.number).await,
            Route::Push if method == Method::GET => user().map(|_| self.push_key()),
            Route::Push if method == Method::DELETE => {
                self.remove_browser(&user()?, &body::<Subscribed>(request)?.endpoint).await
            }
            Route::Push => {
                let user = user()?;
                let subscription = body(request).map_err(|_| Problem::PushSubscription)?;
                let Renewal { replaces } = body(request)?;
                self.add_browser(user.clone(), &grant(&user), subscription, replaces.as_deref()).await
            }
            Route::Endpoint(id) if method == Method::DELETE => {
                self.delete_endpoint(&user()?, &grant(&user()?), id).await
            }
            Route::Endpoint(id) => {
                let code = body::<Code>(request)?.secret();
                self.confirm_phone(&user()?, &grant(&user()?), id, &code).await
            }
            Route::Messages => self.ask_by_message(user()?, about(request)?).await,
            Route::Health => self.challenges.check().await.map(|()| Reply::done("ready")).map_err(Problem::Service),
            Route::KeySet => Ok(Reply::json(StatusCode::OK, &self.tokens.key_set())),
        }
    }
}

#[cfg(test)]
mod tests;
