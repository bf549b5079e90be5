use std::future::{self, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use challenges_core::Challenges;
use http::Method;
use http::request::Parts;

use crate::answer_link::AnswerLinks;
use crate::authorizer::{self, Authorizer};
use crate::builder::ApiBuilder;
use crate::call::Call;
use crate::cors::Cors;
use crate::fault::Fault;
use crate::principal::Principal;
use crate::query::Query;
use crate::response::{self, Response};
use crate::route::{Operation, Resource, Route};
use crate::{body, openapi};

/// The Challenges HTTP API: one service, whatever the framework. Cheap to clone.
///
/// Adapters hand each request to [`Api::respond_unless`], in a task of its own, and hold no logic of their own.
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
}

impl Api {
    /// The API over a service, open to those whom `authorizer` lets in.
    pub fn builder(challenges: Challenges, authorizer: impl Authorizer) -> ApiBuilder {
        ApiBuilder::new(challenges, Box::new(authorizer))
    }

    /// Answers a request. Its path starts with `/v1`: a prefix under which the API is mounted is taken off before.
    ///
    /// Every failure is a response; it does not panic. At most 64 KiB of a body are read, of a one-time-use action 4 MiB. There
    /// is no limit of time for it.
    ///
    /// # Cancellation
    ///
    /// Dropping the future may leave what was asked for done or not done. [`Api::respond_unless`] does not.
    pub async fn respond<B: http_body::Body>(&self, request: http::Request<B>) -> Response {
        self.respond_unless(request, future::pending()).await
    }

    /// The same, unless `gone` ends before the request is read: then nothing is done, and the response is
    /// [`Api::failure`], for nobody. From then on it goes on to its end. Run it in a task of its own, and have `gone` end when
    /// nobody waits for the task any more, be it that the client went away or that a time limit of the host is over.
    pub async fn respond_unless<B: http_body::Body>(
        &self,
        request: http::Request<B>,
        gone: impl Future<Output = ()>,
    ) -> Response {
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

    /// What an adapter answers when the task that runs [`Api::respond`] fails: 500, without details.
    #[must_use]
    pub fn failure() -> Response {
        response::refusal(&Fault::Broken)
    }

    /// The OpenAPI 3.1 description of the API, as pretty JSON. It is kept as `openapi.json` beside this crate's manifest.
    #[must_use]
    pub fn openapi() -> String {
        openapi::document()
    }

    async fn call<B: http_body::Body>(
        &self,
        resource: Option<(Resource, Option<String>)>,
        head: &Parts,
        body: B,
    ) -> Result<(Operation, Call), Fault> {
        let (resource, id) = resource.ok_or(Fault::NoRoute)?;
        let route = Route::find(resource, &head.method).ok_or(Fault::Method(resource))?;
        // Before the body is read: a stranger must not make us read one.
        let principal = self.principal(route, head).await?;
        let query = Query::parse(head.uri.query().unwrap_or_default())?;
        // The real client names a content type on GET and DELETE; they have no body.
        let body = match route.method {
            Method::POST | Method::PUT => body::read(body, route.body_limit()).await?,
            _ => bytes::Bytes::new(),
        };
        Ok((route.operation, Call { id, principal, query, body }))
    }

    async fn principal(&self, route: &Route, head: &Parts) -> Result<Option<Principal>, Fault> {
        let replaces = matches!(route.operation, Operation::ReplaceChallenge | Operation::DeleteChallenge);
        if route.open && !(replaces && self.inner.protect_replace_and_delete) {
            return Ok(None);
        }
        let bearer = authorizer::bearer(&head.headers).ok_or(Fault::Unauthorized)?;
        let principal = self.inner.authorizer.authorize(&bearer).await.map_err(|_| Fault::Unauthorized)?;
        principal.check(route.operation)?;
        Ok(Some(principal))
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
        }
    }

    pub(crate) fn challenges(&self) -> &Challenges {
        &self.inner.challenges
    }

    pub(crate) fn links(&self) -> &AnswerLinks {
        &self.inner.links
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }
}

/// The output of a future, unless another one ends first.
async fn unless<T>(gone: impl Future<Output = ()>, future: impl Future<Output = T>) -> Option<T> {
    let (mut gone, mut future) = (pin!(gone), pin!(future));
    poll_fn(|context| match gone.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => future.as_mut().poll(context).map(Some),
    })
    .await
}
