#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

pub mod webauthn;

pub use challenges_core::*;

#[cfg(feature = "actix")]
#[doc(inline)]
pub use challenges_actix as actix;
#[cfg(feature = "axum")]
#[doc(inline)]
pub use challenges_axum as axum;
#[cfg(feature = "delivery")]
#[doc(inline)]
pub use challenges_delivery as delivery;
#[cfg(feature = "http")]
#[doc(inline)]
pub use challenges_http as http;
#[cfg(feature = "memory")]
#[doc(inline)]
pub use challenges_memory as memory;
#[cfg(feature = "pages")]
#[doc(inline)]
pub use challenges_pages as pages;
#[cfg(any(feature = "postgres", feature = "postgres-sqlx"))]
#[doc(inline)]
pub use challenges_postgres as postgres;
#[cfg(feature = "redis")]
#[doc(inline)]
pub use challenges_redis as redis;
#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use challenges_sqlite as sqlite;

/// The programs in the README of the repository.
#[cfg(all(doctest, feature = "pages", feature = "sqlite", feature = "tower-sessions"))]
#[doc = include_str!("../../../README.md")]
mod repository_readme {}
