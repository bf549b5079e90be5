//! R51: User verification and backup flags, derived from stored state and signed flags only.

use challenges_core::step_up::Requirement;
use challenges_core::webauthn::{Preference, Rejected};
use challenges_core::{Answer, EnrollmentId, Invalid, Purpose};
use challenges_testkit::administrator;
use challenges_testkit::webauthn::{SecurityKey, SignedAssertion, flags};
use challenges_webauthn::Webauthn;

use crate::harness::{Host, ORIGIN, Seen, WEBAUTHN, asking, invalid, owner, refused, relying_party, spec};

use Preference::{Discouraged, Preferred, Required};

async fn enroll(host: &Host, asked: Preference, key: &mut SecurityKey) -> Result<EnrollmentId, Invalid> {
    let wanted = spec("example.org").with_user_verification(asked);
    let pending = host.challenges.webauthn().create(owner("ann"), &administrator(), wanted).await.unwrap();
    match host.complete(&pending, key).await {
        Ok(done) => Ok(done.id()),
        Err(error) => Err(invalid::<()>(Err(error)).unwrap()),
    }
}

/// R51: The user verification requested at enrollment applies to every assertion.
#[tokio::test]
async fn enrollment_settings_bind_every_assertion() {
    // Requested at enrollment, user verified at enrollment, user verified now, passes.
    let rows = [
        (Required, true, true, true),
        (Required, true, false, false),
        (Preferred, true, true, true),
        (Preferred, true, false, false),
        (Preferred, false, true, true),
        (Preferred, false, false, true),
        (Discouraged, false, true, true),
        (Discouraged, false, false, true),
    ];
    for (asked, then, now, passes) in rows {
        let host = Host::new().await;
        let mut key = SecurityKey::new(1);
        key.verifies_user = then;
        let enrollment = enroll(&host, asked, &mut key).await.unwrap();
        let id = host.challenge("ann", &[enrollment]).await;
        let options = host.challenges.webauthn().request_options(id).await.unwrap();
        let mut draft = key.get(&options, ORIGIN).unwrap();
        draft.authenticator_data.flags &= !flags::UV;
        draft.authenticator_data.flags |= if now { flags::UV } else { 0 };
        let result = host.answer(id, &draft.sign().answer()).await;
        let row = format!("{asked:?} {then} {now}");
        if passes {
            let passed = result.unwrap().passed().unwrap();
            assert_eq!(passed.credential().unwrap().is_user_verified(), now, "{row}");
        } else {
            assert!(refused(result), "{row}");
            assert!(host.seen.take().contains(&Seen::Rejected(enrollment, Rejected::UserVerification)), "{row}");
        }
    }
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    key.verifies_user = false;
    let unverified = enroll(&host, Required, &mut key).await;
    assert_eq!(unverified, Err(Invalid::Registration(Rejected::UserVerification)));
}

/// R51, R71: A step-up reports whether the user was verified.
#[tokio::test]
async fn step_up_reports_user_verification() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    key.verifies_user = false;
    let enrollment = enroll(&host, Preferred, &mut key).await.unwrap();
    let purpose = Purpose::new("transfer").unwrap();
    for verified in [true, false] {
        key.verifies_user = verified;
        let spec = asking(&[enrollment]).with_purpose(purpose.clone());
        let id = host.challenges.create(owner("ann"), spec).await.unwrap().challenge.id();
        let answer = host.assertion(id, &mut key).await;
        let passed = host.answer(id, &answer).await.unwrap().passed().unwrap();
        let token = host.challenges.step_up().grant(&passed).unwrap();
        let max_age = std::time::Duration::from_secs(60);
        let step_up = host.challenges.step_up().verify(&token, &owner("ann"), &purpose, max_age).unwrap();
        let [evidence] = step_up.evidence() else { panic!("one piece of evidence") };
        assert_eq!((evidence.factor(), evidence.is_user_verified()), (Some(WEBAUTHN), verified));
        let two = Requirement::any().two_distinct().met_by(step_up.evidence(), host.challenges.now());
        assert_eq!(two.is_ok(), verified, "user verification alone is a second factor");
    }
}

