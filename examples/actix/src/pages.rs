use actix_web::http::StatusCode;
use actix_web::web::{Bytes, ThinData};
use actix_web::{HttpRequest, HttpResponse, error, rt};
use challenges_actix::Header;
use demo_app::Site;

/// Passes a request to the site in a separate task, so that a change completes even if the client disconnects.
pub(crate) async fn respond(
    ThinData(site): ThinData<Site>,
    request: HttpRequest,
    body: Bytes,
) -> actix_web::Result<HttpResponse> {
    let request = site_request(&request, body).map_err(error::ErrorBadRequest)?;
    Ok(match rt::spawn(async move { site.respond(request).await }).await {
        Ok(response) => actix_response(response),
        Err(_) => HttpResponse::InternalServerError().finish(),
    })
}

/// Converts a request from version 0.2 of the `http` crate, used by actix-web, to version 1.
fn site_request(request: &HttpRequest, body: Bytes) -> http::Result<http::Request<Bytes>> {
    let converted = http::Request::builder().method(request.method().as_str()).uri(request.uri().to_string());
    let headers = request.headers().iter();
    headers.fold(converted, |builder, (name, value)| builder.header(name.as_str(), value.as_bytes())).body(body)
}

fn actix_response(response: http::Response<Bytes>) -> HttpResponse {
    let (head, body) = response.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut converted = HttpResponse::build(status);
    for (name, value) in &head.headers {
        converted.append_header(Header::from((name.clone(), value.clone())));
    }
    converted.body(body)
}
