#![doc = include_str!("../README.md")]
//!
//! | chapter | |
//! |---|---|
//! | Adding MFA to a login with [axum](login_axum), with [actix](login_actix) | ready pages in an existing login, or handlers of your own |
//! | [Concepts](concepts) | the words, the states, and the decision on an answer |
//! | Five minutes with [axum](start_axum), with [actix](start_actix) | an empty project, the HTTP API, a challenge passed with `curl` |
//! | [Passkeys](passkeys) | passkeys and security keys |
//! | [Messages](messages) | SMS, e-mail and web push |
//! | [Approvals](approvals) | several actors, any one of whom decides; HTTP actions afterwards |
//! | [In your PostgreSQL](postgres) | the store on your pool, and decisions that join your transaction |
//! | [Writing a store](stores) | a complete store, and the suite that tests it, in ten minutes |
//! | [Moving to another store](migration) | copy and compare |
//! | [Moving in from another system](moving_in) | importing TOTP seeds and passkeys |
//! | [Operation](operation) | keys, rotation, sweeping, Redis, backups, metrics |
//! | [A user lost everything](lost) | for users, support and security teams: recovery codes, resets, thefts |
//! | [Security](security) | protections, and your duties |
//! | [Alternatives](comparison) | when to use something else |
//! | [Limits](limits) | missing features and surprises |
//!
//! The reference is the documentation of [`challenges`], and of [`challenges_testkit`] for tests of stores.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

#[doc = include_str!("../docs/login_axum.md")]
pub mod login_axum {}

#[doc = include_str!("../docs/login_actix.md")]
pub mod login_actix {}

#[doc = include_str!("../docs/concepts.md")]
pub mod concepts {}

#[doc = include_str!("../docs/start_axum.md")]
pub mod start_axum {}

#[doc = include_str!("../docs/start_actix.md")]
pub mod start_actix {}

#[doc = include_str!("../docs/passkeys.md")]
pub mod passkeys {}

#[doc = include_str!("../docs/messages.md")]
pub mod messages {}

#[doc = include_str!("../docs/approvals.md")]
pub mod approvals {}

#[doc = include_str!("../docs/postgres.md")]
pub mod postgres {}

#[doc = include_str!("../docs/stores.md")]
pub mod stores {}

#[doc = include_str!("../docs/migration.md")]
pub mod migration {}

#[doc = include_str!("../docs/moving_in.md")]
pub mod moving_in {}

#[doc = include_str!("../docs/operation.md")]
pub mod operation {}

#[doc = include_str!("../docs/lost.md")]
pub mod lost {}

#[doc = include_str!("../docs/security.md")]
pub mod security {}

#[doc = include_str!("../docs/comparison.md")]
pub mod comparison {}

#[doc = include_str!("../docs/limits.md")]
pub mod limits {}