#[tokio::test]
async fn options_request_verification_as_enrollments_need() {
    // Requested and performed user verification of each named enrollment, then the expected request.
    let rows: [(&[(Preference, bool)], &str); 6] = [
        (&[(Required, true)], "required"),
        (&[(Preferred, true)], "required"),
        (&[(Preferred, false)], "preferred"),
        (&[(Discouraged, false)], "discouraged"),
        (&[(Required, true), (Discouraged, false)], "preferred"),
        (&[(Preferred, false), (Discouraged, false)], "preferred"),
    ];
    for (enrollments, asked) in rows {
        let host = Host::new().await;
        let mut named = Vec::new();
        for (seed, (wanted, verifies_user)) in (1..).zip(enrollments) {
            let mut key = SecurityKey::new(seed);
            key.verifies_user = *verifies_user;
            named.push(enroll(&host, *wanted, &mut key).await.unwrap());
        }
        let id = host.challenge("ann", &named).await;
        let options = host.challenges.webauthn().request_options(id).await.unwrap();
        assert_eq!(options["userVerification"], asked, "{enrollments:?}");
        assert_eq!(options["allowCredentials"].as_array().unwrap().len(), enrollments.len());
    }
}

/// R51: Where options cannot require verification of every credential, an answer without verification is refused only
/// for an enrollment that requires verification.
#[tokio::test]
async fn mixed_credentials_answer_as_options_allowed() {
    // Columns: requested and performed user verification of the passkey, the same of the security key, the expected
    // request, and whether the passkey is accepted without verification.
    let rows = [
        ((Preferred, true), (Preferred, false), "preferred", true),
        ((Preferred, true), (Discouraged, false), "preferred", true),
        ((Preferred, true), (Preferred, true), "required", false),
        ((Preferred, true), (Required, true), "required", false),
        ((Required, true), (Discouraged, false), "preferred", false),
        ((Required, true), (Preferred, false), "preferred", false),
    ];
    for (passkey, other, asked, passes) in rows {
        let host = Host::new().await;
        let (mut first, mut second) = (SecurityKey::new(1), SecurityKey::new(2));
        (first.verifies_user, second.verifies_user) = (passkey.1, other.1);
        let named =
            [enroll(&host, passkey.0, &mut first).await.unwrap(), enroll(&host, other.0, &mut second).await.unwrap()];
        let id = host.challenge("ann", &named).await;
        let options = host.challenges.webauthn().request_options(id).await.unwrap();
        assert_eq!(options["userVerification"], asked, "{passkey:?} {other:?}");
        first.verifies_user = false;
        let result = host.answer(id, &first.get(&options, ORIGIN).unwrap().sign().answer()).await;
        if passes {
            let passed = result.unwrap().passed().unwrap();
            assert!(!passed.credential().unwrap().is_user_verified(), "{passkey:?} {other:?}");
        } else {
            assert!(refused(result), "{passkey:?} {other:?}");
            assert!(host.seen.take().contains(&Seen::Rejected(named[0], Rejected::UserVerification)));
            let answer = second.get(&options, ORIGIN).unwrap().sign().answer();
            assert!(host.answer(id, &answer).await.is_ok(), "{passkey:?} {other:?}");
        }
    }
}

