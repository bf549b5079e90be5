#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use clap::CommandFactory as _;

use super::Flags;
use crate::{PublicUrl, StoreChoice};

fn read(arguments: &[&str]) -> Result<Flags, clap::Error> {
    Flags::read(std::iter::once("demo").chain(arguments.iter().copied()).map(Into::into))
}

#[test]
fn every_flag_has_a_default() {
    let flags = read(&[]).unwrap();
    assert_eq!(flags.listen, "127.0.0.1:8080");
    assert_eq!(flags.store, StoreChoice::Sqlite("challenges.db".into()));
    assert_eq!(flags.key_file.to_str(), Some("challenges.key"));
    assert!(flags.public_url.is_none() && flags.token.is_none() && !flags.allow_private_network);
}

#[test]
fn flags_are_parsed() {
    let flags = read(&[
        "--listen=[::1]:0",
        "--store=memory",
        "--public-url=https://demo.example/app/",
        "--token=t0ken",
        "--key-file=/keys/k",
        "--allow-private-network",
    ])
    .unwrap();
    assert_eq!(flags.store, StoreChoice::Memory);
    assert_eq!(flags.public_url.as_ref().map(PublicUrl::as_str), Some("https://demo.example/app"));
    assert_eq!(flags.token.as_ref().unwrap().expose(), "t0ken");
    assert!(flags.allow_private_network);
    assert!(!format!("{flags:?}").contains("t0ken"));
}

#[test]
fn every_flag_has_an_environment_variable() {
    for flag in Flags::command().get_arguments().filter(|flag| flag.get_id() != "help") {
        let name = flag.get_long().unwrap().to_uppercase().replace('-', "_");
        assert_eq!(flag.get_env().and_then(|env| env.to_str()), Some(format!("CHALLENGES_{name}").as_str()));
    }
}

#[test]
fn unknown_store_error_lists_the_stores() {
    for store in ["redis:localhost", "redis://", "http://localhost", "sqlite:", "sqlite", "Memory", ""] {
        let told = read(&["--store", store]).unwrap_err().to_string();
        let line = told.lines().next().unwrap();
        assert!(["sqlite:PATH", "memory", "redis://"].iter().all(|store| line.contains(store)), "{line}");
    }
}

#[test]
fn postgres_password_is_redacted() {
    for store in ["postgres://user:s3cret@localhost/app", "postgresql://user:s3cret@a:1,b:2/app"] {
        let flags = read(&["--store", store]).unwrap();
        assert!(matches!(flags.store, StoreChoice::Postgres(_)), "{store}");
        assert!(!format!("{flags:?}").contains("s3cret"), "{store}");
    }
}

#[test]
fn redis_password_is_redacted() {
    for store in [
        "redis://user:s3cret@localhost:6379/1",
        "rediss://:s3cret@redis.example",
        "unix:///run/redis.sock?pass=s3cret",
        "redis+cluster://:s3cret@a:1,b:2",
        "rediss+cluster://:s3cret@a:1,b:2",
        "redis+sentinel://:s3cret@a:1,b:2/name",
        "rediss+sentinel://:s3cret@a:1,b:2/name",
    ] {
        let flags = read(&["--store", store]).unwrap();
        assert!(matches!(flags.store, StoreChoice::Redis(_)), "{store}");
        assert!(!format!("{flags:?}").contains("s3cret"), "{flags:?}");
    }
}

#[test]
fn invalid_values_are_not_printed() {
    for [flag, value] in [["--token", "s3cret word"], ["--store", "redis:/:s3cret@localhost"]] {
        let error = read(&[flag, value]).unwrap_err();
        assert!(error.to_string().contains("s3cret"), "control: the clap error contains the value");
        let told = Flags::complaint(&error);
        assert!(!told.contains("s3cret") && told.contains(flag) && !told.contains('\n'), "{told}");
    }
    let told = Flags::complaint(&read(&["--bogus"]).unwrap_err());
    assert!(told.contains("--bogus") && told.ends_with("see --help"), "{told}");
}

#[test]
fn malformed_values_are_refused() {
    for [flag, value] in [
        ["--public-url", "localhost:8080"],
        ["--public-url", "ftp://host"],
        ["--public-url", "https://user@host"],
        ["--public-url", "https://host/?a=b"],
        ["--token", ""],
        ["--token", "two words"],
    ] {
        assert!(read(&[flag, value]).is_err(), "{flag} {value}");
    }
}
