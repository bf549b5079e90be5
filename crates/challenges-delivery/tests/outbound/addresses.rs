//! R33: Name resolution, and the addresses that are connected to.

use std::net::SocketAddr;
use std::time::Duration;

use challenges_core::outbox::Retry;
use challenges_delivery::{
    Blocked, DeliveryError, Guard, GuardedClient, Request, Resolver as _, Response, SystemResolver,
};
use http::Method;
use tokio::net::TcpStream;

use crate::host::{Addresses, act, actions, builder, perform, unwrap_failure};
use crate::server::Server;

const OUTSIDE: &str = "127.0.0.1";
const INSIDE: &str = "127.0.0.2";
const TIMEOUT: Duration = Duration::from_secs(10);

/// Starts two servers on one port: an outside server at an address that stands for a public one, and an inside server
/// that must not be reached.
async fn servers() -> (Server, Server) {
    loop {
        let outside = Server::start([]).await;
        if let Ok(inside) = Server::start_at(SocketAddr::new(INSIDE.parse().unwrap(), outside.port()), []).await {
            return (outside, inside);
        }
    }
}

/// Creates a guard that treats the outside server's address as public.
fn guard(outside: &Server) -> Guard {
    Guard::any_host().allow_port(outside.port()).danger_allow_network("127.0.0.1/32".parse().unwrap())
}

fn blocked(result: &Result<Response, DeliveryError>) -> Option<String> {
    match result {
        Err(DeliveryError::Blocked(Blocked::Address(address))) => Some(address.to_string()),
        _ => None,
    }
}

/// R33: A name that changes its address does not reach the new one.
#[tokio::test]
async fn rebinding_name_reaches_no_second_address() {
    let (outside, inside) = servers().await;
    let rebinding = Addresses::new([&[OUTSIDE], &[INSIDE]]);
    let client = builder(guard(&outside)).resolver(rebinding.clone()).idle_per_host(0).build().unwrap();
    let url = outside.url("/");
    let send = || client.send(Request::new(Method::POST, &url), TIMEOUT);

    assert_eq!(send().await.unwrap().status(), 200);
    assert_eq!(rebinding.lookups(), 1, "one look-up for both the check and the connection");
    assert_eq!(blocked(&send().await), Some(INSIDE.to_owned()));
    assert_eq!((rebinding.lookups(), outside.seen().len(), inside.connections()), (2, 1, 0));
}

/// R33: a name with any number of addresses causes eight connections. Control: the eighth address is tried.
#[tokio::test]
async fn eight_addresses_of_a_name_are_tried() {
    let server = Server::start([]).await;
    let closed =
        ["127.0.9.1", "127.0.9.2", "127.0.9.3", "127.0.9.4", "127.0.9.5", "127.0.9.6", "127.0.9.7", "127.0.9.8"];
    for (before, reached) in [(&closed[..7], true), (&closed[..], false)] {
        let addresses = [before, &[OUTSIDE]].concat();
        let guard = Guard::any_host().allow_port(server.port()).danger_allow_network("127.0.0.0/8".parse().unwrap());
        let client = builder(guard).resolver(Addresses::new([&addresses])).build().unwrap();
        let sent = client.send(Request::new(Method::POST, &server.url("/")), TIMEOUT).await;
        assert_eq!(sent.is_ok(), reached, "{sent:?}");
    }
    assert_eq!(server.connections(), 1);
}

/// R33: Negative control: the inside server is reached without an address check, or with a check before a second
/// look-up.
#[tokio::test]
async fn unguarded_rebinding_reaches_the_inner_server() {
    let (outside, inside) = servers().await;
    let all = ["0.0.0.0/0", "::/0"].map(|network| network.parse().unwrap());
    let open = all.into_iter().fold(guard(&outside), Guard::danger_allow_network);
    let client = builder(open).resolver(Addresses::new([&[OUTSIDE], &[INSIDE]])).idle_per_host(0).build().unwrap();
    let url = outside.url("/");
    for _ in 0..2 {
        client.send(Request::new(Method::POST, &url), TIMEOUT).await.unwrap();
    }
    assert_eq!((outside.seen().len(), inside.seen().len()), (1, 1));

    let rebinding = Addresses::new([&[OUTSIDE], &[INSIDE]]);
    for address in rebinding.resolve("hooks.example.test").await.unwrap() {
        guard(&outside).check_address(address).unwrap();
    }
    let again = rebinding.resolve("hooks.example.test").await.unwrap()[0];
    TcpStream::connect(SocketAddr::new(again, outside.port())).await.unwrap();
    assert_eq!(again.to_string(), INSIDE);
}

