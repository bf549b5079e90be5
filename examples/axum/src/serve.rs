use std::io;
use std::net::TcpListener;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::request::Parts;
use axum::http::{Request, Response, StatusCode};
use demo_app::{Demo, MAX_BODY, Site, Stop};

/// Serves the demo until `stop` completes.
pub(crate) async fn serve(demo: Demo, listener: TcpListener, stop: Stop) -> io::Result<()> {
    let app = challenges_axum::router(demo.api).merge(pages(demo.site));
    let listener = tokio::net::TcpListener::from_std(listener)?;
    axum::serve(listener, app).with_graceful_shutdown(stop).await
}

/// Returns the routes of all paths outside the API.
fn pages(site: Site) -> Router {
    Router::new().fallback(respond).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(site)
}

/// Passes a request to the site in a separate task, so that a change completes even if the client disconnects.
async fn respond(State(site): State<Site>, parts: Parts, body: Bytes) -> Result<Response<Body>, StatusCode> {
    let request = Request::from_parts(parts, body);
    let response = tokio::spawn(async move { site.respond(request).await }).await;
    response.map(|response| response.map(Body::from)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
