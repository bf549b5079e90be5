//! A browser: requests to the application, with the cookies of earlier responses.

use std::collections::BTreeMap;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{COOKIE, SET_COOKIE};
use actix_web::test::{TestRequest, read_body};
use anyhow::{Context as _, anyhow};

pub(crate) struct Browser<S> {
    app: S,
    cookies: BTreeMap<String, String>,
}

impl<S, B> Browser<S>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    pub(crate) fn new(app: S) -> Self {
        Self { app, cookies: BTreeMap::new() }
    }

    /// Posts `body` to `path`. Returns the status and the body of the response.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> anyhow::Result<(u16, String)> {
        let mut request = TestRequest::post().uri(path).set_payload(body.to_owned());
        for (name, value) in &self.cookies {
            request = request.append_header((COOKIE, format!("{name}={value}")));
        }
        let response = self.app.call(request.to_request()).await.map_err(|error| anyhow!("{error}"))?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.context("a cookie without a name")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = response.status().as_u16();
        Ok((status, String::from_utf8(read_body(response).await.to_vec())?))
    }
}
