/// The kinds of messages with a total of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Text messages with a link.
    Sms,
    /// Push messages.
    Push,
    /// E-mails with a link.
    Email,
    /// Text messages with a confirmation code. The number may belong to another person, so codes never count in the
    /// budget of the links to this number.
    SmsCode,
    /// E-mails with a confirmation code, apart from links for the same reason.
    EmailCode,
    /// Notices of changes. Other messages never count in the budget of the notices, so nobody mutes the notices by
    /// causing messages.
    Notice,
    /// Notices of changes that need no right to the account, apart from the notices of changes.
    Alarm,
}

impl Channel {
    /// Returns whether the messages are confirmation codes.
    pub(super) const fn is_confirmation(self) -> bool {
        match self {
            Self::SmsCode | Self::EmailCode => true,
            Self::Sms | Self::Push | Self::Email | Self::Notice | Self::Alarm => false,
        }
    }
}
