#![doc = include_str!("../README.md")]
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
