use std::convert::Infallible;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use challenges_http::Api;
use tokio::sync::oneshot;
use tracing::Instrument as _;

/// The routes of the API, to be merged into an application or nested under a prefix.
pub fn router<S>(api: Api) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    // Every path below, and every method, so that what is wrong with a request is answered in one form.
    let paths = [
        "/v1/challenges",
        "/v1/challenges/",
        "/v1/challenges/{*rest}",
        "/v1/challenge_enrollment",
        "/v1/challenge_enrollment/",
        "/v1/challenge_enrollment/{*rest}",
    ];
    paths.into_iter().fold(Router::new(), |router, path| router.route(path, any(respond))).with_state(api)
}

/// Runs in a task of its own. When the client goes away, or a time limit of the host is over, axum drops the future of the
/// handler: the request is read no further, but what was begun is done.
async fn respond(State(api): State<Api>, request: Request) -> Response {
    let (_waits, gone) = oneshot::channel::<Infallible>();
    let work = async move { api.respond_unless(request, async { drop(gone.await) }).await };
    match tokio::spawn(work.in_current_span()).await {
        Ok(response) => response.into_response(),
        Err(error) => {
            // The error's text can hold the panic's message, which is not ours to vouch for.
            tracing::error!(panicked = error.is_panic(), "the task of a request failed");
            Api::failure().into_response()
        }
    }
}
