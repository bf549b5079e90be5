//! R33: no redirect, no end that is not reached, no proxy, no server that is not who it says.

use std::process::Command;
use std::time::Duration;

use challenges_core::{Courier as _, Receipt, Retry};
use challenges_delivery::{Call, DeliveryError, GuardedClient};
use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::host::{Addresses, act, actions, builder, client, guard, job, perform, told};
use crate::server::{Answer, Server};

const SOON: Duration = Duration::from_millis(300);

#[tokio::test]
async fn r33_redirects_are_not_followed() {
    let elsewhere = Server::start([]).await;
    let metadata = "http://169.254.169.254/latest/meta-data/".to_owned();
    for status in [301, 302, 303, 307, 308] {
        for location in [metadata.clone(), elsewhere.url("/"), "/again".to_owned()] {
            let server = Server::start([Answer::With(status, "location", location)]).await;
            let guard = guard(&server).allow_port(elsewhere.port());
            let delivery = actions(builder(guard).build().unwrap());
            let (then, told_status, words) = told(perform(&delivery, act(&server.url("/"))).await);
            assert_eq!((then, told_status), (Retry::Never, Some(status)));
            assert!(words.contains("redirect"), "{words}");
            assert_eq!(server.seen().len(), 1);
        }
    }
    assert_eq!(elsewhere.connections(), 0);
    // The control: had it been followed, it would have been seen.
    perform(&actions(client(&elsewhere)), act(&elsewhere.url("/"))).await.unwrap();
    assert_eq!(elsewhere.seen().len(), 1);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_on() {
    let server = Server::start([Answer::Hang]).await;
    let delivery = actions(builder(guard(&server)).within(SOON).build().unwrap());
    let (then, status, words) = told(perform(&delivery, act(&server.url("/"))).await);
    assert_eq!((then, status), (Retry::Later(None), None), "{words}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn the_time_of_the_attempt_counts_as_well() {
    let server = Server::start([Answer::Hang]).await;
    let sent = client(&server).send(Call::new(Method::GET, &server.url("/")), SOON).await;
    assert!(matches!(sent, Err(DeliveryError::Timeout)), "{sent:?}");
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_is_given_up_on() {
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
    let sent = client.send(Call::new(Method::GET, &format!("http://hooks.example.test:{port}/")), SOON).await;
    assert!(matches!(sent, Err(DeliveryError::Timeout)), "{sent:?}");
}

/// A server that takes connections and does not say a word of TLS.
#[tokio::test]
async fn a_connection_that_is_never_made_is_given_up_on() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let guard = challenges_delivery::Guard::any_host().allow_port(port);
    let client = builder(guard.danger_allow_network("127.0.0.0/8".parse().unwrap())).connect_within(SOON);
    let delivery = actions(client.build().unwrap());
    let (then, _, words) = told(perform(&delivery, act(&format!("https://hooks.example.test:{port}/"))).await);
    assert_eq!(then, Retry::Later(None), "{words}");
    drop(listener);
    let (then, _, words) = told(perform(&delivery, act(&format!("https://hooks.example.test:{port}/"))).await);
    assert_eq!(then, Retry::Later(None), "{words}");
}

/// The effect is there once the status is: nothing about the body is a reason to do it again.
#[tokio::test]
async fn a_body_that_is_slow_or_without_end_changes_nothing() {
    let server = Server::start([Answer::SlowBody(201), Answer::EndlessBody(200), Answer::EndlessBody(500)]).await;
    let delivery = actions(client(&server));
    assert_eq!(perform(&delivery, act(&server.url("/"))).await.unwrap(), Receipt::of_status(201));
    assert_eq!(perform(&delivery, act(&server.url("/"))).await.unwrap(), Receipt::of_status(200));
    let (then, status, _) = told(perform(&delivery, act(&server.url("/"))).await);
    assert_eq!((then, status), (Retry::Later(None), Some(500)));
    assert_eq!(server.connections(), 3, "such a connection is not used again");
    assert!(server.sent() < 32 * 1_024, "{} KiB, which is more than buffers hold", server.sent());
}

/// The time for the body is not that of the attempt.
#[tokio::test]
async fn a_slow_body_at_the_end_of_the_attempt_changes_nothing() {
    let server = Server::start([Answer::Status(200), Answer::SlowBody(201)]).await;
    let delivery = actions(client(&server));
    perform(&delivery, act(&server.url("/"))).await.unwrap();
    let mut job = job(act(&server.url("/")));
    job.within = Duration::from_millis(900);
    assert_eq!(delivery.perform(&job).await.unwrap(), Receipt::of_status(201));
}

#[tokio::test]
async fn a_head_without_end_is_no_answer() {
    let server = Server::start([Answer::HugeHead]).await;
    let (then, status, words) = told(perform(&actions(client(&server)), act(&server.url("/"))).await);
    assert_eq!((then, status), (Retry::Later(None), None), "{words}");
}

#[tokio::test]
async fn servers_are_who_they_say() {
    let server = Server::start([]).await;
    let distrusting = GuardedClient::builder(guard(&server)).resolver(Addresses::new([&["127.0.0.1"]]));
    let foreign = format!("https://hooks.example.net:{}/", server.port());
    for (client, url) in [(distrusting.build().unwrap(), server.url("/")), (client(&server), foreign)] {
        let (then, _, words) = told(perform(&actions(client), act(&url)).await);
        assert_eq!(then, Retry::Later(None), "{words}");
    }
    assert_eq!((server.seen().len(), server.connections()), (0, 2));
    let nobody = GuardedClient::builder(guard(&server)).without_system_roots().build();
    assert!(matches!(nobody, Err(DeliveryError::NoRootCertificates)));
    let garbage = GuardedClient::builder(guard(&server)).root_certificate([1, 2, 3]).build();
    assert!(matches!(garbage, Err(DeliveryError::RootCertificate(_))));
}

/// Runs the test of redirects in a process whose environment names proxies at a port where nobody is.
#[test]
fn r33_proxies_of_the_environment_are_not_used() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "limits::r33_redirects_are_not_followed"]);
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:1");
    }
    let output = child.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}
