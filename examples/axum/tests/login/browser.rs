//! A browser without scripts: cookies, forms, and redirections.

use std::collections::BTreeMap;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE,
    USER_AGENT,
};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use url::form_urlencoded::Serializer;

pub(crate) struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    port: u16,
    cookies: BTreeMap<String, String>,
    /// The languages that the visitor accepts.
    pub(crate) language: &'static str,
    /// The origin of the site with the forms.
    pub(crate) origin: String,
}

/// A page, after redirections.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    /// The path, without the query.
    pub(crate) path: String,
    pub(crate) body: String,
    /// The path and query.
    pub(crate) address: String,
    pub(crate) policy: String,
}

impl Browser {
    pub(crate) fn new(port: u16) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, port, cookies: BTreeMap::new(), language: "en", origin: format!("http://localhost:{port}") }
    }

    pub(crate) async fn get(&mut self, address: &str) -> Page {
        self.send(Method::GET, address, String::new()).await
    }

    pub(crate) async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Page {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, address, body).await
    }

    async fn send(&mut self, method: Method, address: &str, body: String) -> Page {
        let (mut method, mut address, mut body) = (method, address.to_owned(), body);
        for _ in 0..5 {
            match self.request(&method, &address, body).await {
                Ok(page) => return page,
                Err(next) => (method, address, body) = (Method::GET, next, String::new()),
            }
        }
        unreachable!("redirections without an end, at {address}")
    }

    /// Returns the page, or the address of a redirection.
    async fn request(&mut self, method: &Method, address: &str, body: String) -> Result<Page, String> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{address}", self.port))
            .header(HOST, format!("localhost:{}", self.port))
            .header(USER_AGENT, "Test")
            .header(ACCEPT, "text/html")
            .header(ACCEPT_LANGUAGE, self.language)
            .header("sec-fetch-mode", "navigate")
            .header(COOKIE, cookies.join("; "));
        if method == Method::POST {
            request = request.header(ORIGIN, &self.origin);
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let response = self.client.request(request.body(Full::from(body)).unwrap()).await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).unwrap();
            match cookie.to_ascii_lowercase().contains("max-age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let (status, header) =
            (response.status(), |name| response.headers().get(name).map(|value| value.to_str().unwrap()));
        if let Some(location) = header(LOCATION).filter(|_| status.is_redirection()) {
            return Err(location.to_owned());
        }
        let policy = header(CONTENT_SECURITY_POLICY).unwrap_or_default().to_owned();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let path = address.split('?').next().unwrap_or_default().to_owned();
        Ok(Page { status: status.as_u16(), path, body, address: address.to_owned(), policy })
    }
}
