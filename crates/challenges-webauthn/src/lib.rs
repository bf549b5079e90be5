#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

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

pub use builder::WebauthnBuilder;
pub use error::WebauthnError;
pub use webauthn::Webauthn;
pub use webauthn_rs_core::proto::{AttestationCa, AttestationCaList, AttestationCaListBuilder};
