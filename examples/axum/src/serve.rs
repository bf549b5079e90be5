use std::io;
use std::net::TcpListener;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use challenges::axum::Error;
use demo_app::{ASSETS, Bank, Demo, HEAD_TIMEOUT, HEADERS, MAX_BODY, REQUEST_TIMEOUT, Stop, is_same_origin};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::time;

use crate::login;
use crate::visit::Visit;

/// The pause after an accept failed, for example because the process has too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

const JSON: &str = "application/json";

/// Serves the demo until `stop` completes. `axum::serve` has no timeout for heads, so hyper serves the connections.
pub(crate) async fn serve(demo: Demo, listener: TcpListener, mut stop: Stop) -> io::Result<()> {
    let app = app(demo)?;
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

fn app(Demo { api, bank, key_set, .. }: Demo) -> io::Result<Router> {
    let assets = ASSETS.into_iter().fold(Router::new(), |router, (path, media_type, text)| {
        router.route(path, get(async move || ([(CONTENT_TYPE, media_type)], text)))
    });
    let pages = assets
        .route("/health", get(health))
        .route("/.well-known/jwks.json", get(async move || ([(CONTENT_TYPE, JSON)], key_set)))
        .fallback(unknown)
        .with_state(bank.clone())
        .merge(login::routes(bank.clone()).map_err(io::Error::other)?)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(bank, refuse_other_sites))
        .layer(map_response(protect));
    Ok(challenges::axum::router(api).merge(pages).layer(from_fn(end_slow_requests)))
}

/// The health check for load balancers.
async fn health(State(bank): State<Bank>) -> Result<Response, Error> {
    bank.challenges.check().await?;
    Ok(([(CONTENT_TYPE, JSON)], r#"{"message":"ready"}"#).into_response())
}

async fn unknown(visit: Visit, uri: Uri) -> Response {
    // Below the API's path the caller is a program, elsewhere a person.
    if uri.path() == "/v1" || uri.path().starts_with("/v1/") {
        return Error::from(challenges::Error::NotFound).into_response();
    }
    (StatusCode::NOT_FOUND, visit.design.message("bank-no-page")).into_response()
}

/// Refuses forms of other sites (cross-site request forgery).
async fn refuse_other_sites(State(bank): State<Bank>, request: Request<Body>, next: Next) -> Response {
    let header = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    if request.method() == Method::POST && !is_same_origin(header, &bank.origin) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// Adds the security headers that the response does not have.
async fn protect(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Ends a request whose body does not arrive in time. An operation in progress completes.
async fn end_slow_requests(request: Request<Body>, next: Next) -> Response {
    let response = time::timeout(REQUEST_TIMEOUT, next.run(request)).await;
    response.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}
