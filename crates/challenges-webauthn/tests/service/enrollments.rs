use std::time::Duration;

use challenges_core::endpoints::Address;
use challenges_core::outbox::{Notice, OutboxEntry, Task};
use challenges_core::webauthn::{
    AttestationConveyance, AuthenticatorAttachment, AuthenticatorHint, Preference, Rejected, Transport,
};
use challenges_core::{Description, Error, Invalid, Policy, Purpose, Refused};
use challenges_testkit::administrator;
use challenges_testkit::webauthn::{Attestation, AttestationCa, SecurityKey};
use challenges_webauthn::{AttestationCaListBuilder, Webauthn};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Host, ORIGIN, Seen, WEBAUTHN, asking, invalid, owner, relying_party, spec};
use crate::imports::row_of_key;

const HOUR: Duration = Duration::from_secs(3_600);
const DEVICE: Uuid = Uuid::from_bytes([5; 16]);

#[tokio::test]
async fn completed_enrollment_records_the_authenticators_data() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    (key.backup_eligible, key.backed_up, key.sign_count) = (true, true, Some(7));
    let mut wanted = spec("example.org").with_user_verification(Preference::Preferred);
    wanted.attestation_format = Some("platform".to_owned());
    wanted.http_endpoint = Some("https://example.org/mfa".to_owned());
    let pending = host.challenges.webauthn().create(owner("ann"), &administrator(), wanted).await.unwrap();
    assert_eq!((pending.is_completed(), pending.credential()), (false, None));
    let done = host.complete(&pending, &mut key).await.unwrap();
    assert_eq!((done.is_completed(), done.challenge()), (true, None));
    let credential = done.credential().unwrap();
    assert_eq!(credential.id.as_bytes(), key.credential_id);
    assert_eq!((credential.aaguid, credential.sign_count), (key.aaguid, 7));
    assert!(credential.user_verified && credential.backup_eligible && credential.backed_up);
    assert_eq!(credential.transports, [Transport::Usb]);
    assert_eq!((credential.attestation_format.as_str(), credential.attestation_trusted), ("none", false));
    let read = host.challenges.webauthn().get(&owner("ann"), done.id()).await.unwrap();
    assert_eq!((read.credential(), read.attestation_format()), (Some(credential), Some("platform")));
    assert_eq!(
        (read.http_endpoint(), read.relying_party_id().as_str()),
        (Some("https://example.org/mfa"), "example.org")
    );
}

/// R40: Another user cannot read, complete, rename or delete an enrollment.
#[tokio::test]
async fn enrollments_are_private_to_their_owner() {
    let host = Host::new().await;
    let id = host.enroll("ann", &mut SecurityKey::new(1)).await;
    let pending = host.begin("ann").await;
    let response = host.sign_registration(&pending, &mut SecurityKey::new(2)).await.core_response().unwrap();
    let bob = owner("bob");
    let not_found = |result: Result<_, Error>| matches!(result, Err(Error::NotFound));
    assert!(not_found(host.challenges.webauthn().get(&bob, id).await));
    assert!(not_found(host.challenges.webauthn().confirm(&bob, &administrator(), pending.id(), &response).await));
    assert!(not_found(host.challenges.webauthn().rename(&bob, id, "mine").await));
    assert!(matches!(host.challenges.webauthn().delete(&bob, &administrator(), id).await, Err(Error::NotFound)));
    assert!(matches!(
        host.challenges.webauthn().creation_options(&bob, pending.id(), "bob").await,
        Err(Error::NotFound)
    ));
    assert!(host.challenges.webauthn().list(&bob, None, 500).await.unwrap().is_empty());
    assert_eq!(host.challenges.webauthn().list(&owner("ann"), None, 500).await.unwrap().len(), 2);
    assert_eq!(host.challenges.webauthn().list_tenant("", None, 500).await.unwrap().len(), 2);
    assert!(host.challenges.webauthn().list_tenant("acme", None, 500).await.unwrap().is_empty());
    assert!(not_found(host.challenges.webauthn().get_in_tenant("acme", id).await));
}

#[tokio::test]
async fn enrollment_completes_once_before_expiry() {
    let host = Host::new().await;
    let pending = host.begin("ann").await;
    let mut key = SecurityKey::new(1);
    let response = host.sign_registration(&pending, &mut key).await.core_response().unwrap();
    let confirm =
        async || host.challenges.webauthn().confirm(&owner("ann"), &administrator(), pending.id(), &response).await;
    confirm().await.unwrap();
    assert_eq!(invalid(confirm().await), Some(Invalid::EnrollmentClosed));
    assert_eq!(host.seen.take().last(), Some(&Seen::EnrollmentRefused(Refused::Final)));
    let late = host.begin("ann").await;
    let response = host.sign_registration(&late, &mut SecurityKey::new(2)).await.core_response().unwrap();
    host.clock.advance(HOUR);
    let result = host.challenges.webauthn().confirm(&owner("ann"), &administrator(), late.id(), &response).await;
    assert_eq!(invalid(result), Some(Invalid::EnrollmentClosed));
    assert!(matches!(host.challenges.webauthn().get(&owner("ann"), late.id()).await, Err(Error::NotFound)));
}

