use std::fmt;
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
/// Adapters hand each request to [`Api::receive`] and run [`Received::respond`] in a task of its own; they hold no logic of
/// their own.
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

/// A request whose caller is known and whose body was read. See [`Api::receive`].
#[must_use = "nothing is done before it responds"]
pub struct Received {
    api: Api,
    resource: Option<Resource>,
    head: Parts,
    task: Task,
}

enum Task {
    Run(Operation, Call),
    Answered(Response),
}

/// Without what was sent, which is secret in parts.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("resource", &self.resource).finish_non_exhaustive()
    }
}

impl Received {
    /// Does what was asked for, and answers. Every failure is a response; it does not panic.
    ///
    /// # Cancellation
    ///
    /// Dropping the future may leave what was asked for done or not done. Run it in a task of its own, so that a client
    /// that goes away does not end it.
    pub async fn respond(self) -> Response {
        let mut response = match self.task {
            Task::Run(operation, call) => {
                self.api.run(operation, call).await.unwrap_or_else(|fault| response::refusal(&fault))
            }
            Task::Answered(response) => response,
        };
        if let Some(resource) = self.resource {
            self.api.inner.cors.mark(resource, &self.head, &mut response);
        }
        response
    }
}

impl Api {
    /// The API over a service, open to those whom `authorizer` lets in.
    pub fn builder(challenges: Challenges, authorizer: impl Authorizer) -> ApiBuilder {
        ApiBuilder::new(challenges, Box::new(authorizer))
    }

    /// Answers a request: [`Api::receive`], then [`Received::respond`].
    pub async fn respond<B: http_body::Body>(&self, request: http::Request<B>) -> Response {
        self.receive(request).await.respond().await
    }

    /// Finds out what is asked for and by whom, and reads the body. The path starts with `/v1`: a prefix under which the API
    /// is mounted is taken off before.
    ///
    /// At most 64 KiB of a body are read, of a one-time-use action 4 MiB. There is no limit of time: it is the host's, for
    /// this as for all its requests.
    ///
    /// # Cancellation
    ///
    /// Nothing was changed yet when this future is dropped.
    pub async fn receive<B: http_body::Body>(&self, request: http::Request<B>) -> Received {
        let (head, body) = request.into_parts();
        let found = Resource::find(head.uri.path());
        let resource = found.as_ref().map(|(resource, _)| *resource);
        let task = match resource.and_then(|resource| self.inner.cors.preflight(resource, &head)) {
            Some(response) => Task::Answered(response),
            None => match self.call(found, &head, body).await {
                Ok((operation, call)) => Task::Run(operation, call),
                Err(fault) => Task::Answered(response::refusal(&fault)),
            },
        };
        Received { api: self.clone(), resource, head, task }
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
