use challenges_core::outbox::Notice;
use challenges_core::{ChallengeType, Factor};

/// Returns every [`Notice`], with each type and factor, and with several numbers of recovery codes left.
#[must_use]
pub fn notices() -> Vec<Notice> {
    let kinds = [
        ChallengeType::Totp,
        ChallengeType::Webauthn,
        ChallengeType::Sms,
        ChallengeType::WebPush,
        ChallengeType::Email,
    ];
    let factors = [
        Factor::Totp,
        Factor::TotpEnrollment,
        Factor::Code,
        Factor::MessageCode,
        Factor::EmailCode,
        Factor::Confirmation,
        Factor::Number,
        Factor::RecoveryCode,
    ];
    let of_kinds = [Notice::Added, Notice::Removed, Notice::Enabled, Notice::Disabled, Notice::Imported];
    let mut all: Vec<_> = of_kinds.iter().flat_map(|notice| kinds.map(notice)).collect();
    all.extend(factors.map(Notice::Locked));
    all.extend([0, 1, 2, 3, 15].map(|left| Notice::RecoveryCodeUsed { left }));
    all.extend([
        Notice::RecoveryCodesGenerated,
        Notice::RecoveryCodesDeleted,
        Notice::DeviceTrusted,
        Notice::DeviceStolen,
        Notice::Reset,
    ]);
    all
}
