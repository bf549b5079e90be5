use challenges_core::webauthn::Rejected;
use challenges_testkit::webauthn::{Algorithm, Refused, SecurityKey};
use challenges_webauthn::Webauthn;
use serde_json::json;

use crate::ceremony::{Ceremony, ORIGIN};

/// R49: Each offered algorithm registers and authenticates, with and without attestation; no other registers.
#[test]
fn exactly_the_offered_algorithms_work() {
    use challenges_testkit::webauthn::Attestation;

    let webauthn = Webauthn::new();
    let ceremony = Ceremony::any(&webauthn);
    let offered = ceremony.creation_options()["pubKeyCredParams"].clone();
    let numbers: Vec<_> = offered.as_array().unwrap().iter().map(|entry| entry["alg"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [-7, -35, -257]);

    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256] {
        assert!(numbers.contains(&algorithm.cose()));
        for (seed, attestation) in [(1, Attestation::None), (2, Attestation::Itself)] {
            let mut key = SecurityKey::with_algorithm(algorithm, seed);
            key.attestation = attestation;
            let credential = ceremony.register_signed(&ceremony.create(&mut key).sign()).unwrap();
            for used in 1..=3 {
                let signed = ceremony.get(&mut key, &credential).sign();
                let asserted = ceremony.authenticate_signed(&credential, &signed).unwrap();
                assert_eq!(asserted.sign_count, used, "{algorithm:?}");
                // A valid signature does not fit another message.
                let other = ceremony.get(&mut key, &credential).sign().signature;
                let mut forged = signed;
                forged.signature = other;
                let verdict = ceremony.authenticate_signed(&credential, &forged);
                assert_eq!(verdict, Err(Rejected::Signature), "{algorithm:?}");
                key.sign_count = Some(used);
            }
        }
    }

    let mut key = SecurityKey::with_algorithm(Algorithm::EdDsa, 1);
    let mut options = ceremony.creation_options();
    assert_eq!(key.create(&options, ORIGIN).err(), Some(Refused::Algorithm));
    options["pubKeyCredParams"] = json!([{"type": "public-key", "alg": -8}]);
    let signed = key.create(&options, ORIGIN).unwrap().sign();
    assert_eq!(ceremony.register_signed(&signed), Err(Rejected::Algorithm));
}
