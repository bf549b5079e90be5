#![allow(clippy::unwrap_used)]

use super::*;

fn may_be_plain(url: &str) -> bool {
    pool(url, &PostgresOptions::new()).unwrap().1.may_be_plain()
}

/// R57: whoever is in the network can refuse TLS, unless the URL demands TLS.
#[test]
fn network_without_demanded_tls_is_found() {
    for url in [
        "postgres://app@db.example/app",
        "postgres://app@db.example/app?sslmode=prefer",
        "postgres://app@db.example/app?sslmode=disable",
        "postgres://app@192.0.2.1/app",
        "postgres://app@localhost,db.example/app",
        "host=localhost hostaddr=192.0.2.1 user=app",
    ] {
        assert!(may_be_plain(url), "{url}");
    }
    for url in [
        "postgres://app@db.example/app?sslmode=require",
        "postgres://app@db.example/app?sslmode=verify-full",
        "postgres://app@localhost/app",
        "postgres://app@127.0.0.1/app?sslmode=disable",
        "postgres://app@[::1]/app",
        "host=/run/postgresql user=app",
        "host=db.example hostaddr=127.0.0.1 user=app",
    ] {
        assert!(!may_be_plain(url), "{url}");
    }
}
