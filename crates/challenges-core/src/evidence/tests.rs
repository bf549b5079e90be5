#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use proptest::prelude::*;

use super::count::{has_two_distinct, is_multi_factor};
use super::*;
use crate::challenge_type::{ChallengeType, ChallengeTypes};
use crate::error::StepUpRefused;
use crate::id::{EnrollmentId, Id};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn id(random: u128) -> Id {
    Id::new(NOW, 1, random)
}

fn app(random: u128) -> Method {
    Method::Totp { enrollment: EnrollmentId(id(random)) }
}

/// A credential that did not verify the user.
fn key(random: u128, backup_eligible: bool) -> Method {
    let enrollment = EnrollmentId(id(random));
    Method::Webauthn { enrollment, user_verified: false, backup_eligible, backed_up: backup_eligible }
}

fn verifying(random: u128, backup_eligible: bool) -> Method {
    let enrollment = EnrollmentId(id(random));
    Method::Webauthn { enrollment, user_verified: true, backup_eligible, backed_up: backup_eligible }
}

fn link(channel: ChallengeType, number_matched: bool) -> Method {
    Method::Link { channel, one_of_several: false, number_matched }
}

fn of(methods: &[Method]) -> Vec<Evidence> {
    methods.iter().map(|method| Evidence::new(*method, NOW)).collect()
}

