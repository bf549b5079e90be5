use std::convert::Infallible;

use actix_web::dev::HttpServiceFactory;
use actix_web::{HttpRequest, HttpResponse, rt, web};
use challenges_http::Api;
use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::body::Body;
use crate::convert;

/// What the router calls the part of a path that is the API's. A host's own parameters have other names.
const PATH: &str = "challenges_api_path";

/// The routes of the API, to be registered with an application or in a scope.
pub fn service(api: Api) -> impl HttpServiceFactory + 'static {
    // Every path below, and every method, so that what is wrong with a request is answered in one form.
    let paths = format!("/{{{PATH}:v1/challenge(?:s|_enrollment)(?:/.*)?}}");
    web::resource(paths).to(move |request, payload| respond(api.clone(), request, payload))
}

/// Runs in a task of its own. When the client goes away, or a time limit of the host is over, actix-web drops the future of the
/// handler: the request is read no further, but what was begun is done.
async fn respond(api: Api, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let target = target(&request).unwrap_or_default();
    let request = match convert::request(&request, target, Body(payload)) {
        Ok(request) => request,
        Err(error) => {
            tracing::error!(%error, "a request cannot be converted");
            return convert::response(Api::failure());
        }
    };
    let (_waits, gone) = oneshot::channel::<Infallible>();
    let work = async move { api.respond_unless(request, async { drop(gone.await) }).await };
    let response = rt::spawn(work.in_current_span()).await.unwrap_or_else(|error| {
        // The error's text can hold the panic's message, which is not ours to vouch for.
        tracing::error!(panicked = error.is_panic(), "the task of a request failed");
        Api::failure()
    });
    convert::response(response)
}

/// The path below the prefix, and the query, as they were sent. The router decodes what it matches, except slashes: so
/// these tell where it starts.
fn target(request: &HttpRequest) -> Option<&str> {
    let uri = request.uri();
    let slashes = request.match_info().get(PATH)?.matches('/').count();
    let (start, _) = uri.path().rmatch_indices('/').nth(slashes)?;
    uri.path_and_query()?.as_str().get(start..)
}
