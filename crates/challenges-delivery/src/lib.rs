#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

mod action;
mod client;
mod connector;
mod delivery;
mod dispatcher;
mod email;
mod error;
mod guard;
mod network;
mod notice;
mod outcome;
mod push;
mod reason;
mod resolver;
mod sms;
mod template;
mod token;
mod wording;

pub use action::HttpActions;
pub use client::{GuardedClient, GuardedClientBuilder, Request, Response};
pub use delivery::Delivery;
pub use dispatcher::{Dispatcher, RunningDispatcher};
pub use email::{Email, EmailMessage, EmailTemplate, Mailer};
#[cfg(feature = "smtp")]
pub use email::{SmtpMailer, SmtpMailerBuilder};
pub use error::{Blocked, DeliveryError, Part, Unit};
pub use guard::Guard;
pub use ipnet::IpNet;
pub use network::is_public;
pub use notice::NoticeText;
pub use push::{PushText, VapidKey, VapidSubject, WebPush};
pub use reason::ServiceReason;
pub use resolver::{Resolver, SystemResolver};
pub use sms::{JsonGateway, Sms, SmsGateway, SmsTemplate, TextMessage, Twilio, TwilioAuth, TwilioSender, segments};
pub use token::{TokenIssuer, TokenRequest};