/// Every kind of factor; of those with a device, two devices.
fn methods() -> [(&'static str, Method); 14] {
    [
        ("password", Method::Password),
        ("totp", app(1)),
        ("totp, other app", app(2)),
        ("key", key(3, false)),
        ("key, other", key(4, false)),
        ("synced", key(5, true)),
        ("synced, other", key(6, true)),
        ("sms", link(ChallengeType::Sms, true)),
        ("push", link(ChallengeType::WebPush, true)),
        ("code", Method::Code),
        ("recovery", Method::RecoveryCode),
        ("trusted", Method::TrustedDevice { device: id(7) }),
        ("trusted, other", Method::TrustedDevice { device: id(8) }),
        ("email", link(ChallengeType::Email, true)),
    ]
}

/// The number of factors of each pair, in the order of [`methods`].
const PAIRS: [&str; 14] = [
    "12222222211221", // password
    "21122222211221", // totp
    "21122222211221", // totp, other app
    "22212112211221", // key
    "22221112211221", // key, other
    "22211112211221", // synced
    "22211112211221", // synced, other
    "22222221111221", // sms
    "22222221111221", // push
    "11111111111111", // code
    "11111111111111", // recovery
    "22222222211111", // trusted
    "22222222211111", // trusted, other
    "11111111111111", // email
];

/// Returns the pairs that a count gets wrong.
fn wrong_pairs(has_two_distinct: impl Fn(&[Evidence]) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((one_name, one), row) in methods().into_iter().zip(PAIRS) {
        for ((other_name, other), expected) in methods().into_iter().zip(row.chars()) {
            if has_two_distinct(&of(&[one, other])) != (expected == '2') {
                wrong.push(format!("{one_name} + {other_name}"));
            }
        }
    }
    wrong
}

/// R71: one device or channel never counts twice, and recovery and codes of the host never count beside another factor.
#[test]
fn pairs_count_as_one_or_two() {
    assert_eq!(wrong_pairs(has_two_distinct), [""; 0]);
    let required = |evidence: &[Evidence]| Requirement::any().two_distinct().met_by(evidence, NOW).is_ok();
    assert_eq!(wrong_pairs(required), [""; 0]);
}

/// R71, control: the table finds simpler ways to count.
#[test]
fn simpler_counts_get_pairs_wrong() {
    type Count = fn(&[Evidence]) -> bool;
    let counts: [(&str, Count); 4] = [
        ("by pieces", |evidence| evidence.len() > 1),
        ("by type", |evidence| evidence[0].factor() != evidence[1].factor()),
        ("by device", |evidence| evidence[0] != evidence[1]),
        ("with recovery", |evidence| has_two_distinct(evidence) || evidence.iter().any(Evidence::is_recovery)),
    ];
    for (name, count) in counts {
        assert_ne!(wrong_pairs(count), [""; 0], "{name}");
    }
}

/// R71: a third piece of evidence changes nothing about a pair that counts once.
#[test]
fn repetitions_stay_one_factor() {
    for group in [
        vec![app(1), app(1), app(2)],
        vec![key(3, false); 3],
        vec![key(5, true), key(6, true), key(5, true)],
        vec![link(ChallengeType::Sms, true), link(ChallengeType::WebPush, true), link(ChallengeType::Sms, false)],
        vec![app(1), Method::RecoveryCode, Method::Code],
        vec![Method::Password, Method::RecoveryCode, Method::Code],
    ] {
        assert!(!has_two_distinct(&of(&group)), "{group:?}");
    }
    assert!(has_two_distinct(&of(&[app(1), app(2), key(3, false)])), "control");
    assert!(has_two_distinct(&of(&[verifying(3, true)])), "user verification is a second factor");
}

/// R71: NIST AAL2 and AAL3 admit these combinations and no others.
#[test]
fn nist_levels_admit_the_permitted_combinations() {
    let sms = |matched| link(ChallengeType::Sms, matched);
    let trusted = Method::TrustedDevice { device: id(7) };
    // The evidence, and whether it is enough for AAL2 and AAL3.
    let rows: [(Vec<Method>, bool, bool); 18] = [
        (vec![verifying(3, false)], true, true),
        (vec![verifying(3, true)], true, false),
        (vec![key(3, false)], false, false),
        (vec![key(3, false), Method::Password], true, true),
        (vec![key(3, true), Method::Password], true, false),
        (vec![key(3, false), verifying(4, true)], true, false),
        (vec![app(1)], false, false),
        (vec![app(1), Method::Password], true, false),
        (vec![app(1), key(3, false)], false, false),
        (vec![app(1), key(3, false), Method::Password], true, true),
        (vec![sms(true), Method::Password], true, false),
        (vec![sms(false), Method::Password], false, false),
        (vec![sms(true), app(1)], false, false),
        (vec![link(ChallengeType::WebPush, true), Method::Password], true, false),
        (vec![Method::RecoveryCode, Method::Password], false, false),
        (vec![Method::Code, Method::Password], false, false),
        (vec![trusted, Method::Password], false, false),
        (vec![trusted, key(3, true), Method::Password], true, false),
    ];
    for (methods, aal2, aal3) in rows {
        let met = |required: Requirement| required.met_by(&of(&methods), NOW).is_ok();
        assert_eq!((met(Requirement::aal2()), met(Requirement::aal3())), (aal2, aal3), "{methods:?}");
    }
}

/// R71: ASVS levels 2 and 3 admit these combinations and no others.
#[test]
fn asvs_levels_admit_the_permitted_combinations() {
    let sms = link(ChallengeType::Sms, false);
    let rows = [
        (vec![app(1)], false, false),
        (vec![Method::Password], false, false),
        (vec![app(1), Method::Password], true, false),
        (vec![app(1), app(2)], false, false),
        (vec![app(1), sms], true, false),
        (vec![Method::RecoveryCode, Method::Password], false, false),
        (vec![link(ChallengeType::Email, true), Method::Password], false, false),
        (vec![key(3, true)], false, false),
        (vec![key(3, true), Method::Password], true, true),
        (vec![key(3, true), app(1)], true, true),
        (vec![verifying(3, true)], true, true),
    ];
    for (methods, level_2, level_3) in rows {
        let met = |required: Requirement| required.met_by(&of(&methods), NOW).is_ok();
        assert_eq!((met(Requirement::asvs_l2()), met(Requirement::asvs_l3())), (level_2, level_3), "{methods:?}");
    }
}

/// R71: a trusted device is neither phishing resistant nor a verified user, and meets no NIST level with any other pair.
#[test]
fn trusted_device_is_never_phishing_resistant() {
    let trusted = Method::TrustedDevice { device: id(7) };
    let strict = [Requirement::any().phishing_resistant(), Requirement::any().user_verified(), Requirement::aal3()];
    for required in strict {
        for (name, other) in methods().into_iter().filter(|(_, other)| !matches!(other, Method::Webauthn { .. })) {
            assert!(required.met_by(&of(&[trusted, other]), NOW).is_err(), "{name}");
        }
        assert!(required.met_by(&of(&[trusted, verifying(3, false)]), NOW).is_ok(), "control");
    }
    assert!(Requirement::any().met_by(&of(&[trusted]), NOW).is_ok(), "takes the place of one factor");
}

#[test]
fn unmet_names_the_missing_part() {
    let types = Requirement::any().any_of([ChallengeType::Webauthn, ChallengeType::Totp]);
    let minute = Requirement::any().within(Duration::from_secs(60));
    let old = |method| vec![Evidence::new(method, Timestamp::from_seconds(NOW.as_seconds() - 61))];
    let ahead = |seconds| vec![Evidence::new(app(1), NOW.after(Duration::from_secs(seconds)))];
    let rows = [
        (Requirement::any(), vec![], Err(StepUpRefused::FactorMissing)),
        (Requirement::any(), of(&[Method::Password]), Err(StepUpRefused::FactorMissing)),
        (Requirement::any(), of(&[Method::Code]), Ok(())),
        (types.clone(), of(&[Method::Code, Method::Password]), Err(StepUpRefused::FactorMissing)),
        (types.clone(), of(&[app(1)]), Ok(())),
        (
            types.and(Requirement::any().any_of([ChallengeType::Webauthn])),
            of(&[app(1)]),
            Err(StepUpRefused::FactorMissing),
        ),
        (Requirement::any().any_of([]), of(&[verifying(1, false)]), Err(StepUpRefused::FactorMissing)),
        (Requirement::any().two_distinct(), of(&[app(1)]), Err(StepUpRefused::SecondFactorMissing)),
        (Requirement::aal2(), of(&[app(1)]), Err(StepUpRefused::SecondFactorMissing)),
        (Requirement::aal3(), of(&[verifying(1, true)]), Err(StepUpRefused::NotDeviceBound)),
        (Requirement::aal3(), of(&[key(1, false)]), Err(StepUpRefused::SecondFactorMissing)),
        (Requirement::any().phishing_resistant(), of(&[app(1)]), Err(StepUpRefused::NotPhishingResistant)),
        (Requirement::any().user_verified(), of(&[key(1, false)]), Err(StepUpRefused::UserNotVerified)),
        (minute.clone(), of(&[app(1)]), Ok(())),
        (minute.clone(), old(app(1)), Err(StepUpRefused::TooOld)),
        (minute.clone().phishing_resistant(), old(app(1)), Err(StepUpRefused::FactorMissing)),
        (minute.clone().two_distinct(), [of(&[app(1)]), old(Method::Password)].concat(), Err(StepUpRefused::TooOld)),
        (minute, [of(&[app(1)]), old(key(1, false))].concat(), Ok(())),
        (Requirement::any(), ahead(30), Ok(())),
        (Requirement::any(), ahead(31), Err(StepUpRefused::FactorMissing)),
    ];
    for (required, evidence, met) in rows {
        assert_eq!(required.met_by(&evidence, NOW), met, "{required:?} {evidence:?}");
    }
}

/// R71: a link that went out over several channels is no proof of the stronger one.
#[test]
fn link_counts_as_the_weakest_channel() {
    use ChallengeType::{Code, Sms, Totp, WebPush};
    let link = |types: &[ChallengeType]| Method::link(Some(&ChallengeTypes::try_from(types.to_vec()).unwrap()), false);
    let sent = |channel, one_of_several| Some(Method::Link { channel, one_of_several, number_matched: false });
    for (types, method) in [
        (vec![Sms], sent(Sms, false)),
        (vec![WebPush, Totp, Code], sent(WebPush, false)),
        (vec![WebPush, Sms], sent(Sms, true)),
        (vec![Sms, WebPush], sent(Sms, true)),
        (vec![Totp, Code], None),
    ] {
        assert_eq!(link(&types), method, "{types:?}");
    }
    let twice = ChallengeTypes::new(Some(Sms), Some(vec![Sms])).unwrap();
    assert_eq!(Method::link(Some(&twice), false), sent(Sms, false));
    let both = of(&[link(&[WebPush, Sms]).unwrap()]);
    let push_only = Requirement::any().any_of([WebPush]);
    assert_eq!(push_only.met_by(&both, NOW), Err(StepUpRefused::FactorMissing));
    assert_eq!(push_only.met_by(&of(&[link(&[WebPush]).unwrap()]), NOW), Ok(()), "control");
}

/// The values of RFC 8176 section 2 claim nothing that the evidence does not show.
#[test]
fn amr_values_claim_what_is_known() {
    let several = Method::Link { channel: ChallengeType::Sms, one_of_several: true, number_matched: false };
    let rows: [(&[Method], &[&str]); 15] = [
        (&[], &[]),
        (&[app(1)], &["otp"]),
        (&[app(1), app(2)], &["otp"]),
        (&[key(3, false)], &["pop", "user"]),
        (&[key(3, true)], &["swk", "user"]),
        (&[verifying(3, false)], &["pop", "user", "mfa"]),
        (&[app(1), key(3, false)], &["otp", "pop", "user"]),
        (&[app(1), Method::Password], &["otp", "pwd", "mfa"]),
        (&[link(ChallengeType::Sms, false)], &["sms"]),
        (&[link(ChallengeType::Sms, true), Method::Password], &["sms", "mca", "pwd", "mfa"]),
        (&[several], &[]),
        (&[link(ChallengeType::WebPush, true)], &["mca"]),
        (&[Method::Code, Method::Password], &["pwd"]),
        (&[Method::RecoveryCode, Method::Password], &["pwd"]),
        (&[Method::TrustedDevice { device: id(7) }, Method::Password], &["pwd"]),
    ];
    for (methods, values) in rows {
        assert_eq!(Evidence::amr(&of(methods)), values, "{methods:?}");
    }
}

/// R71: each part of each requirement survives the merge, from either side.
#[test]
fn merge_keeps_every_part() {
    let old = |method| vec![Evidence::new(method, Timestamp::from_seconds(NOW.as_seconds() - 61))];
    let rows = [
        (Requirement::any().user_verified(), of(&[key(1, false)]), StepUpRefused::UserNotVerified),
        (Requirement::any().phishing_resistant(), of(&[app(1)]), StepUpRefused::NotPhishingResistant),
        (Requirement::any().any_of([ChallengeType::Sms]), of(&[app(1)]), StepUpRefused::FactorMissing),
        (Requirement::any().within(Duration::from_secs(60)), old(app(1)), StepUpRefused::TooOld),
        (Requirement::any().two_distinct(), of(&[app(1)]), StepUpRefused::SecondFactorMissing),
        (Requirement::aal2(), of(&[app(1), key(1, false)]), StepUpRefused::SecondFactorMissing),
        (Requirement::aal3(), of(&[verifying(1, true)]), StepUpRefused::NotDeviceBound),
    ];
    let any = Requirement::any;
    for (required, evidence, unmet) in rows {
        assert_eq!(required.clone().and(any()).met_by(&evidence, NOW), Err(unmet), "{required:?}");
        assert_eq!(any().and(required).met_by(&evidence, NOW), Err(unmet));
        assert_eq!(any().and(any()).met_by(&evidence, NOW), Ok(()), "control");
    }
    let minute = any().within(Duration::from_secs(60)).and(any().within(Duration::from_secs(70)));
    assert_eq!(minute.max_age(), Some(Duration::from_secs(60)), "the shortest counts");
}

#[test]
fn requirement_offers_types_that_can_meet_it() {
    use ChallengeType::{Code, RecoveryCode, Sms, Totp, WebPush, Webauthn};
    let all = [Sms, WebPush, Totp, Webauthn, Code, RecoveryCode];
    let rows: [(Requirement, &[ChallengeType]); 6] = [
        (Requirement::any(), &all),
        (Requirement::any().any_of([Totp, Code]), &[Totp, Code]),
        (Requirement::any().two_distinct(), &[Sms, WebPush, Totp, Webauthn]),
        (Requirement::aal2(), &[Sms, WebPush, Totp, Webauthn]),
        (Requirement::aal3(), &[Webauthn]),
        (Requirement::any().phishing_resistant(), &[Webauthn]),
    ];
    for (required, types) in rows {
        let admitted: Vec<_> = all.into_iter().filter(|kind| required.admits(*kind)).collect();
        assert_eq!(admitted, types, "{required:?}");
    }
}

#[test]
fn acr_value_names_the_strictest_part() {
    let rows = [
        (Requirement::any(), None),
        (Requirement::any().any_of([ChallengeType::Totp]), None),
        (Requirement::any().two_distinct(), Some("http://schemas.openid.net/pape/policies/2007/06/multi-factor")),
        (Requirement::any().two_distinct().phishing_resistant(), Some("phr")),
        (Requirement::any().user_verified(), Some("phr")),
        (Requirement::aal2().phishing_resistant(), Some("http://idmanagement.gov/ns/assurance/aal/2")),
        (Requirement::aal2().and(Requirement::aal3()), Some("http://idmanagement.gov/ns/assurance/aal/3")),
    ];
    for (required, value) in rows {
        assert_eq!(required.acr_value(), value, "{required:?}");
    }
}

pub(crate) fn any_evidence() -> impl Strategy<Value = Evidence> {
    let enrollment = || any::<u128>().prop_map(|random| EnrollmentId(id(random)));
    let channel = prop_oneof![Just(ChallengeType::Sms), Just(ChallengeType::WebPush)];
    let method = prop_oneof![
        enrollment().prop_map(|enrollment| Method::Totp { enrollment }),
        (enrollment(), any::<[bool; 3]>()).prop_map(|(enrollment, [user_verified, backup_eligible, backed_up])| {
            Method::Webauthn { enrollment, user_verified, backup_eligible, backed_up }
        }),
        (channel, any::<bool>(), any::<bool>()).prop_map(|(channel, one_of_several, number_matched)| {
            Method::Link { channel, one_of_several, number_matched }
        }),
        Just(Method::Code),
        Just(Method::RecoveryCode),
        any::<u128>().prop_map(|random| Method::TrustedDevice { device: id(random) }),
        Just(Method::Password),
    ];
    (method, 0..200_u64).prop_map(|(by, age)| Evidence::new(by, Timestamp::from_seconds(NOW.as_seconds() - age)))
}

fn any_requirement() -> impl Strategy<Value = Requirement> {
    use ChallengeType::{Code, RecoveryCode, Sms, Totp, WebPush, Webauthn};
    let types = proptest::sample::subsequence(vec![Sms, WebPush, Totp, Webauthn, Code, RecoveryCode], 0..6);
    let age = proptest::option::of(0..200_u64);
    (proptest::option::of(types), age, any::<[bool; 2]>(), 0..4_u8).prop_map(|(types, age, flags, level)| {
        let mut required = match level {
            0 => Requirement::any(),
            1 => Requirement::any().two_distinct(),
            2 => Requirement::aal2(),
            _ => Requirement::aal3(),
        };
        if flags[0] {
            required = required.phishing_resistant();
        }
        if flags[1] {
            required = required.user_verified();
        }
        if let Some(types) = types {
            required = required.any_of(types);
        }
        match age {
            Some(age) => required.within(Duration::from_secs(age)),
            None => required,
        }
    })
}

proptest! {
    /// R71: of several requirements the strictest wins, in any order, and more evidence never unmeets one.
    #[test]
    fn merged_requirement_is_as_strict_as_each(
        one in any_requirement(),
        other in any_requirement(),
        evidence in proptest::collection::vec(any_evidence(), 0..5),
        more in any_evidence(),
    ) {
        let both = one.clone().and(other.clone());
        prop_assert_eq!(both.met_by(&evidence, NOW).is_ok(), other.clone().and(one.clone()).met_by(&evidence, NOW).is_ok());
        if both.met_by(&evidence, NOW).is_ok() {
            prop_assert!(one.met_by(&evidence, NOW).is_ok() && other.met_by(&evidence, NOW).is_ok());
        }
        if one.met_by(&evidence, NOW).is_ok() {
            let grown = [evidence, vec![more]].concat();
            prop_assert!(one.met_by(&grown, NOW).is_ok());
        }
    }

    /// R71: two pieces are counted the same in either order, and `mfa` is never claimed for less than two factors.
    #[test]
    fn order_of_evidence_is_irrelevant(evidence in proptest::collection::vec(any_evidence(), 0..5)) {
        let mut turned = evidence.clone();
        turned.reverse();
        prop_assert_eq!(has_two_distinct(&evidence), has_two_distinct(&turned));
        prop_assert!(!is_multi_factor(&evidence) || has_two_distinct(&evidence));
    }
}
