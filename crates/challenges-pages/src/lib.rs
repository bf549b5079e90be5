#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

mod account;
mod account_settings;
mod answer;
mod asset;
mod browser;
mod builder;
mod cookies;
mod factor;
mod incoming;
mod layout;
mod login;
mod login_cookies;
#[cfg(feature = "delivery")]
mod messages;
mod openapi;
mod pages;
mod problem;
mod rendering;
mod reply;
mod return_to;
mod route;
mod route_table;
mod same_origin;
mod service;
mod view;
mod words;

pub use builder::{PagesBuilder, PagesError};
pub use layout::Frame;
pub use login::{Login, LoginError, SecondFactor, SecondFactorCheck};
#[cfg(feature = "delivery")]
pub use messages::TranslatedDelivery;
pub use pages::Pages;
pub use words::{Catalogue, CatalogueError, Words};
