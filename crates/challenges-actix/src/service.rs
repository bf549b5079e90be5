use std::convert::Infallible;

use actix_web::dev::HttpServiceFactory;
use actix_web::{HttpRequest, HttpResponse, guard, rt, web};
use challenges_http::Api;
use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::body::Body;
use crate::convert;

/// The router's name for the API's part of the path, chosen not to clash with path parameters of the host.
const PATH: &str = "challenges_api_path";

/// Returns the routes of the API. Register them with an application or a scope.
pub fn service(api: Api) -> impl HttpServiceFactory + 'static {
    // All methods and all paths below, so that the API answers unknown ones with its own 404 and 405.
    let paths = format!("/{{{PATH}:v1/challenge(?:s|_enrollment)(?:/.*)?}}");
    // The router decodes paths first, so a percent-encoded route would match as well. Leave such paths to the host, as
    // in the axum adapter.
    let spelled_out = guard::fn_guard(|context| context.head().uri.path().contains("/v1/challenge"));
    web::resource(paths).guard(spelled_out).to(move |request, payload| respond(api.clone(), request, payload))
}

/// Responds to a request in a separate task. actix-web drops the handler's future if the client disconnects or a
/// timeout of the host expires. Reading the request then stops, but an operation in progress completes.
async fn respond(api: Api, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let target = target(&request).unwrap_or_default();
    let request = match convert::request(&request, target, Body(payload)) {
        Ok(request) => request,
        Err(error) => {
            tracing::error!(%error, "cannot convert a request");
            return convert::response(Api::failure());
        }
    };
    let (_waits, gone) = oneshot::channel::<Infallible>();
    let work = async move { api.respond_unless(request, async { drop(gone.await) }).await };
    let response = rt::spawn(work.in_current_span()).await.unwrap_or_else(|error| {
        // The error itself is not logged: the panic message could contain a secret.
        tracing::error!(panicked = error.is_panic(), "the task of a request failed");
        Api::failure()
    });
    convert::response(response)
}

/// Returns the path below the prefix and the query, still percent-encoded.
///
/// The router decodes the matched path, but not `%2F`. The number of slashes therefore locates the start of the match
/// in the encoded path.
fn target(request: &HttpRequest) -> Option<&str> {
    let uri = request.uri();
    let slashes = request.match_info().get(PATH)?.matches('/').count();
    let (start, _) = uri.path().rmatch_indices('/').nth(slashes)?;
    uri.path_and_query()?.as_str().get(start..)
}
