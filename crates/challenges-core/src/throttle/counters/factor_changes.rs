//! Changes of the factors of a user: the trusted devices that a change ends, and factors lost without the user's doing.

use serde::{Deserialize, Serialize};

use super::Counters;
use crate::challenge_type::ChallengeType;
use crate::id::Id;
use crate::time::Timestamp;

/// The devices trusted since the last change of the factors. A change of the factors deletes the epoch in its own
/// commit, and so ends all devices without reading the devices.
///
/// Each epoch has a new name, so an ended epoch never returns, not even after the counters were deleted. Without an
/// epoch no device is trusted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct DeviceEpoch {
    /// The id of the first device of the epoch.
    epoch: Id,
    /// When the trust in the last device of the epoch ends. The counters are kept until then.
    pub(super) until: Timestamp,
}

impl Counters {
    /// Notes that a factor is lost without the user's doing: an address disappears, or an erasure begins. A user whose
    /// last factor is lost this way must not count as a user without a factor. Otherwise, an attacker who makes the
    /// address disappear could enroll another factor. Does nothing for types that are no factor, such as e-mail.
    pub(crate) const fn lose_factor(&mut self, kind: ChallengeType) {
        if kind.is_factor() {
            self.body.lost = Some(kind);
        }
        self.factors_changed();
    }

    /// Forgets lost factors, and recalls the messages sent to them. Returns whether there were any.
    pub(crate) fn forget_lost(&mut self) -> bool {
        let was_lost = self.body.lost.take().is_some();
        if was_lost {
            self.recall_messages();
        }
        was_lost
    }

    /// Returns the type of the last factor that was lost without the user's doing.
    pub(crate) const fn lost_factor(&self) -> Option<ChallengeType> {
        self.body.lost
    }

    /// Ends the links and codes of all messages sent to the user before. Every removal, disabling or take-over of an
    /// address calls this in its commit, because the messages of a challenge share a secret. An address that the gateway
    /// or push service reports as gone received nothing, and recalls nothing.
    ///
    /// A number, and no time, so that clocks do not matter. The counters outlast the open challenges.
    pub(crate) const fn recall_messages(&mut self) {
        self.body.recalls = self.body.recalls.saturating_add(1);
    }

    /// Returns the number of recalls. A link sent before the last recall has a lower number.
    pub(crate) const fn recalls(&self) -> u32 {
        self.body.recalls
    }

    /// Ends the trust in every device of the user. Returns whether there may be devices.
    ///
    /// Every change of the factors of a user calls this in its commit: an enrollment completed or deleted, an address
    /// confirmed, enabled, disabled, deleted or lost, recovery codes generated or deleted, and a reset.
    pub(crate) const fn factors_changed(&mut self) -> bool {
        self.body.devices.take().is_some()
    }

    /// Records a device trusted until `until`. Returns the epoch of the device.
    pub(crate) fn trust_device(&mut self, device: Id, until: Timestamp) -> Id {
        let devices = self.body.devices.get_or_insert(DeviceEpoch { epoch: device, until });
        devices.until = devices.until.max(until);
        devices.epoch
    }

    /// Returns the epoch of the trusted devices. The trust in a device of any other epoch has ended.
    pub(crate) fn device_epoch(&self) -> Option<Id> {
        self.body.devices.map(|devices| devices.epoch)
    }
}
