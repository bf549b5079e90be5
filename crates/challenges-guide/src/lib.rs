#![doc = include_str!("../README.md")]
//!
//! | chapter | |
//! |---|---|
//! | [Concepts](concepts) | what there is, in two pages and three pictures |
//! | Five minutes with [axum](start_axum), with [actix](start_actix) | an empty project, the HTTP API, a challenge passed by `curl` |
//! | Adding MFA to a login with [axum](login_axum), with [actix](login_actix) | enroll an authenticator app; ask for a code before a sensitive route |
//! | [Messages](messages) | text messages and web push |
//! | [Approvals](approvals) | several people, any of whom approves; HTTP actions that follow |
//! | [Writing a store](stores) | five methods, and the kit that tests them |
//! | [Moving to another store](migration) | copying everything, and proving it |
//! | [Operating it](operation) | keys, rotation, sweeping, Redis, backups, metrics |
//! | [Security](security) | what is protected, and what stays with you |
//! | [Other ways to get MFA](comparison) | when to use something else |
//! | [Limits](limits) | what it does not do |
//!
//! Each crate's own page says what it promises: [`challenges_core`], [`challenges_http`], [`challenges_axum`], [`challenges_actix`],
//! [`challenges_delivery`], [`challenges_webauthn`], [`challenges_memory`], [`challenges_sqlite`], [`challenges_redis`],
//! [`challenges_testkit`].
#![forbid(unsafe_code)]

#[doc = include_str!("../docs/concepts.md")]
pub mod concepts {}

#[doc = include_str!("../docs/start_axum.md")]
pub mod start_axum {}

#[doc = include_str!("../docs/start_actix.md")]
pub mod start_actix {}

#[doc = include_str!("../docs/login_axum.md")]
pub mod login_axum {}

#[doc = include_str!("../docs/login_actix.md")]
pub mod login_actix {}

#[doc = include_str!("../docs/messages.md")]
pub mod messages {}

#[doc = include_str!("../docs/approvals.md")]
pub mod approvals {}

#[doc = include_str!("../docs/stores.md")]
pub mod stores {}

#[doc = include_str!("../docs/migration.md")]
pub mod migration {}

#[doc = include_str!("../docs/operation.md")]
pub mod operation {}

#[doc = include_str!("../docs/security.md")]
pub mod security {}

#[doc = include_str!("../docs/comparison.md")]
pub mod comparison {}

#[doc = include_str!("../docs/limits.md")]
pub mod limits {}
