use std::sync::Arc;

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
/// Adapters hand each request to [`Api::respond`] and hold no logic of their own.
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
    /// Every failure is a response; it does not panic. At most 64 KiB of a body are read, of a one-time-use action 4 MiB.
    ///
    /// # Cancellation
    ///
    /// Dropping the future may leave what was asked for done or not done. Run it in a task of its own, so that a client
    /// that goes away does not end it.
    pub async fn respond<B: http_body::Body>(&self, request: http::Request<B>) -> Response {
        let (head, body) = request.into_parts();
        let resource = Resource::find(head.uri.path());
        let resource_found = resource.as_ref().map(|(resource, _)| *resource);
        let mut response = match resource_found.and_then(|resource| self.inner.cors.preflight(resource, &head)) {
            Some(response) => response,
            None => match self.dispatch(resource, &head, body).await {
                Ok(response) => response,
                Err(fault) => response::refusal(&fault),
            },
        };
        if let Some(resource) = resource_found {
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

    async fn dispatch<B: http_body::Body>(
        &self,
        resource: Option<(Resource, Option<String>)>,
        head: &Parts,
        body: B,
    ) -> Result<Response, Fault> {
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
        self.run(route.operation, Call { id, principal, query, body }).await
    }

    async fn principal(&self, route: &Route, head: &Parts) -> Result<Option<Principal>, Fault> {
        let replaces = matches!(route.operation, Operation::ReplaceChallenge | Operation::DeleteChallenge);
        if route.open && !(replaces && self.inner.protect_replace_and_delete) {
            return Ok(None);
        }
        let bearer = authorizer::bearer(&head.headers).ok_or(Fault::Unauthorized)?;
        let principal = self.inner.authorizer.authorize(&bearer).await.map_err(|_| Fault::Unauthorized)?;
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
