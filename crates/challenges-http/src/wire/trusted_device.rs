use challenges_core::devices::TrustedDevice as Stored;
use serde::Serialize;
use utoipa::ToSchema;

use super::MetadataWithId;
use super::metadata::date_time;

/// A browser or other device that skips the second factor.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrustedDevice {
    metadata: MetadataWithId,
    spec: TrustedDeviceSpec,
    status: TrustedDeviceStatus,
}

/// The owner and label of a device.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrustedDeviceSpec {
    user_id: String,
    /// A label such as "Firefox on Linux". Escape the label for display.
    label: String,
}

/// The times of a device.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrustedDeviceStatus {
    /// The time of the last use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    used_at: Option<String>,
    /// When the trust ends, unless the device ends sooner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// A list of trusted devices.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListTrustedDevicesResponse {
    /// The limit of the request.
    pub(crate) limit: usize,
    pub(crate) trusted_devices: Vec<TrustedDevice>,
}

impl TrustedDevice {
    /// Returns the public form of a stored device, without the secrets.
    pub(crate) fn public(stored: &Stored) -> Self {
        Self {
            metadata: MetadataWithId::new(&stored.id(), stored.trusted_at(), stored.used_at()),
            spec: TrustedDeviceSpec {
                user_id: stored.owner().user_id().to_owned(),
                label: stored.label().as_str().to_owned(),
            },
            status: TrustedDeviceStatus {
                used_at: date_time(stored.used_at()),
                expires_at: date_time(stored.expires()),
            },
        }
    }
}
