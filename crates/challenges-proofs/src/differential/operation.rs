use std::fmt;
use std::time::Duration;

use challenges_core::{ChallengeType, Factor};

/// An operation of a host, a user or the clock on a service.
///
/// A [`Pick`] names an object by its age, so that any part of a sequence is also a valid sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Moves the clock forward.
    Wait(Duration),
    /// Moves the clock back.
    TurnBack(Duration),
    /// Restarts the service on the same store.
    Restart,
    /// Creates a challenge.
    Create(User, Spec),
    /// Replaces a challenge.
    Replace(Pick, Spec),
    /// Reads a challenge.
    Read(Pick),
    /// Deletes a challenge.
    Delete(Pick),
    /// Answers a challenge or one-time-use action.
    Answer(Pick, Reply),
    /// Creates a one-time-use action with the given number of actors.
    CreateAction(User, u8),
    /// Creates a TOTP enrollment.
    EnrollTotp(User),
    /// Confirms a TOTP enrollment.
    ConfirmTotp(Pick, Given),
    /// Deletes a TOTP enrollment.
    DeleteTotp(Pick),
    /// Creates a WebAuthn enrollment.
    EnrollWebauthn(User),
    /// Confirms a WebAuthn enrollment.
    ConfirmWebauthn(Pick, Given),
    /// Renames a WebAuthn enrollment.
    RenameWebauthn(Pick),
    /// Deletes a WebAuthn enrollment.
    DeleteWebauthn(Pick),
    /// Registers an endpoint for messages of the given type.
    Register(User, ChallengeType),
    /// Deletes an endpoint.
    Remove(Pick),
    /// Trusts a device with the last passed challenge.
    Trust,
    /// Presents the cookie of a device, or an earlier cookie.
    CheckDevice(Pick, Pick),
    /// Generates recovery codes for a user without a factor.
    GenerateCodes(User),
    /// Imports one of several TOTP seeds.
    Import(User, u8),
    /// Enables or disables an endpoint.
    SetEnabled(Pick, bool),
    /// Asks a user by every factor.
    Ask(User),
    /// Reads the status of an account.
    ReadStatus(User),
    /// Removes every factor of a user.
    Reset(User),
    /// Deletes everything about a user.
    Erase(User),
    /// Revokes the trusted devices of a user.
    RevokeDevices(User),
    /// Lists the objects of a user, up to a limit for each kind.
    List(User, usize),
    /// Reads the outbox. The users then know the links.
    LookIntoOutbox,
    /// Attempts a due outbox entry with the given result.
    Attempt(Pick, Attempted),
    /// Deletes expired records.
    Sweep,
    /// Reads the failure count of a factor.
    ReadFailures(User, Factor),
    /// Resets the failure count of a factor.
    ResetFactor(User, Factor),
}

/// The number of a user. Users 0 and 1 share a name in different tenants; any other number is the third user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "sequences are written by hand as well")]
pub struct User(pub u8);

/// An earlier object, counted backwards from the latest of its kind. Wraps around when fewer objects exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "sequences are written by hand as well")]
pub struct Pick(pub u8);

impl Pick {
    pub(super) fn index(self, len: usize) -> Option<usize> {
        let ago = usize::from(self.0).checked_rem(len)?;
        len.checked_sub(1 + ago)
    }

    pub(super) fn of<T>(self, all: &[T]) -> Option<&T> {
        self.index(all.len()).and_then(|index| all.get(index))
    }
}

/// The settings of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "sequences are written by hand as well")]
pub struct Spec {
    /// The types. An empty list is refused.
    pub types: Vec<ChallengeType>,
    /// Issues the challenge immediately if true.
    pub send_now: bool,
    /// The timeout in seconds. A timeout above the maximum is refused.
    pub timeout: Option<u64>,
    /// The named endpoints and enrollments.
    pub named: Named,
    /// Sets a response page if true.
    pub page: bool,
    /// Sets answer data if true.
    pub answer_data: bool,
}

impl Spec {
    /// Returns settings for a challenge of one type, issued immediately, with defaults otherwise.
    pub(super) fn of(kind: ChallengeType) -> Self {
        let (named, page, answer_data) = (Named::Nothing, false, false);
        Self { types: vec![kind], send_now: true, timeout: None, named, page, answer_data }
    }
}

/// The endpoints and enrollments that a challenge names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Named {
    /// No endpoint and no enrollment.
    Nothing,
    /// Endpoints and enrollments of the user, for the types of the challenge.
    Own,
    /// Endpoints and enrollments of other users, for the types of the challenge.
    Foreign,
}

/// The type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "an answer is for a challenge or an action")]
pub enum AnswerType {
    /// An answer to a challenge, of the given type.
    Challenge(ChallengeType),
    /// A decision about a one-time-use action.
    OneTimeUseAction,
}

impl fmt::Display for AnswerType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Challenge(kind) => kind.fmt(f),
            Self::OneTimeUseAction => f.write_str("one_time_use_action"),
        }
    }
}

/// An answer to a challenge or one-time-use action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "sequences are written by hand as well")]
pub struct Reply {
    /// The type, or `None` for the first type of the challenge.
    pub kind: Option<AnswerType>,
    /// The content of the answer.
    pub given: Given,
    /// Allows if true, declines otherwise.
    pub allowed: bool,
    /// The claimed user.
    pub by: By,
}

/// The content of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Given {
    /// The right answer.
    Right,
    /// A wrong answer. Equal numbers give equal answers.
    Wrong(u8),
    /// A malformed answer.
    Malformed,
}

/// The claimed user of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum By {
    /// No claimed user.
    Nobody,
    /// The owner of the challenge.
    Asked,
    /// Another user.
    Another,
}

/// The result of an attempt at a message or an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Attempted {
    /// Success.
    Performed,
    /// A temporary failure, to retry later.
    FailedForNow,
    /// A permanent failure.
    FailedForGood,
    /// The address no longer exists.
    AddressGone,
}
