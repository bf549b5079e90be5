#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

mod attestation;
mod attestation_object;
mod authentication;
mod authenticator_data;
mod builder;
mod cbor;
mod client_data;
mod cose_key;
mod error;
mod options;
mod registration;
mod relying_party;
mod webauthn;

/// An ES module for pages: converts WebAuthn options and credentials from and to JSON in every browser.
///
/// Serve the text as `text/javascript`. The module exports `creationOptions(options)`, `requestOptions(options)` and
/// `credentialJson(credential)`. Use these in place of `parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON`
/// and `toJSON`: Safari 17 lacks the first two, and `toJSON` throws for the credentials of some password managers.
pub const BROWSER_MODULE: &str = include_str!("../js/webauthn-json.js");

pub use builder::WebauthnBuilder;
pub use error::WebauthnError;
pub use webauthn::Webauthn;
pub use webauthn_rs_core::proto::{AttestationCa, AttestationCaList, AttestationCaListBuilder};
