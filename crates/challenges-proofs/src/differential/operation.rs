use std::time::Duration;

use challenges_core::{ChallengeType, Factor};

/// Something that a host, its users or time may do to a service.
///
/// Operations name what they are about by how long ago it was made, so that any part of a sequence is one as well.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Time passes.
    Wait(Duration),
    /// Somebody sets the clock back.
    TurnBack(Duration),
    /// The host starts again, on the same store.
    Restart,
    /// A challenge is created.
    Create(User, Spec),
    /// A challenge is replaced.
    Replace(Pick, Spec),
    /// A challenge is read.
    Read(Pick),
    /// A challenge is deleted.
    Delete(Pick),
    /// A challenge or one-time-use action is answered.
    Answer(Pick, Reply),
    /// A one-time-use action of so many actors is created.
    CreateAction(User, u8),
    /// A TOTP enrollment is created.
    EnrollTotp(User),
    /// A TOTP enrollment is to be completed.
    ConfirmTotp(Pick, Given),
    /// A TOTP enrollment is deleted.
    DeleteTotp(Pick),
    /// A WebAuthn enrollment is created.
    EnrollWebauthn(User),
    /// A WebAuthn enrollment is to be completed.
    ConfirmWebauthn(Pick, Given),
    /// A WebAuthn enrollment is named.
    RenameWebauthn(Pick),
    /// A WebAuthn enrollment is deleted.
    DeleteWebauthn(Pick),
    /// An endpoint is registered, for messages of that type.
    Register(User, ChallengeType),
    /// An endpoint is removed.
    Remove(Pick),
    /// What a user has is listed, at most so many of each kind.
    List(User, usize),
    /// What waits to be sent or done is looked at; links then reach their users.
    LookIntoOutbox,
    /// Something that is due in the outbox is attempted, and ends like that.
    Attempt(Pick, Attempted),
    /// What has expired is deleted.
    Sweep,
    /// Failures of a factor are read.
    ReadFailures(User, Factor),
    /// Failures of a factor are forgotten.
    ResetFactor(User, Factor),
}

/// One of a few users; two of them have one name, in two tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User(pub u8);

/// Something that was made before: so many things of its kind ago, going round where there are fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// The particulars of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its types; none at all is refused.
    pub types: Vec<ChallengeType>,
    /// Whether it is issued now.
    pub send_now: bool,
    /// Its timeout in seconds; too long a one is refused.
    pub timeout: Option<u64>,
    /// What it names.
    pub named: Named,
    /// Whether it has a page to be answered on.
    pub page: bool,
    /// Whether it has answer data.
    pub answer_data: bool,
}

impl Spec {
    /// A challenge of one type, issued now; of the defaults for all else.
    pub(super) fn of(kind: ChallengeType) -> Self {
        let (named, page, answer_data) = (Named::Nothing, false, false);
        Self { types: vec![kind], send_now: true, timeout: None, named, page, answer_data }
    }
}

/// The endpoints and enrollments that a challenge names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// None.
    Nothing,
    /// The user's, of the types of the challenge.
    Own,
    /// Those of whoever else has any.
    Foreign,
}

/// An answer to a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its type; the first that the challenge offers, where absent.
    pub kind: Option<ChallengeType>,
    /// What is given.
    pub given: Given,
    /// Whether it allows.
    pub allowed: bool,
    /// Who says that they give it.
    pub by: By,
}

/// What is given as an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// What the user would give.
    Right,
    /// Something wrong; of a number, always the same.
    Wrong(u8),
    /// Something of the wrong form.
    Malformed,
}

/// Who is named as the one who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Nobody.
    Nobody,
    /// Who was asked.
    Asked,
    /// Somebody else.
    Another,
}

/// How the attempt at a message or an action ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// It is performed.
    Performed,
    /// It fails, and is to be tried again.
    FailedForNow,
    /// It fails for good.
    FailedForGood,
    /// Its address does not exist any more.
    AddressGone,
}
