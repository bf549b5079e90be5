/// The kinds of messages with a total of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Text messages with a link.
    Sms,
    /// Push messages.
    Push,
    /// E-mails with a link.
    Email,
    /// Text messages and e-mails with a confirmation code. The address may belong to another person, so codes never
    /// count in the budget of the links to this address.
    Confirmation,
}
