//! The kinds of records that hold the factors of a user.

use crate::store::Kind;

/// A kind of record that holds factors of a user, or recovery codes in place of a factor.
///
/// Code about all factors of a user iterates over [`StoredFactor::all`], with a `match` without a wildcard arm. A factor
/// left out would be invisible there: a session alone could then enroll another factor, for example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoredFactor {
    Totp,
    Webauthn,
    Endpoint,
    RecoveryCodes,
}

impl StoredFactor {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Kind::ALL.into_iter().filter_map(Self::in_records_of)
    }

    /// Returns the kinds of the records.
    pub(crate) fn kinds() -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| Self::in_records_of(*kind).is_some()).collect()
    }

    const fn in_records_of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::TotpEnrollment => Some(Self::Totp),
            Kind::WebauthnEnrollment => Some(Self::Webauthn),
            Kind::Endpoint => Some(Self::Endpoint),
            Kind::RecoveryCodes => Some(Self::RecoveryCodes),
            Kind::Salt
            | Kind::Counters
            | Kind::Challenge
            | Kind::Reservation
            | Kind::Outbox
            | Kind::DeadLetter
            | Kind::ActionResult
            | Kind::TrustedDevice => None,
        }
    }
}
