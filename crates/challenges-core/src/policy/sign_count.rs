/// The treatment of an assertion with a signature counter that did not grow.
///
/// Both are observed as [`Observation::AssertionRejected`](crate::observer::Observation::AssertionRejected). A counter that
/// stays zero is not a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignCountPolicy {
    /// Refuses the assertion: the credential may have been copied.
    Refuse,
    /// Accepts the assertion, and continues counting from the new counter.
    Report,
}
