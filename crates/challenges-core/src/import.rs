//! Moving in from another system: its TOTP seeds and WebAuthn credentials become enrollments, so that users keep their
//! authenticators.
//!
//! A [`Row`] is one factor of one user, read from JSON. [`Account::import`](crate::Account::import) stores the factor
//! and [`Account::import_dry_run`](crate::Account::import_dry_run) only checks the row. Each row is its own change and
//! can be imported again without effect. An import that stopped can therefore continue from any earlier row.
//!
//! # TOTP
//!
//! | member of the row | value |
//! |---|---|
//! | `totp` | an `otpauth://totp/` URI, or an object with the members below |
//! | `totp.secret` or `totp.secret_hex` | the seed in base32 (RFC 4648), in any case, padded or not; or its bytes in hexadecimal |
//! | `totp.algorithm` | `SHA1` (default), `SHA256` or `SHA512` |
//! | `totp.digits` | 6 (default), 7 or 8 |
//! | `totp.period` | 30 (default) or 60 seconds |
//!
//! A seed has 10 to 128 bytes. Below 16 bytes the enrollment is [weak](Imported::is_weak).
//!
//! # WebAuthn
//!
//! | member of the row | value |
//! |---|---|
//! | `webauthn` | the credential: an object, or the text of one |
//! | `relying_party_id` or `rp_id` | the relying party of the credential; the service must serve this relying party |
//! | `user_handle` | the user id in the authenticator, as bytes or UUID; `null` if the other system kept none |
//! | `user_verification` | `required`, `preferred` or `discouraged`; by default that of webauthn-rs, or `preferred` |
//!
//! The credential is the JSON of a webauthn-rs `Passkey`, `SecurityKey` or `AttestedPasskey` (versions 0.5 and 0.6), or
//! an object with these members. Other members are ignored.
//!
//! | member of `webauthn` | value |
//! |---|---|
//! | `credential_id`, `credentialID`, `credentialId` or `id` | 16 to 1,023 bytes |
//! | `public_key`, `publicKey`, `credential_public_key` or `credentialPublicKey` | a COSE_Key, as bytes |
//! | `sign_count`, `signCount` or `counter` | the last signature counter |
//! | `device_type`, `deviceType`, `credential_device_type` or `credentialDeviceType` | `single_device` or `multi_device`, also in camel case |
//! | `backup_eligible` or `backupEligible` | a flag, required without `device_type` |
//! | `backed_up`, `backedUp`, `credential_backed_up`, `credentialBackedUp`, `backup_state` or `backupState` | a flag; `false` by default |
//! | `user_verified` or `userVerified` | a flag: the user was verified at registration; `false` by default |
//! | `transports` | an array of names, its JSON text, or names with commas; none by default |
//! | `aaguid` | a UUID; zeros by default |
//! | `name` | the display name; none by default |
//!
//! If several names of a member are present, the first in the table counts. A flag is a boolean, 0 or 1. Bytes are
//! base64 or base64url; hexadecimal after `\x`, as PostgreSQL writes them; an array of numbers; or the JSON of a
//! `Buffer` or `Uint8Array` of JavaScript.
//!
//! # Not imported
//!
//! Recovery codes. Other systems store hashes in other forms, and this library compares keyed hashes of its own codes.
//! A row with the member `recovery_codes` is refused. [Generate](crate::recovery::RecoveryCodes::generate) new codes
//! for the users.

mod credential;
mod fields;
mod parts;
mod passkey;
mod row;
mod seed;

pub use row::{Imported, Row};

pub(crate) use row::Content;