/// R33: A name with both a public and a private address is blocked.
#[tokio::test]
async fn one_private_address_blocks_the_name() {
    let (outside, inside) = servers().await;
    for answer in [[OUTSIDE, INSIDE], [INSIDE, OUTSIDE], [OUTSIDE, "::1"], [OUTSIDE, "::ffff:127.0.0.1"]] {
        let client = builder(guard(&outside)).resolver(Addresses::new([&answer])).build().unwrap();
        let result = client.send(Request::new(Method::POST, &outside.url("/")), TIMEOUT).await;
        assert!(blocked(&result).is_some(), "{answer:?}: {result:?}");
    }
    assert_eq!((outside.connections(), inside.connections()), (0, 0));
}

/// R33: A name with a private address is blocked, without a retry.
#[tokio::test]
async fn name_with_private_address_fails_permanently() {
    for address in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fd00:ec2::254",
        "fe80::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
    ] {
        let resolver = Addresses::new([&[address]]);
        let delivery = actions(builder(Guard::any_host()).resolver(resolver.clone()).build().unwrap());
        let (then, status, words) = unwrap_failure(perform(&delivery, act("https://hooks.example.test/")).await);
        assert_eq!((then, status, resolver.lookups()), (Retry::Never, None, 1), "{address}: {words}");
        let parsed: std::net::IpAddr = address.parse().unwrap();
        assert!(words.contains(&parsed.to_string()), "{words}");
    }
}

#[tokio::test]
async fn name_without_address_is_retried() {
    let delivery = actions(builder(Guard::any_host()).resolver(Addresses::default()).build().unwrap());
    let (then, _, words) = unwrap_failure(perform(&delivery, act("https://hooks.example.test/")).await);
    assert_eq!(then, Retry::Later(None), "{words}");
    let none = builder(Guard::any_host()).resolver(Addresses::new([&[]]));
    let (then, _, words) =
        unwrap_failure(perform(&actions(none.build().unwrap()), act("https://hooks.example.test/")).await);
    assert_eq!(then, Retry::Later(None), "{words}");
}

/// R33: The system resolver's addresses are checked too.
#[tokio::test]
async fn localhost_is_blocked_by_name() {
    let server = Server::start([]).await;
    let guard = Guard::any_host().allow_port(server.port());
    let open = ["127.0.0.0/8", "::1/128"].map(|network| network.parse().unwrap());
    let open = open.into_iter().fold(guard.clone(), Guard::danger_allow_network);
    let url = format!("https://localhost:{}/", server.port());
    let (then, _, words) = unwrap_failure(perform(&actions(resolving(guard)), act(&url)).await);
    assert_eq!((then, server.connections()), (Retry::Never, 0), "{words}");
    perform(&actions(resolving(open)), act(&url)).await.unwrap();
    assert_eq!(server.seen().len(), 1);
}

fn resolving(guard: Guard) -> GuardedClient {
    builder(guard).resolver(SystemResolver).build().unwrap()
}

#[tokio::test]
async fn http_requires_explicit_permission() {
    let server = Server::start_plain([]).await;
    let guard = crate::host::guard(&server);
    let url = format!("http://hooks.example.test:{}/", server.port());
    let (then, _, words) = unwrap_failure(perform(&actions(builder(guard.clone()).build().unwrap()), act(&url)).await);
    assert_eq!((then, server.connections()), (Retry::Never, 0), "{words}");
    perform(&actions(builder(guard.danger_allow_http()).build().unwrap()), act(&url)).await.unwrap();
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn connections_are_reused() {
    let server = Server::start([]).await;
    let delivery = actions(crate::host::client(&server));
    for _ in 0..5 {
        perform(&delivery, act(&server.url("/"))).await.unwrap();
    }
    assert_eq!((server.seen().len(), server.connections()), (5, 1));
}
