//! R33: Redirects, time and size limits, proxies and certificates.

use std::process::Command;
use std::time::Duration;

use challenges_core::Courier as _;
use challenges_core::outbox::Retry;
use challenges_delivery::{DeliveryError, GuardedClient, Request};
use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::host::{Addresses, act, actions, builder, client, guard, job, perform, unwrap_failure};
use crate::server::{Answer, Server};

const SOON: Duration = Duration::from_millis(300);

/// R33: No redirect is followed.
#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Server::start([]).await;
    let metadata = "http://169.254.169.254/latest/meta-data/".to_owned();
    for status in [301, 302, 303, 307, 308] {
        for location in [metadata.clone(), elsewhere.url("/"), "/again".to_owned()] {
            let server = Server::start([Answer::With(status, "location", location)]).await;
            let guard = guard(&server).allow_port(elsewhere.port());
            let delivery = actions(builder(guard).build().unwrap());
            let (then, status_of_failure, words) = unwrap_failure(perform(&delivery, act(&server.url("/"))).await);
            assert_eq!((then, status_of_failure), (Retry::Never, Some(status)));
            assert!(words.contains("redirect"), "{words}");
            assert_eq!(server.seen().len(), 1);
        }
    }
    assert_eq!(elsewhere.connections(), 0);
    // Negative control: a followed redirect would have been seen.
    perform(&actions(client(&elsewhere)), act(&elsewhere.url("/"))).await.unwrap();
    assert_eq!(elsewhere.seen().len(), 1);
}

#[tokio::test]
async fn silent_server_times_out() {
    const ATTEMPTS: usize = 50;
    let server = Server::start((0..ATTEMPTS).map(|_| Answer::Hang)).await;
    let delivery = actions(builder(guard(&server)).timeout(SOON).build().unwrap());
    let mut attempts = 0;
    // A busy machine can spend the time of an attempt before the request is sent.
    while server.seen().is_empty() && attempts < ATTEMPTS {
        let (then, status, words) = unwrap_failure(perform(&delivery, act(&server.url("/"))).await);
        assert_eq!((then, status), (Retry::Later(None), None), "{words}");
        attempts += 1;
    }
    assert!((1..=attempts).contains(&server.seen().len()));
}

#[tokio::test]
async fn attempt_time_limit_applies_too() {
    let server = Server::start([Answer::Hang]).await;
    let sent = client(&server).send(Request::new(Method::GET, &server.url("/")), SOON).await;
    assert!(matches!(sent, Err(DeliveryError::Timeout)), "{sent:?}");
}

#[tokio::test]
async fn slow_response_head_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert_ne!(stream.read(&mut [0; 1_024]).await.unwrap(), 0);
        for byte in b"HTTP/1.1 200 OK\r\nx-slow: ".iter().chain(std::iter::repeat(&b'x')) {
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let guard = challenges_delivery::Guard::any_host().allow_port(port).danger_allow_http();
    let client = builder(guard.danger_allow_network("127.0.0.0/8".parse().unwrap())).build().unwrap();
    let sent = client.send(Request::new(Method::GET, &format!("http://hooks.example.test:{port}/")), SOON).await;
    assert!(matches!(sent, Err(DeliveryError::Timeout)), "{sent:?}");
}

/// The server accepts connections but never starts TLS.
#[tokio::test]
async fn stalled_connection_attempt_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let guard = challenges_delivery::Guard::any_host().allow_port(port);
    let client = builder(guard.danger_allow_network("127.0.0.0/8".parse().unwrap())).connect_timeout(SOON);
    let delivery = actions(client.build().unwrap());
    let (then, _, words) =
        unwrap_failure(perform(&delivery, act(&format!("https://hooks.example.test:{port}/"))).await);
    assert_eq!(then, Retry::Later(None), "{words}");
    drop(listener);
    let (then, _, words) =
        unwrap_failure(perform(&delivery, act(&format!("https://hooks.example.test:{port}/"))).await);
    assert_eq!(then, Retry::Later(None), "{words}");
}

/// The status shows that the request took effect, so no property of the body justifies a retry.
#[tokio::test]
async fn slow_or_endless_body_changes_nothing() {
    let server = Server::start([Answer::SlowBody(201), Answer::EndlessBody(200), Answer::EndlessBody(500)]).await;
    let delivery = actions(client(&server));
    assert_eq!(perform(&delivery, act(&server.url("/"))).await.unwrap(), Some(201));
    assert_eq!(perform(&delivery, act(&server.url("/"))).await.unwrap(), Some(200));
    let (then, status, _) = unwrap_failure(perform(&delivery, act(&server.url("/"))).await);
    assert_eq!((then, status), (Retry::Later(None), Some(500)));
    assert_eq!(server.connections(), 3, "a connection with an unfinished body is not reused");
    assert!(server.sent() < 32 * 1_024, "{} KiB, more than buffers hold", server.sent());
}

/// Reading the body ends before the attempt's time limit.
#[tokio::test]
async fn slow_body_at_the_deadline_changes_nothing() {
    let server = Server::start([Answer::Status(200), Answer::SlowBody(201)]).await;
    let delivery = actions(client(&server));
    perform(&delivery, act(&server.url("/"))).await.unwrap();
    let mut job = job(act(&server.url("/")));
    job.timeout = Duration::from_millis(900);
    assert_eq!(delivery.perform(&job).await.unwrap(), Some(201));
}

#[tokio::test]
async fn oversized_head_is_not_a_response() {
    let server = Server::start([Answer::HugeHead]).await;
    let (then, status, words) = unwrap_failure(perform(&actions(client(&server)), act(&server.url("/"))).await);
    assert_eq!((then, status), (Retry::Later(None), None), "{words}");
}

#[tokio::test]
async fn untrusted_certificates_are_rejected() {
    let server = Server::start([]).await;
    let distrusting = GuardedClient::builder(guard(&server)).resolver(Addresses::new([&["127.0.0.1"]]));
    let foreign = format!("https://hooks.example.net:{}/", server.port());
    for (client, url) in [(distrusting.build().unwrap(), server.url("/")), (client(&server), foreign)] {
        let (then, _, words) = unwrap_failure(perform(&actions(client), act(&url)).await);
        assert_eq!(then, Retry::Later(None), "{words}");
    }
    assert_eq!((server.seen().len(), server.connections()), (0, 2));
    let nobody = GuardedClient::builder(guard(&server)).without_system_roots().build();
    assert!(matches!(nobody, Err(DeliveryError::NoRootCertificates)));
    let garbage = GuardedClient::builder(guard(&server)).root_certificate([1, 2, 3]).build();
    assert!(matches!(garbage, Err(DeliveryError::RootCertificate(_))));
}

/// R33: Runs the redirect test in a process whose environment names unreachable proxies.
#[test]
fn environment_proxies_are_ignored() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "limits::redirects_are_not_followed"]);
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:1");
    }
    let output = child.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}
