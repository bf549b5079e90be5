#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn types_keep_the_form_they_were_named_in() {
    let both =
        ChallengeTypes::new(Some(ChallengeType::Code), Some(vec![ChallengeType::Totp, ChallengeType::Totp])).unwrap();
    assert_eq!(both.single(), Some(ChallengeType::Code));
    assert_eq!(both.list(), Some(&[ChallengeType::Totp][..]));
    assert!(both.contains(ChallengeType::Code) && both.contains(ChallengeType::Totp));
    assert!(!both.contains(ChallengeType::Sms));
    let stored = serde_json::to_string(&both).unwrap();
    assert_eq!(serde_json::from_str::<ChallengeTypes>(&stored).unwrap(), both);
}

#[test]
fn no_type_is_refused() {
    assert_eq!(ChallengeTypes::new(None, None), Err(Invalid::NoTypes));
    assert_eq!(ChallengeTypes::try_from(Vec::new()), Err(Invalid::NoTypes));
    assert!(serde_json::from_str::<ChallengeTypes>("{}").is_err());
}

#[test]
fn every_type_parses_from_its_name() {
    for name in ["sms", "web_push", "totp", "webauthn", "code", "recovery_code", "email"] {
        assert_eq!(name.parse::<ChallengeType>().unwrap().as_str(), name);
    }
    for name in ["one_time_use_action", "SMS", "", "webPush", "recovery_codes", "e-mail"] {
        assert_eq!(name.parse::<ChallengeType>(), Err(Invalid::UnknownType), "{name}");
    }
}
