//! The items of an account, as the overview lists them.

use challenges_core::account::AccountStatus;
use challenges_core::devices::TrustedDevice;
use challenges_core::endpoints::Endpoint;
use challenges_core::totp::TotpEnrollment;
use challenges_core::webauthn::WebauthnEnrollment;
use challenges_core::{Factor, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::When;

/// An authenticator app.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpItem {
    pub(super) id: String,
    /// `false` until the first code is confirmed. A pending app answers nothing.
    pub(super) completed: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(super) created: When,
    /// When a code was last accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) used: Option<When>,
}

impl TotpItem {
    pub(super) fn new(enrollment: &TotpEnrollment) -> Self {
        Self {
            id: enrollment.id().to_string(),
            completed: enrollment.is_completed(),
            created: When(enrollment.created()),
            used: enrollment.is_proven().then(|| When(enrollment.updated())),
        }
    }
}

/// A passkey or security key.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyItem {
    pub(super) id: String,
    /// The name given by the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// `false` until the authenticator has answered. A pending passkey answers nothing.
    pub(super) completed: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(super) created: When,
    /// `true` if the passkey verifies the user, and so is two factors in one.
    pub(super) verifies_user: bool,
    /// `true` if the passkey is synchronized to other devices.
    pub(super) synced: bool,
}

impl PasskeyItem {
    pub(super) fn new(enrollment: &WebauthnEnrollment) -> Self {
        let credential = enrollment.credential();
        Self {
            id: enrollment.id().to_string(),
            name: enrollment.name().map(str::to_owned),
            completed: enrollment.is_completed(),
            created: When(enrollment.created()),
            verifies_user: credential.is_some_and(|credential| credential.user_verified),
            synced: credential.is_some_and(|credential| credential.backed_up),
        }
    }
}

/// A phone number, e-mail address or browser.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddressItem {
    pub(super) id: String,
    /// The masked address, or the host of the push service. Absent if the service lost the key of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    /// `false` until the code sent to the address is confirmed.
    pub(super) confirmed: bool,
    /// `false` if no messages are sent to the address.
    pub(super) enabled: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(super) created: When,
}

impl AddressItem {
    pub(super) fn new(status: &AccountStatus, endpoint: &Endpoint) -> Self {
        Self {
            id: endpoint.id().to_string(),
            address: status.address(endpoint.id()).map(str::to_owned),
            confirmed: endpoint.is_confirmed(),
            enabled: endpoint.is_enabled(),
            created: When(endpoint.created()),
        }
    }
}

/// A trusted device.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceItem {
    pub(super) id: String,
    pub(super) label: String,
    #[schema(value_type = String, format = DateTime)]
    pub(super) trusted: When,
    #[schema(value_type = String, format = DateTime)]
    pub(super) used: When,
    #[schema(value_type = String, format = DateTime)]
    pub(super) expires: When,
}

impl DeviceItem {
    pub(super) fn new(device: &TrustedDevice) -> Self {
        Self {
            id: device.id().to_string(),
            label: device.label().as_str().to_owned(),
            trusted: When(device.trusted_at()),
            used: When(device.used_at()),
            expires: When(device.expires()),
        }
    }
}

/// A factor that answers nothing for some time, after too many wrong codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct LockItem {
    /// The name of the factor, such as `totp`.
    pub(super) factor: &'static str,
    /// When the lock ends. Absent if only the operator of the site can end the lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) until: Option<When>,
}

impl LockItem {
    pub(super) fn new((factor, until): (Factor, Timestamp)) -> Self {
        Self { factor: factor.as_str(), until: (until != Timestamp::MAX).then_some(When(until)) }
    }
}
