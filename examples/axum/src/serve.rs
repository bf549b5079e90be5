use std::io;
use std::net::TcpListener;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::request::Parts;
use axum::http::{Request, Response, StatusCode};
use axum::middleware::{self, Next};
use axum::response::IntoResponse as _;
use demo_app::{Demo, HEAD_TIMEOUT, MAX_BODY, REQUEST_TIMEOUT, Site, Stop};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::time;

/// The pause after an accept failed, for example because the process has too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Serves the demo until `stop` completes. `axum::serve` has no timeout for heads, so hyper serves the connections.
pub(crate) async fn serve(demo: Demo, listener: TcpListener, mut stop: Stop) -> io::Result<()> {
    let app = challenges_axum::router(demo.api).merge(pages(demo.site)).layer(middleware::from_fn(end_slow_requests));
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, _)) = accepted else {
            time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let service = TowerToHyperService::new(app.clone());
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        // An error means that the client went away or was too slow.
        tokio::spawn(async move { drop(connection.await) });
    }
    drop(listener);
    connections.shutdown().await;
    Ok(())
}

/// Ends a request whose body does not arrive in time. An operation in progress completes.
async fn end_slow_requests(request: Request<Body>, next: Next) -> Response<Body> {
    let response = time::timeout(REQUEST_TIMEOUT, next.run(request)).await;
    response.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
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
