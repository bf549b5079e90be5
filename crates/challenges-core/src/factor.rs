//! Verification of answers: the only place where a [`Proof`] is made.

mod secret;
pub(crate) mod totp;

use crate::challenge::{Actor, Challenge, ChallengeType, Refused};
use crate::error::Error;
use crate::id::ChallengeId;
use crate::keyring::KeyRing;

pub(crate) use secret::actor_field;
pub use totp::TimeStep;

/// Evidence that the right answer to one challenge was given.
///
/// Nothing outside this crate can make one, and nothing inside it but the verification of a factor does; the passing
/// transition takes it by value.
///
/// ```compile_fail,E0451
/// # fn id() -> challenges_core::ChallengeId { unimplemented!() }
/// use challenges_core::{machine::Proof, ChallengeType};
/// let forged = Proof { challenge: id(), kind: ChallengeType::Code, allowed: true, actor: None };
/// ```
///
/// ```compile_fail,E0599
/// fn twice(proof: challenges_core::machine::Proof) -> [challenges_core::machine::Proof; 2] {
///     [proof.clone(), proof]
/// }
/// ```
#[derive(Debug)]
#[must_use = "a proof that is dropped passes nothing"]
pub struct Proof {
    challenge: ChallengeId,
    kind: ChallengeType,
    allowed: bool,
    actor: Option<Actor>,
}

impl Proof {
    /// The challenge that was answered.
    #[must_use]
    pub const fn challenge(&self) -> ChallengeId {
        self.challenge
    }

    /// The type that answered it.
    #[must_use]
    pub const fn kind(&self) -> ChallengeType {
        self.kind
    }

    /// Whether the answer allows, or declines.
    #[must_use]
    pub const fn allowed(&self) -> bool {
        self.allowed
    }

    pub(crate) fn into_actor(self) -> Option<Actor> {
        self.actor
    }
}

/// What comparing an answer showed.
#[derive(Debug)]
#[must_use]
pub(crate) enum Judgement {
    /// It is right.
    Right(Proof),
    /// It is wrong.
    Wrong {
        /// Whether the right one can be found by trying.
        guessable: bool,
    },
}

/// An answer to be judged.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub(crate) challenge: &'a Challenge,
    pub(crate) kind: ChallengeType,
    pub(crate) answer: &'a str,
    pub(crate) user_id: Option<&'a str>,
    /// Of the user, where it is known.
    pub(crate) tenant: Option<&'a str>,
    pub(crate) allowed: bool,
    pub(crate) number: Option<&'a str>,
}

impl Claim<'_> {
    /// Whether the type is offered and the user is one who is asked.
    pub(crate) fn admit(&self) -> Result<(), Refused> {
        if !self.challenge.types().offer(self.kind) {
            return Err(Refused::TypeNotOffered);
        }
        let owner = self.challenge.owner();
        let asked = match self.challenge.action() {
            Some(action) => action.actors.iter().any(|candidate| self.is_by(&candidate.actor)),
            None => {
                self.user_id.is_none_or(|user| user == owner.user_id())
                    && self.tenant.is_none_or(|tenant| tenant == owner.tenant())
            }
        };
        if asked { Ok(()) } else { Err(Refused::OtherUser) }
    }

    /// Whether that actor may be who answers. A host without tenants does not know the organisations of its actors.
    pub(crate) fn is_by(&self, actor: &Actor) -> bool {
        self.user_id.is_none_or(|user| user == actor.user_id)
            && self.tenant.is_none_or(|tenant| tenant.is_empty() || tenant == actor.org_id)
    }

    /// Judges the secret of a code or link. `None` when there is none that it could be.
    pub(crate) fn judge_secret(&self, ring: &KeyRing) -> Result<Option<Judgement>, Error> {
        let Some(found) = secret::compare(self, ring)? else { return Ok(None) };
        Ok(Some(match found {
            secret::Found::Match(actor) => self.right(actor),
            secret::Found::NoMatch { guessable } => Judgement::Wrong { guessable },
        }))
    }

    /// Whether the answer is the secret of the link, and not that of the code, which may pass under the same type.
    pub(crate) fn is_link(&self, ring: &KeyRing) -> Result<bool, Error> {
        let place = self.challenge.place().field("link");
        Ok(self.challenge.link().map_or(Ok(false), |link| ring.verify(place, link, self.answer))?)
    }

    /// Judges a TOTP code by the step that it matched.
    pub(crate) fn judge_step(&self, matched: Option<TimeStep>) -> Judgement {
        if matched.is_some() { self.right(None) } else { Judgement::Wrong { guessable: true } }
    }

    /// Judges an assertion by whether it passed the ceremony.
    pub(crate) fn judge_assertion(&self, passed: bool) -> Judgement {
        if passed { self.right(None) } else { Judgement::Wrong { guessable: false } }
    }

    fn right(&self, actor: Option<Actor>) -> Judgement {
        let (challenge, kind, allowed) = (self.challenge.id(), self.kind, self.allowed);
        Judgement::Right(Proof { challenge, kind, allowed, actor })
    }
}
