use std::error::Error as StdError;
use std::future::{self, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use challenges_core::{ChallengeType, Challenges};
use http::Method;
use http::request::Parts;

use crate::answer_link::AnswerLinks;
use crate::authorizer::{self, Authorizer};
use crate::call::{self, Call};
use crate::cors::Cors;
use crate::fault::Fault;
use crate::prefetch::is_prefetch;
use crate::principal::Principal;
use crate::query::Query;
use crate::response::{self, Response};
use crate::route::{Bearer, Operation, Resource, Route};
use crate::{body, openapi};

/// The types that every client knows. The host has to add every other type to the API.
const BASE_TYPES: [ChallengeType; 5] =
    [ChallengeType::Sms, ChallengeType::WebPush, ChallengeType::Totp, ChallengeType::Webauthn, ChallengeType::Code];

/// The Challenges HTTP API as a framework-independent service. Cheap to clone.
///
/// An adapter spawns a task for each request and calls [`Api::respond_unless`] in it. Adapters contain no other logic.
#[derive(Clone, Debug)]
pub struct Api {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) challenges: Challenges,
    pub(crate) authorizer: Box<dyn Authorizer>,
    pub(crate) links: AnswerLinks,
    pub(crate) cors: Cors,
    pub(crate) protect_replace_and_delete: bool,
    pub(crate) further_types: Vec<ChallengeType>,
}

impl Api {
    /// Responds to a request. The path must start with `/v1`, so strip the prefix of a mounted API first.
    ///
    /// Every failure is a response, never a panic. At most 64 KiB of a body are read, or 4 MiB for a one-time-use
    /// action, and a body that exceeds an outer limit ([`BodyTooLarge`](crate::BodyTooLarge)) gets a 413. There is no
    /// timeout: the host limits the time for heads and bodies.
    ///
    /// # Cancellation
    ///
    /// If the future is dropped, the operation may or may not have been done. To avoid this, use
    /// [`Api::respond_unless`].
    pub async fn respond<B>(&self, request: http::Request<B>) -> Response
    where
        B: http_body::Body<Error: Into<Box<dyn StdError + Send + Sync>>>,
    {
        self.respond_unless(request, future::pending()).await
    }

    /// Responds to a request like [`Api::respond`], but gives up if `gone` completes before the request is read.
    ///
    /// - If `gone` completes first, nothing is done and the response is [`Api::failure`], which nobody receives.
    /// - Once the request is read, the operation runs to completion regardless of `gone`.
    ///
    /// Run this future in a task of its own. Complete `gone` when the client disconnects or a timeout of the host
    /// expires.
    pub async fn respond_unless<B>(&self, request: http::Request<B>, gone: impl Future<Output = ()>) -> Response
    where
        B: http_body::Body<Error: Into<Box<dyn StdError + Send + Sync>>>,
    {
        let (head, body) = request.into_parts();
        let found = Resource::find(head.uri.path());
        let resource = found.as_ref().map(|(resource, _)| *resource);
        let mut response = match resource.and_then(|resource| self.inner.cors.preflight(resource, &head)) {
            Some(response) => response,
            None => match unless(gone, self.call(found, &head, body)).await {
                Some(Ok((operation, call))) => {
                    self.run(operation, call).await.unwrap_or_else(|fault| response::refusal(&fault))
                }
                Some(Err(fault)) => response::refusal(&fault),
                None => Self::failure(),
            },
        };
        if let Some(resource) = resource {
            self.inner.cors.mark(resource, &head, &mut response);
        }
        response
    }

    /// Returns the response for a task that failed while it ran [`Api::respond`]: 500, without details.
    #[must_use]
    pub fn failure() -> Response {
        response::refusal(&Fault::Broken)
    }

    /// Returns the OpenAPI 3.1 description of the API as indented JSON. The same text is in this crate's
    /// `openapi.json`.
    #[must_use]
    pub fn openapi() -> String {
        openapi::document()
    }

