//! A browser without scripts: cookies, forms, and redirections.

use std::collections::BTreeMap;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use url::form_urlencoded::Serializer;

pub(crate) struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    port: u16,
    cookies: BTreeMap<String, String>,
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
}

impl Browser {
    pub(crate) fn new(port: u16) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), port, cookies: BTreeMap::new() }
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
            let (status, location, text) = self.request(&method, &address, body).await;
            match location {
                Some(next) => (method, address, body) = (Method::GET, next, String::new()),
                None => {
                    let path = address.split('?').next().unwrap_or_default().to_owned();
                    return Page { status, path, body: text, address };
                }
            }
        }
        unreachable!("redirections without an end, at {address}")
    }

    async fn request(&mut self, method: &Method, address: &str, body: String) -> (u16, Option<String>, String) {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{address}", self.port))
            .header(HOST, format!("localhost:{}", self.port))
            .header(USER_AGENT, "Test")
            .header(ACCEPT, "text/html")
            .header("sec-fetch-mode", "navigate")
            .header(COOKIE, cookies.join("; "));
        if method == Method::POST {
            request = request.header(ORIGIN, format!("http://localhost:{}", self.port));
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
        let status = response.status();
        let location = response.headers().get(LOCATION).filter(|_| status.is_redirection());
        let location = location.map(|location| location.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status.as_u16(), location, String::from_utf8(body.to_vec()).unwrap())
    }
}