/// R40, R47: Wrong answers are counted, and observed with the failed check.
#[tokio::test]
async fn wrong_answers_to_an_enrollment_are_counted() {
    let mut policy = Policy::default();
    policy.secrets_per_challenge = 3;
    let host = Host::with(policy, Webauthn::new()).await;
    let pending = host.begin("ann").await;
    let mut key = SecurityKey::new(1);
    let options = host.challenges.webauthn().creation_options(&owner("ann"), pending.id(), "ann").await.unwrap();
    let wrong = key.create(&options, "https://evil.example").unwrap().sign().core_response().unwrap();
    let right = key.create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
    let confirm = async |response| {
        host.challenges.webauthn().confirm(&owner("ann"), &administrator(), pending.id(), response).await
    };
    for _ in 0..3 {
        host.seen.take();
        assert_eq!(invalid(confirm(&wrong).await), Some(Invalid::Registration(Rejected::Origin)));
        assert_eq!(host.seen.take(), [Seen::EnrollmentWrong(Some(Rejected::Origin))]);
    }
    assert_eq!(invalid(confirm(&right).await), Some(Invalid::EnrollmentClosed));
}

/// R58: a ninth attempt within the hour replaces the oldest pending enrollment.
#[tokio::test]
async fn user_has_at_most_eight_unexpired_enrollments() {
    let host = Host::new().await;
    let first = host.begin("ann").await;
    for _ in 0..8 {
        host.clock.advance(Duration::from_millis(1));
        host.begin("ann").await;
    }
    let listed = host.challenges.webauthn().list(&owner("ann"), None, 500).await.unwrap();
    assert!(listed.len() == 8 && listed.iter().all(|known| known.id() != first.id()), "{listed:?}");
    host.begin("bob").await;
    host.clock.advance(HOUR);
    host.begin("ann").await;
    assert_eq!(host.challenges.webauthn().list(&owner("ann"), None, 500).await.unwrap().len(), 1);
}

#[tokio::test]
async fn unserved_relying_party_is_rejected() {
    let webauthn = Webauthn::builder().relying_party(relying_party("example.org"), [ORIGIN.parse().unwrap()]);
    let host = Host::with(Policy::default(), webauthn.only_configured().build().unwrap()).await;
    host.begin("ann").await;
    let elsewhere = host.challenges.webauthn().create(owner("ann"), &administrator(), spec("evil.example")).await;
    assert_eq!(invalid(elsewhere), Some(Invalid::RelyingParty));
    let mut long = spec("example.org");
    long.attestation_format = Some("x".repeat(256));
    let long = host.challenges.webauthn().create(owner("ann"), &administrator(), long).await;
    assert_eq!(invalid(long), Some(Invalid::EnrollmentNote));
}

/// Options exclude neither pending credentials nor those of other users and relying parties.
#[tokio::test]
async fn options_exclude_the_users_existing_credentials() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    host.enroll("ann", &mut key).await;
    host.enroll("bob", &mut SecurityKey::new(2)).await;
    let pending = host.begin("ann").await;
    let options =
        host.challenges.webauthn().creation_options(&owner("ann"), pending.id(), "ann@example.org").await.unwrap();
    assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 1);
    assert!(key.create(&options, ORIGIN).is_err(), "the options exclude the authenticator");
    assert_eq!((&options["user"]["name"], &options["attestation"]), (&"ann@example.org".into(), &"none".into()));
    let other = host.challenges.webauthn().create(owner("ann"), &administrator(), spec("other.example")).await.unwrap();
    let options = host.challenges.webauthn().creation_options(&owner("ann"), other.id(), "ann").await.unwrap();
    assert!(options.get("excludeCredentials").is_none_or(|list| list.as_array().unwrap().is_empty()));
}

/// The handle does not reveal the user, is equal for all credentials of a user, and differs between users.
#[tokio::test]
async fn user_handle_is_a_stable_pseudonym() {
    let host = Host::new().await;
    let handle = async |user: &str| {
        let pending = host.begin(user).await;
        let options = host.challenges.webauthn().creation_options(&owner(user), pending.id(), user).await.unwrap();
        options["user"]["id"].as_str().unwrap().to_owned()
    };
    let ann = handle("ann").await;
    assert_eq!(ann.len(), 43);
    assert_eq!(ann, handle("ann").await);
    assert_ne!(ann, handle("bob").await);
    assert_ne!(ann, handle("anne").await);
}

