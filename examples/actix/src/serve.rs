use std::io;
use std::net::TcpListener;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpResponse, HttpServer, error, rt, web};
use demo_app::{Demo, HEAD_TIMEOUT, MAX_BODY, REQUEST_TIMEOUT, Stop};

use crate::pages;

/// Serves the demo until `stop` completes.
pub(crate) async fn serve(demo: Demo, listener: TcpListener, stop: Stop) -> io::Result<()> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::ThinData(demo.site.clone()))
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .service(challenges_actix::service(demo.api.clone()))
            .default_service(web::to(pages::respond))
            .wrap(from_fn(end_slow_requests))
    });
    server.client_request_timeout(HEAD_TIMEOUT).shutdown_signal(stop).listen(listener)?.run().await
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