/// R51: A credential of another relying party relaxes nothing, whether that relying party is still configured or not.
#[tokio::test]
async fn other_relying_party_relaxes_no_verification() {
    const GONE: &str = "https://gone.example";
    for keeps_both in [true, false] {
        let host = Host::new().await;
        let mut passkey = SecurityKey::new(1);
        let mut named = vec![enroll(&host, Preferred, &mut passkey).await.unwrap()];
        let mut other = SecurityKey::new(2);
        other.verifies_user = false;
        let wanted = spec("gone.example").with_user_verification(Discouraged);
        let pending = host.challenges.webauthn().create(owner("ann"), &administrator(), wanted).await.unwrap().id();
        let options = host.challenges.webauthn().creation_options(&owner("ann"), pending, "ann").await.unwrap();
        let response = other.create(&options, GONE).unwrap().sign().core_response().unwrap();
        named.push(
            host.challenges.webauthn().confirm(&owner("ann"), &administrator(), pending, &response).await.unwrap().id(),
        );
        let id = host.challenge("ann", &named).await;
        let own = host.challenge("ann", &named[..1]).await;

        let webauthn = Webauthn::builder().relying_party(relying_party("example.org"), [ORIGIN.parse().unwrap()]);
        let webauthn = if keeps_both { webauthn } else { webauthn.only_configured() };
        let challenges = host.reconfigured(webauthn.build().unwrap()).await;
        let mut options = challenges.webauthn().request_options(own).await.unwrap();
        options["challenge"] = host.stored(id).await.public_challenge().unwrap().to_string().into();
        if !keeps_both {
            let asked = challenges.webauthn().request_options(id).await.unwrap();
            assert_eq!(asked["userVerification"], "required", "only the served credential is asked");
        }
        let mut draft = passkey.get(&options, ORIGIN).unwrap();
        draft.authenticator_data.flags &= !flags::UV;
        let answer = |draft: SignedAssertion| Answer::allow(id, WEBAUTHN, draft.answer());
        assert!(refused(challenges.answer(answer(draft.sign())).await), "both served: {keeps_both}");
        let verified = passkey.get(&options, ORIGIN).unwrap().sign();
        assert!(challenges.answer(answer(verified)).await.is_ok(), "control: with verification");
    }
}

/// R51: Backup eligibility cannot change, and the stored backup state follows each assertion.
#[tokio::test]
async fn backup_eligibility_is_fixed_and_state_updates() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    key.sign_count = None;
    (key.backup_eligible, key.backed_up) = (true, false);
    let enrollment = enroll(&host, Discouraged, &mut key).await.unwrap();
    for backed_up in [false, true, false] {
        key.backed_up = backed_up;
        let passed = host.pass("ann", enrollment, &mut key).await.unwrap().passed().unwrap();
        let used = passed.credential().unwrap();
        assert_eq!((used.is_backup_eligible(), used.is_backed_up()), (true, backed_up));
        let stored = host.challenges.webauthn().get(&owner("ann"), enrollment).await.unwrap();
        assert_eq!(stored.credential().unwrap().backed_up, backed_up);
    }
    key.backup_eligible = false;
    host.seen.take();
    assert!(refused(host.pass("ann", enrollment, &mut key).await));
    assert!(host.seen.take().contains(&Seen::Rejected(enrollment, Rejected::BackupEligibility)));
}

/// R46: A user handle chosen by the page replaces the generated one.
#[tokio::test]
async fn page_may_choose_the_user_handle() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let pending = host.begin("ann").await;
    let mut options = host.challenges.webauthn().creation_options(&owner("ann"), pending.id(), "ann").await.unwrap();
    options["user"]["id"] = "b3du".into();
    let response = key.create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
    let response = response.with_user_handle("b3du").unwrap();
    let done =
        host.challenges.webauthn().confirm(&owner("ann"), &administrator(), pending.id(), &response).await.unwrap();
    assert!(host.pass("ann", done.id(), &mut key).await.is_ok());
    let id = host.challenge("ann", &[done.id()]).await;
    let options = host.challenges.webauthn().request_options(id).await.unwrap();
    let mut signed = key.get(&options, ORIGIN).unwrap().sign();
    signed.user_handle = Some(b"other".to_vec());
    assert!(refused(host.answer(id, &signed.answer()).await));
    signed.user_handle = None;
    assert!(host.answer(id, &signed.answer()).await.is_ok(), "an authenticator may omit the handle");
}