/// R70: a passkey added or removed ends the trusted devices of the user; other changes of a passkey do not.
#[tokio::test]
async fn passkeys_end_trusted_devices() {
    let login = Purpose::new("login").unwrap();
    let mut policy = Policy::default();
    policy.trusted_purposes = vec![login.clone()];
    let host = Host::with(policy, Webauthn::new()).await;
    let mut key = SecurityKey::new(1);
    let id = host.enroll("ann", &mut key).await;
    for (change, ends) in [
        ("begun", false),
        ("renamed", false),
        ("answered", false),
        ("added", true),
        ("imported", true),
        ("deleted", true),
    ] {
        let asking = asking(&[id]).with_purpose(login.clone());
        let challenge = host.challenges.create(owner("ann"), asking).await.unwrap().challenge.id();
        let answer = host.assertion(challenge, &mut key).await;
        let passed = host.answer(challenge, &answer).await.unwrap().passed().unwrap();
        let label = Description::new("browser").unwrap();
        let (_, secret) = host.challenges.devices().trust(&passed, label).await.unwrap();
        match change {
            "begun" => drop(host.begin("ann").await),
            "renamed" => drop(host.challenges.webauthn().rename(&owner("ann"), id, "blue").await.unwrap()),
            "answered" => drop(host.pass("ann", id, &mut key).await.unwrap()),
            "added" => drop(host.enroll("ann", &mut SecurityKey::new(2)).await),
            "imported" => {
                let imported =
                    host.challenges.account(&owner("ann")).import(&administrator(), &row_of_key(3)).await.unwrap();
                assert!(imported.is_new);
            }
            _ => host.challenges.webauthn().delete(&owner("ann"), &administrator(), id).await.unwrap(),
        }
        let checked = host.challenges.devices().check(&owner("ann"), &secret, &login).await.unwrap();
        assert_eq!(checked.is_none(), ends, "{change}");
    }
}

/// R67: passkeys added, imported and removed are told to the user's address; pending ones and new names are not.
#[tokio::test]
async fn passkeys_are_told_to_the_user() {
    let host = Host::new().await;
    let told = async || -> Vec<Notice> {
        let entries = host.challenges.outbox().list(Some(&owner("ann")), None, 500).await.unwrap();
        let notice = |entry: OutboxEntry| match entry.task {
            Task::Notice { notice, .. } => Some(notice),
            _ => None,
        };
        entries.into_iter().map(Result::unwrap).filter_map(notice).collect()
    };
    let (ann, grant) = (owner("ann"), administrator());
    let email = Address::Email("ann@example.org".parse().unwrap());
    host.challenges.endpoints().register_confirmed(ann.clone(), &grant, email).await.unwrap();
    let pending = host.begin("ann").await;
    assert_eq!(told().await, []);
    let id = host.complete(&pending, &mut SecurityKey::new(1)).await.unwrap().id();
    let mut expected = vec![Notice::Added(WEBAUTHN)];
    assert_eq!(told().await, expected);
    host.challenges.webauthn().rename(&ann, id, "my blue key").await.unwrap();
    assert_eq!(told().await, expected);
    // Entries are listed in order of creation.
    host.clock.advance(Duration::from_secs(1));
    for _ in 0..2 {
        host.challenges.account(&ann).import(&grant, &row_of_key(2)).await.unwrap();
    }
    expected.push(Notice::Imported(WEBAUTHN));
    assert_eq!(told().await, expected, "the second import is skipped");
    host.clock.advance(Duration::from_secs(1));
    host.challenges.webauthn().delete(&ann, &grant, id).await.unwrap();
    expected.push(Notice::Removed(WEBAUTHN));
    assert_eq!(told().await, expected);
}

#[tokio::test]
async fn enrollment_can_be_renamed() {
    let host = Host::new().await;
    let id = host.enroll("ann", &mut SecurityKey::new(1)).await;
    let rename = async |name: &str| host.challenges.webauthn().rename(&owner("ann"), id, name).await;
    assert_eq!(rename("my blue key").await.unwrap().name(), Some("my blue key"));
    for name in ["", "a\nb", &"x".repeat(256)] {
        assert_eq!(invalid(rename(name).await), Some(Invalid::CredentialName));
    }
    let read = host.challenges.webauthn().get(&owner("ann"), id).await.unwrap();
    assert_eq!(read.name(), Some("my blue key"));
    assert!(read.credential().is_some());
}

