use strum::IntoStaticStr;

/// The reason for refusing an answer or another event. Refused events are not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, thiserror::Error)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Refused {
    /// The challenge is not issued yet.
    #[error("the challenge is not issued yet")]
    Pending,
    /// The challenge is issued already.
    #[error("the challenge is issued already")]
    AlreadyIssued,
    /// The challenge or enrollment is in a final state.
    #[error("the challenge has ended")]
    Final,
    /// The challenge has expired.
    #[error("the challenge has expired")]
    TimedOut,
    /// The challenge has reached the limit of wrong answers of this class, or of every type on offer.
    #[error("the challenge has reached its limit of wrong answers")]
    Exhausted,
    /// The challenge does not offer the type of the answer.
    #[error("the challenge does not offer this type")]
    TypeNotOffered,
    /// The answer names another user than the challenged user.
    #[error("the answer names another user")]
    OtherUser,
    /// Nothing can be compared with the answer, the answer is malformed, or the key of the code or link is retired.
    #[error("nothing to compare the answer with")]
    NothingToCompare,
    /// The answer repeats the last wrong answer.
    #[error("the answer repeats the last wrong one")]
    Repeated,
    /// The user has to wait after too many wrong answers.
    #[error("the user has to wait after too many wrong answers")]
    Delayed,
    /// The factor is disabled for the user until reset by an administrator.
    #[error("the factor is disabled for the user")]
    FactorDisabled,
    /// The proof belongs to another challenge.
    #[error("the proof belongs to another challenge")]
    ForeignProof,
    /// The credential is registered already.
    #[error("the credential is registered already")]
    CredentialTaken,
    /// A one-time-use action cannot be replaced.
    #[error("one-time-use actions cannot be replaced")]
    NotReplaceable,
}
