//! The keys of the host. The service seals stored secrets, and stores keyed hashes instead of codes.

mod file;
mod key_id;
mod mac;
mod master_key;
mod place;
mod record_tag;
mod ring;
mod seal;
mod secret_fields;
mod tag_line;
mod text;
pub(crate) mod untrusted;

use master_key::MasterKey;
pub use ring::KeyRing;

pub use crate::error::SealError;
#[doc(hidden)]
pub use mac::Mac;
pub(crate) use master_key::hmac_with_key;
pub(crate) use place::Place;
pub(crate) use record_tag::{RecordTags, TagState};
pub(crate) use seal::Sealed;
pub(crate) use secret_fields::{SecretField, SecretFields};

#[cfg(test)]
mod tests;
