//! The service: from a request to the response.

use std::error::Error as StdError;

use bytes::Bytes;
use challenges_core::Owner;
use challenges_http::{Response, is_prefetch};
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use percent_encoding::percent_decode_str;

use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::rendering::Visitor;
use crate::reply::Reply;
use crate::route_table::ROUTES;
use crate::same_origin::{is_same_origin, report_other_origin};

/// The largest body of a request, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

impl Pages {
    /// Reads the body of a request, of at most 64 KiB. For adapters, which may drop the future if the client
    /// disconnects.
    ///
    /// # Errors
    ///
    /// The response to send in place of [`respond`](Self::respond): 413 for a larger body, 400 for an unreadable one.
    pub async fn read<B>(&self, request: Request<B>) -> Result<Request<Bytes>, Response>
    where
        B: http_body::Body<Error: Into<Box<dyn StdError + Send + Sync>>>,
    {
        let (head, body) = request.into_parts();
        match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(body) => Ok(Request::from_parts(head, body.to_bytes())),
            Err(error) => {
                let problem = match error.is::<LengthLimitError>() {
                    true => Problem::TooLarge,
                    false => Problem::Malformed,
                };
                Err(Visitor::of(self, &head.headers).problem(self, problem))
            }
        }
    }

    /// Responds to a request. `user` is the signed-in user of the host's session. The request keeps its full path, with
    /// the prefix.
    ///
    /// # Cancellation
    ///
    /// Run the call in a separate task, so that a disconnecting client leaves no change half done.
    pub async fn respond(&self, request: Request<Bytes>, user: Option<Owner>) -> Response {
        let (head, body) = request.into_parts();
        let visitor = Visitor::of(self, &head.headers);
        let is_head = head.method == Method::HEAD;
        let mut response = match self.path_below(head.uri.path()).map(str::to_owned) {
            Some(path) => {
                let query = head.uri.query().unwrap_or_default().to_owned();
                let (id, method, headers) = (String::new(), head.method, head.headers);
                self.answer(&visitor, Incoming { user, id, method, path, query, headers, body }).await
            }
            None => visitor.problem(self, Problem::NoSuchPage),
        };
        if is_head {
            *response.body_mut() = Full::default();
        }
        response
    }

    /// Returns the response for a failed task of an adapter: 500.
    #[must_use]
    pub fn failure() -> Response {
        crate::rendering::failure()
    }

    /// Returns the response of an extractor that finds no [`Pages`] in the request: 500. The reason is logged.
    #[must_use]
    pub fn missing() -> Response {
        tracing::error!(
            "a handler extracts FreshLogin, but has no Pages; add Extension(pages) as a layer (axum) or web::Data::new(pages) as app_data (actix-web)"
        );
        crate::rendering::failure()
    }

    async fn answer(&self, visitor: &Visitor, mut incoming: Incoming) -> Response {
        match self.handle(&mut incoming).await {
            Ok(reply) => visitor.reply(self, reply),
            Err(Problem::StepUpNeeded) => visitor.step_up(self, &back_to(self, &incoming)),
            Err(Problem::SignedOut) => visitor.sign_in(self, &back_to(self, &incoming)),
            Err(problem) => visitor.problem(self, problem),
        }
    }

    async fn handle(&self, incoming: &mut Incoming) -> Result<Reply, Problem> {
        if incoming.path.is_empty() {
            return Ok(Reply::see("account"));
        }
        let matched = ROUTES.find(&incoming.method, &incoming.path)?;
        let id = percent_decode_str(matched.id).decode_utf8().map_err(|_| Problem::NoSuchPage)?.into_owned();
        let route = matched.route;
        if incoming.method == Method::POST {
            if !is_same_origin(&incoming.headers, self.shared.origin.as_str()) {
                return Err(Problem::OtherOrigin);
            }
            report_other_origin(&incoming.headers, self.shared.origin.as_str());
        }
        if route.consumes && is_prefetch(&incoming.headers) {
            return Err(Problem::Prefetch);
        }
        incoming.id = id;
        (route.handler)(self, incoming).await
    }

    /// Returns the part of a path below the prefix, without the slash between them.
    fn path_below<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(self.shared.prefix.as_str())?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
    }
}

/// Returns the page of a request, as a path of the application: for a form, the page with the form.
fn back_to(pages: &Pages, incoming: &Incoming) -> String {
    let (prefix, path) = (&pages.shared.prefix, &incoming.path);
    let page = if incoming.method == Method::POST { ROUTES.page_of(path) } else { path.clone() };
    match incoming.query.as_str() {
        "" => format!("{prefix}/{page}"),
        query => format!("{prefix}/{page}?{query}"),
    }
}
