#![allow(clippy::unwrap_used)]

use super::*;

fn server(variable: &str, name: Option<&str>) -> Server {
    Server { variable: variable.to_owned(), name: name.map(str::to_owned) }
}

#[test]
fn every_form_is_read() {
    for (text, expected) in [
        ("sqlite:a/b.db", Location::Sqlite("a/b.db".into())),
        ("postgres", Location::Postgres(server("CHALLENGES_POSTGRES_URL", None))),
        ("postgres:OLD_URL", Location::Postgres(server("OLD_URL", None))),
        ("postgres:OLD_URL/mfa", Location::Postgres(server("OLD_URL", Some("mfa")))),
        ("redis", Location::Redis(server("CHALLENGES_REDIS_URL", None))),
        ("redis/shop", Location::Redis(server("CHALLENGES_REDIS_URL", Some("shop")))),
    ] {
        assert_eq!(text.parse::<Location>().unwrap(), expected, "{text}");
    }
}

#[test]
fn url_is_refused_and_not_repeated() {
    for text in ["postgres://app:canary@db/app", "redis://:canary@db", "postgresql://app:canary@db/app"] {
        let error = text.parse::<Location>().unwrap_err();
        assert!(matches!(error, Error::Url), "{error:?}");
        assert!(!error.message().contains("canary"));
    }
    for text in ["", "sqlite:", "memory", "postgres:", "postgresx", "redis:/a", "redis/", "a.db"] {
        assert!(matches!(text.parse::<Location>(), Err(Error::Location)), "{text}");
    }
}