#[tokio::test]
async fn options_request_the_specified_conveyance() {
    let host = Host::new().await;
    let all = [AttestationConveyance::None, AttestationConveyance::Indirect, AttestationConveyance::Direct];
    for (asked, expected) in all.map(|asked| (Some(asked), asked.as_str())).into_iter().chain([(None, "none")]) {
        let mut wanted = spec("example.org");
        wanted.attestation_conveyance = asked;
        let pending = host.challenges.webauthn().create(owner("ann"), &administrator(), wanted).await.unwrap();
        let options = host.challenges.webauthn().creation_options(&owner("ann"), pending.id(), "ann").await.unwrap();
        assert_eq!(options["attestation"], expected);
    }
}

/// If attestation is required, options request it, and a lesser conveyance is rejected.
#[tokio::test]
async fn required_attestation_forces_direct_conveyance() {
    let maker = AttestationCa::new(100);
    let mut anchors = AttestationCaListBuilder::new();
    anchors.insert_device_der(&maker.certificate(), DEVICE, "Security key".into(), Default::default()).unwrap();
    let webauthn = Webauthn::builder().trust_anchors(anchors.build()).build().unwrap();
    let host = Host::with(Policy::default(), webauthn).await;
    let begin = async |asked| {
        let mut wanted = spec("example.org");
        wanted.attestation_conveyance = asked;
        host.challenges.webauthn().create(owner("ann"), &administrator(), wanted).await
    };
    for asked in [AttestationConveyance::None, AttestationConveyance::Indirect] {
        assert_eq!(invalid(begin(Some(asked)).await), Some(Invalid::AttestationRequired));
    }
    for asked in [None, Some(AttestationConveyance::Direct)] {
        let pending = begin(asked).await.unwrap();
        let options = host.challenges.webauthn().creation_options(&owner("ann"), pending.id(), "ann").await.unwrap();
        assert_eq!(options["attestation"], "direct");
    }
    let pending = begin(None).await.unwrap();
    let unattested = host.complete(&pending, &mut SecurityKey::new(1)).await;
    assert_eq!(invalid(unattested), Some(Invalid::Registration(Rejected::UntrustedAttestation)));
    let mut key = SecurityKey::new(1);
    key.aaguid = DEVICE;
    key.attestation = Attestation::Packed(maker.issue(key.aaguid, 7));
    let done = host.complete(&pending, &mut key).await.unwrap();
    let credential = done.credential().unwrap();
    assert!(credential.attestation_trusted);
    assert_eq!((credential.attestation_format.as_str(), credential.aaguid), ("packed", key.aaguid));
}

/// Android offers other password managers only for discoverable credentials.
#[tokio::test]
async fn options_prefer_a_discoverable_credential() {
    let host = Host::new().await;
    let begin = async |wanted| {
        let pending = host.challenges.webauthn().create(owner("ann"), &administrator(), wanted).await.unwrap();
        let options = host.challenges.webauthn().creation_options(&owner("ann"), pending.id(), "ann").await.unwrap();
        (pending, options)
    };
    let (pending, options) = begin(spec("example.org")).await;
    let expected = json!({
        "residentKey": "preferred",
        "requireResidentKey": false,
        "userVerification": "discouraged",
    });
    assert_eq!((&options["authenticatorSelection"], &options["hints"]), (&expected, &json!(null)));
    assert_eq!((pending.resident_key(), pending.authenticator_attachment()), (Preference::Preferred, None));
    assert!(pending.hints().is_empty());

    let wanted = spec("example.org")
        .with_resident_key(Preference::Required)
        .with_authenticator_attachment(AuthenticatorAttachment::CrossPlatform)
        .with_hints([AuthenticatorHint::SecurityKey, AuthenticatorHint::Hybrid, AuthenticatorHint::SecurityKey]);
    let (pending, options) = begin(wanted).await;
    let expected = json!({
        "residentKey": "required",
        "requireResidentKey": true,
        "authenticatorAttachment": "cross-platform",
        "userVerification": "discouraged",
    });
    assert_eq!(options["authenticatorSelection"], expected);
    assert_eq!(options["hints"], json!(["security-key", "hybrid"]));
    let done = host.complete(&pending, &mut SecurityKey::new(1)).await.unwrap();
    assert_eq!(done.resident_key(), Preference::Required);
    assert_eq!(done.authenticator_attachment(), Some(AuthenticatorAttachment::CrossPlatform));
    assert_eq!(done.hints(), [AuthenticatorHint::SecurityKey, AuthenticatorHint::Hybrid]);
}
