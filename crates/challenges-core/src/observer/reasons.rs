use strum::IntoStaticStr;

/// The reason why an outbox entry became pointless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum DropReason {
    /// The challenge was deleted.
    ChallengeGone,
    /// The challenge takes no more answers.
    ChallengeOver,
    /// A newer secret or code replaces this entry, or the removal of another address ended the link.
    Superseded,
    /// The endpoint was deleted or disabled.
    EndpointGone,
    /// The entry expired.
    TooLate,
}
