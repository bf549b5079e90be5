#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

mod answer_link;
mod api;
mod authorizer;
mod body;
mod builder;
mod call;
mod cors;
mod error;
mod fault;
mod fault_code;
mod fault_text;
mod openapi;
mod operations;
mod prefetch;
mod principal;
mod query;
mod response;
mod route;
mod step_up;
mod too_large;
mod wire;

pub use api::Api;
pub use authorizer::{AuthorizeError, Authorizer, BearerToken, StaticToken};
pub use builder::{ApiBuilder, ApiError};
pub use error::Error;
#[doc(hidden)]
pub use openapi::named_schema;
#[doc(hidden)]
pub use prefetch::is_prefetch;
pub use principal::Principal;
pub use response::Response;
pub use step_up::{GrantError, InvalidCookieName, InvalidStepUpPath, StepUpCookie, StepUpFallback, StepUpGate};
pub use too_large::BodyTooLarge;
