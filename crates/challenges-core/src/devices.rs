//! Trusted devices: "remember this browser". The holder of a device's secret skips the second factor, for the purposes
//! that the host names in [`Policy::trusted_purposes`](crate::Policy::trusted_purposes).
//!
//! The secret of a device changes at each [`check`](Devices::check). The store keeps keyed hashes of the secrets only.
//!
//! # End of the trust
//!
//! | when | the next check observes |
//! |---|---|
//! | [`Policy::trusted_device_age`](crate::Policy::trusted_device_age) after the challenge was passed | `too_old`; `device_gone` after a sweep |
//! | [`Policy::trusted_device_idle`](crate::Policy::trusted_device_idle) after the last use | `too_old` |
//! | a factor of the user is added, removed, enabled, disabled or lost, or recovery codes are generated or deleted | `factors_changed` |
//! | an administrator resets the user: [`Account::unlock`](crate::Account::unlock), [`Account::reset_factor`](crate::Account::reset_factor) | `factors_changed` |
//! | the device is [revoked](Devices::revoke), or replaced by the 17th device of the user | `device_gone` |
//! | a replaced secret comes back: [`Observation::TrustedDeviceStolen`](crate::Observation::TrustedDeviceStolen) | `device_gone` |
//! | the key of the hashes is retired or removed before the next check | `retired_key` or `unknown_key` |
//!
//! # Replaced secrets
//!
//! A copied cookie is detected, because each check changes the secret. Whichever of the browser and the thief comes
//! second presents a replaced secret, and the trust ends for both.
//!
//! The last replaced secret is accepted for [`TrustedDevice::GRACE`], because browsers send several requests at once
//! and replies get lost. The reply repeats the current secret, so all tabs receive the same cookie.
//!
//! - A copied cookie is accepted too within this time. The copy is detected when either side comes back with a replaced
//!   secret.
//! - A browser that loses a reply and comes back after this time loses the trust. The observation is then a false
//!   alarm.

mod calls;
mod check;
mod device;
mod token;

pub use crate::id::DeviceId;
pub use calls::Devices;
pub use device::TrustedDevice;

pub(crate) use calls::trusted;
