use challenges_core::outbox::Notice;
use challenges_core::{ChallengeType, Factor};

/// Returns every [`Notice`], with each type and factor, and with several numbers of recovery codes left.
#[must_use]
pub fn notices() -> Vec<Notice> {
    // Codes are not kept in an account, and recovery codes have notices of their own.
    let is_kept = |kind: &ChallengeType| !matches!(kind, ChallengeType::Code | ChallengeType::RecoveryCode);
    let kinds: Vec<_> = ChallengeType::ALL.into_iter().filter(is_kept).collect();
    let of_kinds = [Notice::Added, Notice::Removed, Notice::Enabled, Notice::Disabled, Notice::Imported];
    let mut all: Vec<_> = of_kinds.iter().flat_map(|notice| kinds.iter().copied().map(notice)).collect();
    all.extend(Factor::ALL.map(Notice::Locked));
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
