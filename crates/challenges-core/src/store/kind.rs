use strum::{EnumCount, IntoStaticStr};

/// The kind of a record.
#[derive(Clone, Copy, Debug, EnumCount, IntoStaticStr, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
#[repr(u8)]
pub enum Kind {
    /// The salt of owner tags: one record per store.
    Salt = 1,
    /// The counters of an owner: one record per owner, with failures and sends. Rewritten with every change of a set of
    /// the owner's records, so that two concurrent changes conflict.
    Counters = 2,
    /// A challenge.
    Challenge = 3,
    /// A TOTP key of an owner.
    TotpEnrollment = 4,
    /// A WebAuthn credential of an owner.
    WebauthnEnrollment = 5,
    /// A record over all owners: the reservation of a credential id, or a message budget.
    Reservation = 6,
    /// A phone number, e-mail address or push subscription of an owner.
    Endpoint = 7,
    /// A message or action to be sent.
    Outbox = 8,
    /// A message or action that failed for good.
    DeadLetter = 9,
    /// The result of an HTTP action.
    ActionResult = 10,
    /// The recovery codes of an owner: at most one record per owner.
    RecoveryCodes = 11,
    /// A trusted device of an owner.
    TrustedDevice = 12,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; <Self as EnumCount>::COUNT] = [
        Self::Salt,
        Self::Counters,
        Self::Challenge,
        Self::TotpEnrollment,
        Self::WebauthnEnrollment,
        Self::Reservation,
        Self::Endpoint,
        Self::Outbox,
        Self::DeadLetter,
        Self::ActionResult,
        Self::RecoveryCodes,
        Self::TrustedDevice,
    ];

    /// Returns the number to store the kind under. Numbers never change.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Returns the kind with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Returns whether a store with a bound refuses new records of this kind when full.
    ///
    /// Callers can create any number of records of these kinds. The other kinds are bookkeeping that must go on in a
    /// full store, or wrong answers would not be counted.
    #[must_use]
    pub const fn is_bounded(self) -> bool {
        match self {
            Self::Challenge
            | Self::TotpEnrollment
            | Self::WebauthnEnrollment
            | Self::Endpoint
            | Self::RecoveryCodes
            | Self::TrustedDevice => true,
            Self::Salt | Self::Counters | Self::Reservation | Self::Outbox | Self::DeadLetter | Self::ActionResult => {
                false
            }
        }
    }
}
