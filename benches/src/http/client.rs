use std::net::SocketAddr;

use async_trait::async_trait;
use axum::body::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;

use super::TOKEN;
use crate::callers::Caller;
use crate::operation::USERS;

/// A client with a connection, which creates and answers code challenges in turn.
pub(super) struct Client {
    sender: SendRequest<Full<Bytes>>,
    number: usize,
    callers: usize,
    created: Option<Created>,
}

#[derive(Deserialize)]
struct Created {
    metadata: Metadata,
    status: Status,
}

#[derive(Deserialize)]
struct Metadata {
    id: String,
}

#[derive(Deserialize)]
struct Status {
    code: String,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr, first: usize, callers: usize) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self { sender, number: first, callers, created: None }
    }

    /// Creates a challenge, and returns the response.
    pub(super) async fn create(&mut self) -> Bytes {
        let user = self.number % USERS;
        self.number += self.callers;
        let body = format!(
            r#"{{"spec":{{"user_id":"user{user}","challenge_type":"code","send_now":true,"answer_data":{{"token":"0123456789abcdef0123456789abcdef"}}}}}}"#
        );
        let response = self.post("/v1/challenges", body, StatusCode::CREATED).await;
        self.created = Some(serde_json::from_slice(&response).unwrap());
        response
    }

    /// Answers the last challenge, and returns the response.
    pub(super) async fn answer(&mut self) -> Bytes {
        let Created { metadata: Metadata { id }, status: Status { code } } = self.created.take().unwrap();
        let body = format!(r#"{{"challenge_answer":"{code}","allowed":true,"challenge_type":"code"}}"#);
        self.post(&format!("/v1/challenges/{id}/answers"), body, StatusCode::OK).await
    }

    async fn post(&mut self, path: &str, body: String, wanted: StatusCode) -> Bytes {
        let request = Request::post(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json");
        self.sender.ready().await.unwrap();
        let response = self.sender.send_request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(status, wanted, "{body:?}");
        body
    }
}

#[async_trait]
impl Caller for Client {
    async fn call(&mut self) {
        if self.created.is_some() {
            self.answer().await
        } else {
            self.create().await
        };
    }
}
