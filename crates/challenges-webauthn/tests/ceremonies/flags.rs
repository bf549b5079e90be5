//! R51: User verification and backup, over all flags (section 6.1).

use challenges_core::webauthn::{Credential, Preference, Rejected};
use challenges_testkit::webauthn::{AuthenticatorData, SecurityKey, flags};
use challenges_webauthn::Webauthn;

use crate::ceremony::Ceremony;

const ALL: [Preference; 3] = [Preference::Required, Preference::Preferred, Preference::Discouraged];

/// Sets the flags, and adds the extensions that they announce.
fn set(data: &mut AuthenticatorData, all: u8) {
    data.flags = all;
    data.extensions = if all & flags::ED == 0 { Vec::new() } else { vec![0xa0] };
}

/// Returns the verdict of the checks that both ceremonies share.
fn verdict(all: u8, verified: bool) -> Result<(), Rejected> {
    let has = |flag| all & flag != 0;
    match () {
        () if !has(flags::UP) => Err(Rejected::UserPresence),
        () if verified && !has(flags::UV) => Err(Rejected::UserVerification),
        () if has(flags::BS) && !has(flags::BE) => Err(Rejected::BackupState),
        () => Ok(()),
    }
}

/// R51: All 256 combinations of flags at registration.
#[test]
fn every_flag_is_checked_at_registration() {
    let webauthn = Webauthn::new();
    let mut accepted = 0;
    for user_verification in ALL {
        let ceremony = Ceremony::new(&webauthn, [1; 32].into(), user_verification);
        let draft = ceremony.create(&mut SecurityKey::new(1));
        for all in 0..=255 {
            let mut draft = draft.clone();
            set(&mut draft.authenticator_data, all);
            let mut expected = verdict(all, user_verification == Preference::Required);
            if all & flags::AT == 0 {
                expected = Err(Rejected::AuthenticatorData);
            }
            let registered = ceremony.register_signed(&draft.sign());
            assert_eq!(
                registered.as_ref().map(|_| ()),
                expected.as_ref().map(|_| ()),
                "{user_verification:?} {all:08b}"
            );
            if let Ok(Credential { user_verified, backup_eligible, backed_up, .. }) = registered {
                let recorded = [user_verified, backup_eligible, backed_up];
                assert_eq!(recorded, [flags::UV, flags::BE, flags::BS].map(|flag| all & flag != 0), "{all:08b}");
                accepted += 1;
            }
        }
    }
    // UP and AT are set in 64 of 256 combinations; BS without BE rules out a quarter of these and leaves 48. Required
    // verification (UV) halves the number.
    assert_eq!(accepted, 24 + 48 + 48);
}

/// R51: All 256 combinations of flags at authentication.
#[test]
fn every_flag_is_checked_at_authentication() {
    let webauthn = Webauthn::new();
    let ceremony = Ceremony::any(&webauthn);
    let mut key = SecurityKey::new(1);
    let credential = ceremony.register_signed(&ceremony.create(&mut key).sign()).unwrap();
    let draft = ceremony.get(&mut key, &credential);
    let mut accepted = 0;
    for all in 0..=255 {
        let mut draft = draft.clone();
        set(&mut draft.authenticator_data, all);
        if all & flags::AT != 0 {
            draft.authenticator_data.attested = Some(key.attested_credential());
        }
        let response = draft.sign().core_response().unwrap();
        for (user_verification, user_verified, backup_eligible) in
            ALL.into_iter().flat_map(|it| [(it, false, false), (it, true, false), (it, false, true), (it, true, true)])
        {
            let credential = Credential { user_verified, backup_eligible, ..credential.clone() };
            let verified = match user_verification {
                Preference::Required => true,
                Preference::Preferred => user_verified,
                Preference::Discouraged => false,
            };
            let mut expected = verdict(all, verified);
            if expected.is_ok() && (all & flags::BE != 0) != backup_eligible {
                expected = Err(Rejected::BackupEligibility);
            }
            if all & flags::AT != 0 {
                expected = Err(Rejected::AuthenticatorData);
            }
            let ceremony = Ceremony { user_verification, ..ceremony.clone() };
            let asserted = ceremony.authenticate(&credential, &response);
            assert_eq!(asserted.map(|_| ()), expected, "{user_verification:?} {all:08b} {credential:?}");
            if let Ok(asserted) = asserted {
                let reported = [asserted.user_verified, asserted.backed_up];
                assert_eq!(reported, [flags::UV, flags::BS].map(|flag| all & flag != 0), "{all:08b}");
                accepted += 1;
            }
        }
    }
    // With UP, without AT and with the credential's BE, 16 combinations remain if BE is clear and 32 if BE is set. Three of
    // six cases require UV, which halves the number.
    assert_eq!(accepted, (16 + 32) * 3 + (8 + 16) * 3);
}
