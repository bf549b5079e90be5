use std::convert::Infallible;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use challenges_http::Api;
use tokio::sync::oneshot;
use tracing::Instrument as _;

/// Returns the routes of the API. Merge them into an application or nest them under a prefix.
pub fn router<S>(api: Api) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    // All methods and all paths below, so that the API answers unknown ones with its own 404 and 405.
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

/// Responds to a request in a separate task. axum drops the handler's future if the client disconnects or a timeout of
/// the host expires. Reading the request then stops, but an operation in progress completes.
async fn respond(State(api): State<Api>, request: Request) -> Response {
    let (_waits, gone) = oneshot::channel::<Infallible>();
    let work = async move { api.respond_unless(request, async { drop(gone.await) }).await };
    match tokio::spawn(work.in_current_span()).await {
        Ok(response) => response.into_response(),
        Err(error) => {
            // The error itself is not logged: the panic message could contain a secret.
            tracing::error!(panicked = error.is_panic(), "the task of a request failed");
            Api::failure().into_response()
        }
    }
}