    async fn call<B>(
        &self,
        resource: Option<(Resource, Option<String>)>,
        head: &Parts,
        body: B,
    ) -> Result<(Operation, Call), Fault>
    where
        B: http_body::Body<Error: Into<Box<dyn StdError + Send + Sync>>>,
    {
        let (resource, id) = resource.ok_or(Fault::NoRoute)?;
        let route = Route::find(resource, &head.method).ok_or(Fault::Method(resource))?;
        if route.operation == Operation::GetAnswer && is_prefetch(&head.headers) {
            return Err(Fault::Prefetch);
        }
        // Authorize before reading the body, so that a stranger cannot make the server read 4 MiB.
        let principal = self.principal(route, head).await?;
        let query = Query::parse(head.uri.query().unwrap_or_default())?;
        // Clients send a content type with GET and DELETE, but no body.
        let body = match route.method {
            Method::POST | Method::PUT => body::read(body, route.body_limit()).await?,
            _ => bytes::Bytes::new(),
        };
        let step_up = call::step_up(&head.headers);
        Ok((route.operation, Call { id, principal, step_up, operation_id: route.operation_id, query, body }))
    }

    async fn principal(&self, route: &Route, head: &Parts) -> Result<Option<Principal>, Fault> {
        match route.bearer {
            Bearer::Unused => Ok(None),
            Bearer::Optional if !self.inner.protect_replace_and_delete => match self.authorized(route, head).await {
                // Refused tokens count as absent: the id of the challenge is enough, whatever a client adds to each
                // call.
                Err(Fault::Unauthorized) => Ok(None),
                checked => checked.map(Some),
            },
            Bearer::Optional | Bearer::Required => self.authorized(route, head).await.map(Some),
        }
    }

    async fn authorized(&self, route: &Route, head: &Parts) -> Result<Principal, Fault> {
        let bearer = authorizer::bearer(&head.headers).ok_or(Fault::Unauthorized)?;
        let principal = self.inner.authorizer.authorize(&bearer).await?;
        principal.check(route.operation)?;
        Ok(principal)
    }

    async fn run(&self, operation: Operation, call: Call) -> Result<Response, Fault> {
        match operation {
            Operation::CreateChallenge => self.create_challenge(&call).await,
            Operation::CreateOneTimeUseAction => self.create_one_time_use_action(&call).await,
            Operation::GetChallenge => self.challenge(&call).await,
            Operation::ReplaceChallenge => self.replace_challenge(&call).await,
            Operation::DeleteChallenge => self.delete_challenge(&call).await,
            Operation::GetAnswer => self.answer_by_query(&call).await,
            Operation::PostAnswer => self.answer_by_body(&call).await,
            Operation::CreateTotpEnrollment => self.create_totp_enrollment(&call).await,
            Operation::ListTotpEnrollment => self.list_totp_enrollments(&call).await,
            Operation::GetTotpEnrollment => self.totp_enrollment(&call).await,
            Operation::UpdateTotpEnrollment => self.update_totp_enrollment(&call).await,
            Operation::DeleteTotpEnrollment => self.delete_totp_enrollment(&call).await,
            Operation::CreateWebauthnEnrollment => self.create_webauthn_enrollment(&call).await,
            Operation::ListWebauthnEnrollments => self.list_webauthn_enrollments(&call).await,
            Operation::GetWebauthnEnrollment => self.webauthn_enrollment(&call).await,
            Operation::UpdateWebauthnEnrollment => self.update_webauthn_enrollment(&call).await,
            Operation::DeleteWebauthnEnrollment => self.delete_webauthn_enrollment(&call).await,
            Operation::ListTrustedDevices => self.list_trusted_devices(&call).await,
            Operation::DeleteTrustedDevices => self.delete_trusted_devices(&call).await,
            Operation::DeleteTrustedDevice => self.delete_trusted_device(&call).await,
        }
    }

    pub(crate) fn challenges(&self) -> &Challenges {
        &self.inner.challenges
    }

    pub(crate) fn protects_replace_and_delete(&self) -> bool {
        self.inner.protect_replace_and_delete
    }

    /// Returns whether callers may offer and answer by the type.
    pub(crate) fn admits(&self, kind: ChallengeType) -> bool {
        BASE_TYPES.contains(&kind) || self.inner.further_types.contains(&kind)
    }

    pub(crate) fn links(&self) -> &AnswerLinks {
        &self.inner.links
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }
}

/// Returns the output of `future`, or `None` if `gone` completes first.
async fn unless<T>(gone: impl Future<Output = ()>, future: impl Future<Output = T>) -> Option<T> {
    let (mut gone, mut future) = (pin!(gone), pin!(future));
    poll_fn(|context| match gone.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => future.as_mut().poll(context).map(Some),
    })
    .await
}
