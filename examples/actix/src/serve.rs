use std::io;
use std::net::TcpListener;

use actix_session::SessionMiddleware;
use actix_session::storage::CookieSessionStore;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::Key;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Data, FormConfig, PayloadConfig, ServiceConfig, ThinData, get, head, resource, to};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError as _, error, rt};
use challenges::actix::Error;
use demo_app::{ASSETS, Bank, Demo, HEAD_TIMEOUT, HEADERS, MAX_BODY, REQUEST_TIMEOUT, Stop, is_same_origin};

use crate::login;
use crate::visit::Visit;

/// Serves the demo until `stop` completes.
pub(crate) async fn serve(Demo { api, bank, key_set, .. }: Demo, listener: TcpListener, stop: Stop) -> io::Result<()> {
    let pages = login::routes(bank.clone()).map_err(io::Error::other)?;
    let key = Key::generate(); // In production, keep the key in a file, so that sessions survive a restart.
    let server = HttpServer::new(move || {
        let sessions = SessionMiddleware::builder(CookieSessionStore::default(), key.clone());
        let sessions = sessions.cookie_name("bank".to_owned()).cookie_secure(bank.has_tls());
        App::new()
            .app_data(PayloadConfig::new(MAX_BODY))
            .app_data(FormConfig::default().limit(MAX_BODY))
            .app_data(ThinData(key_set.clone()))
            .service(challenges::actix::service(api.clone()))
            .configure(pages.clone())
            .configure(others)
            .default_service(to(unknown))
            .wrap(sessions.build())
            .wrap(from_fn(protect))
            .wrap(from_fn(end_slow_requests))
    });
    server.client_request_timeout(HEAD_TIMEOUT).shutdown_signal(stop).listen(listener)?.run().await
}

fn others(app: &mut ServiceConfig) {
    for (path, media_type, text) in ASSETS {
        app.route(path, get().to(move || async move { HttpResponse::Ok().content_type(media_type).body(text) }));
    }
    app.service(resource("/health").route(get().to(health)).route(head().to(health)))
        .route("/.well-known/jwks.json", get().to(key_set));
}

/// The health check for load balancers.
async fn health(bank: Data<Bank>) -> Result<HttpResponse, Error> {
    bank.challenges.check().await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(r#"{"message":"ready"}"#))
}

async fn key_set(ThinData(keys): ThinData<String>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(keys)
}

async fn unknown(visit: Visit, request: HttpRequest) -> HttpResponse {
    // Below the API's path the caller is a program, elsewhere a person.
    if is_api(request.path()) {
        return Error::from(challenges::Error::NotFound).error_response();
    }
    visit.message(StatusCode::NOT_FOUND, "bank-no-page")
}

fn is_api(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

/// Refuses forms of other sites (cross-site request forgery), and adds the security headers that the response does not
/// have. The API has no forms and no cookies.
async fn protect(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<BoxBody>> {
    if is_api(request.path()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let bank = request.app_data::<Data<Bank>>().map(|bank| bank.origin.clone()).unwrap_or_default();
    let header = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    let is_form = request.method() == actix_web::http::Method::POST;
    if is_form && !is_same_origin(header, &bank) {
        return Ok(request.into_response(HttpResponse::Forbidden().finish()));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        if !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    Ok(response)
}

/// Ends a request whose body does not arrive in time. An operation in progress completes.
async fn end_slow_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<BoxBody>> {
    match rt::time::timeout(REQUEST_TIMEOUT, next.call(request)).await {
        Ok(response) => Ok(response?.map_into_boxed_body()),
        Err(elapsed) => {
            let response = HttpResponse::RequestTimeout().force_close().finish();
            Err(error::InternalError::from_response(elapsed, response).into())
        }
    }
}
