//! Trusted devices: "remember this browser". The holder of a device's secret skips the second factor, for the purposes
//! that the host names in [`Policy::trusted_purposes`](crate::Policy::trusted_purposes).
//!
//! The secret of a device changes at each [`check`](Devices::check). The store keeps keyed hashes of the secrets only.
//!
//! # A device ends
//!
//! | when | the next check observes |
//! |---|---|
//! | [`Policy::trusted_device_age`](crate::Policy::trusted_device_age) after the challenge was passed | `too_old` |
//! | a factor of the user is added, removed, enabled, disabled or lost, or recovery codes are generated or deleted | `factors_changed` |
//! | an administrator resets the user: [`Account::unlock`](crate::Account::unlock), [`Account::reset_factor`](crate::Account::reset_factor) | `factors_changed` |
//! | the device is [revoked](Devices::revoke), or gives way to the 17th device of the user | `device_gone` |
//! | a replaced secret comes back: [`Observation::TrustedDeviceStolen`](crate::Observation::TrustedDeviceStolen) | `device_gone` |
//! | the key of the hashes is retired or removed before the next check | `retired_key` or `unknown_key` |
//!
//! # Replaced secrets
//!
//! A thief and the browser cannot both keep up with the changes of the secret. Whoever comes second presents a replaced
//! secret, and the device ends for both.
//!
//! Browsers send several requests at once, and replies get lost. For [`TrustedDevice::GRACE`] the secret before the
//! present one is therefore accepted, and the reply repeats the present secret: all tabs receive the same cookie, and a
//! browser that repeats a request after a lost reply catches up. Within this time, a copy of the cookie is accepted too, and
//! is found when either side comes back with a replaced secret. A browser that loses a reply and stays away for longer
//! loses the trust, and the observation is a false alarm.

mod calls;
mod check;
mod device;
mod token;

pub use crate::id::DeviceId;
pub use calls::Devices;
pub use device::TrustedDevice;

pub(crate) use calls::trusted;
