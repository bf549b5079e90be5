//! Step 21 of section 7.2: a signature has a single valid form (section 6.5.5) and the credential's algorithm.

use challenges_core::webauthn::{Credential, Rejected};
use challenges_testkit::webauthn::{Algorithm, Cbor, PrivateKey, SecurityKey, SignedAssertion};
use challenges_webauthn::Webauthn;

use crate::ceremony::{Ceremony, from_hex};

/// The orders of P-256 and P-384 (SEC 2 sections 2.4.2 and 2.5.1).
const P256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

const CURVES: [(Algorithm, &str); 2] = [(Algorithm::Es256, P256), (Algorithm::Es384, P384)];

/// The numbers of an ECDSA signature in DER (RFC 3279 section 2.2.3), and the order of the curve.
struct Numbers {
    r: Vec<u8>,
    s: Vec<u8>,
    order: Vec<u8>,
}

type Encoding = fn(&Numbers) -> Vec<u8>;

const REFUSED: &[(&str, Encoding)] = &[
    ("a long form of the length", |it| [&[0x30, 0x81], &it.valid()[1..]].concat()),
    ("a longer form of the length", |it| [&[0x30, 0x82, 0], &it.valid()[1..]].concat()),
    ("a long form of the length of a number", |it| sequence(&[&[2, 0x81], &integer(&it.r)[1..], &integer(&it.s)])),
    ("no definite length", |it| [&[0x30, 0x80], &it.valid()[2..], &[0, 0]].concat()),
    ("a zero before r", |it| sequence(&[&integer(&padded(&it.r)), &integer(&it.s)])),
    ("a zero before s", |it| sequence(&[&integer(&it.r), &integer(&padded(&it.s))])),
    ("a negative r", |it| sequence(&[&integer(&it.r[1..]), &integer(&it.s)])),
    ("a byte behind the numbers", |it| sequence(&[&integer(&it.r), &integer(&it.s), &[0]])),
    ("a third number", |it| sequence(&[&integer(&it.r), &integer(&it.s), &integer(&[1])])),
    ("one number", |it| sequence(&[&integer(&it.r)])),
    ("the numbers the other way round", |it| sequence(&[&integer(&it.s), &integer(&it.r)])),
    ("a set", |it| [&[0x31], &it.valid()[1..]].concat()),
    ("a sequence in a sequence", |it| sequence(&[&it.valid()])),
    ("bytes for a number", |it| sequence(&[&[&[4], &integer(&it.r)[1..]].concat(), &integer(&it.s)])),
    ("numbers without DER", |it| [&it.r, &it.s].map(|number| padded_to(number, it.order.len())).concat()),
    ("r of zero", |it| sequence(&[&integer(&[0]), &integer(&it.s)])),
    ("s of zero", |it| sequence(&[&integer(&it.r), &integer(&[0])])),
    ("both of zero", |_| sequence(&[&integer(&[0]), &integer(&[0])])),
    ("r of the order", |it| sequence(&[&integer(&padded(&it.order)), &integer(&it.s)])),
    ("s of the order", |it| sequence(&[&integer(&it.r), &integer(&padded(&it.order))])),
    ("r and s of nothing", |_| sequence(&[&integer(&[]), &integer(&[])])),
    ("s beyond the order", |it| sequence(&[&integer(&it.r), &integer(&sum(&it.s, &it.order))])),
];

impl Numbers {
    fn read(der: &[u8], order: &str) -> Self {
        let (r, rest) = der[4..].split_at(der[3].into());
        Self { r: r.to_vec(), s: rest[2..].to_vec(), order: from_hex(order) }
    }

    fn valid(&self) -> Vec<u8> {
        sequence(&[&integer(&self.r), &integer(&self.s)])
    }
}

fn sequence(items: &[&[u8]]) -> Vec<u8> {
    let items = items.concat();
    [&[0x30, u8::try_from(items.len()).unwrap()], items.as_slice()].concat()
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    [&[2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

fn padded(number: &[u8]) -> Vec<u8> {
    [&[0], number].concat()
}

/// Adds two big-endian numbers; the sum has one byte more than the longer one.
fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let length = a.len().max(b.len()) + 1;
    let digit = |number: &[u8], at: usize| number.len().checked_sub(at + 1).map_or(0, |index| u16::from(number[index]));
    let mut carry = 0;
    let mut sum: Vec<u8> = (0..length)
        .map(|at| {
            let [high, low] = (digit(a, at) + digit(b, at) + carry).to_be_bytes();
            carry = high.into();
            low
        })
        .collect();
    sum.reverse();
    sum
}

/// Subtracts a number from a greater one, and writes the difference as DER does.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let complement: Vec<u8> = padded_to(b, a.len()).iter().map(|byte| !byte).collect();
    let wrapped = sum(&sum(a, &complement), &[1]);
    let digits = &wrapped[wrapped.len() - a.len()..];
    let start = digits.iter().position(|byte| *byte != 0).unwrap();
    let shortest = &digits[start..];
    if shortest[0] & 0x80 == 0 { shortest.to_vec() } else { padded(shortest) }
}

fn padded_to(number: &[u8], length: usize) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap();
    let digits = &number[start..];
    [vec![0; length - digits.len()], digits.to_vec()].concat()
}

/// Returns a credential, and an assertion with a signature that satisfies a condition.
fn signed(algorithm: Algorithm, wanted: impl Fn(&[u8]) -> bool) -> (Credential, SignedAssertion) {
    let webauthn = Webauthn::new();
    let ceremony = Ceremony::any(&webauthn);
    let mut key = SecurityKey::with_algorithm(algorithm, 1);
    let credential = ceremony.register_signed(&ceremony.create(&mut key).sign()).unwrap();
    let mut assertions = (0..10_000).map(|_| ceremony.get(&mut key, &credential).sign());
    let assertion = assertions.find(|assertion| wanted(&assertion.signature)).unwrap();
    (credential, assertion)
}

fn verdict(credential: &Credential, assertion: &SignedAssertion, signature: Vec<u8>) -> Result<(), Rejected> {
    let forged = SignedAssertion { signature, ..assertion.clone() };
    Ceremony::any(&Webauthn::new()).authenticate_signed(credential, &forged).map(|_| ())
}

/// R44: An ECDSA signature in any form other than DER is rejected.
#[test]
fn ecdsa_signatures_must_be_der() {
    for (algorithm, order) in CURVES {
        // A signature whose r needs a leading zero to be positive.
        let (credential, assertion) = signed(algorithm, |signature| signature[4] == 0);
        let numbers = Numbers::read(&assertion.signature, order);
        assert_eq!(numbers.valid(), assertion.signature);
        assert_eq!(verdict(&credential, &assertion, numbers.valid()), Ok(()), "control");
        for (encoding, write) in REFUSED {
            let verdict = verdict(&credential, &assertion, write(&numbers));
            assert_eq!(verdict, Err(Rejected::Signature), "{algorithm:?}: {encoding}");
        }
    }
}

/// Anyone can turn an ECDSA signature into a second one for the same message (SEC 1 section 4.1.3).
///
/// This gains nothing, because the challenge and not the signature ensures that an assertion passes once.
#[test]
fn both_ecdsa_signatures_of_a_message_pass() {
    for (algorithm, order) in CURVES {
        let (credential, assertion) = signed(algorithm, |_| true);
        let numbers = Numbers::read(&assertion.signature, order);
        let other = sequence(&[&integer(&numbers.r), &integer(&difference(&numbers.order, &numbers.s))]);
        assert_ne!(other, assertion.signature);
        assert_eq!(verdict(&credential, &assertion, other), Ok(()), "{algorithm:?}");
    }
}

/// R44: An RSA signature is a number below the modulus, of the modulus's length.
#[test]
fn rsa_signatures_must_be_below_the_modulus() {
    let Cbor::Map(members) = PrivateKey::new(Algorithm::Rs256, 1).public_key() else { panic!("no map") };
    let (_, Cbor::Bytes(modulus)) = &members[2] else { panic!("no modulus") };
    // A signature that stays within its length when the modulus is added.
    let (credential, assertion) = signed(Algorithm::Rs256, |signature| sum(signature, modulus)[0] == 0);
    let signature = &assertion.signature;
    let refused = [
        ("the modulus added", sum(signature, modulus)[1..].to_vec()),
        ("a zero before", padded(signature)),
        ("a zero behind", [signature.as_slice(), &[0]].concat()),
        ("a byte less", signature[1..].to_vec()),
        ("zero", vec![0; 256]),
        ("one", padded_to(&[1], 256)),
        ("one below the modulus", difference(modulus, &[1])[1..].to_vec()),
        ("the modulus", modulus.clone()),
    ];
    assert_eq!(verdict(&credential, &assertion, signature.clone()), Ok(()), "control");
    for (what, signature) in refused {
        assert_eq!(verdict(&credential, &assertion, signature), Err(Rejected::Signature), "{what}");
    }
}

/// R49: The credential determines the algorithm of a signature.
#[test]
fn signatures_of_other_algorithms_are_rejected() {
    let all = [Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256, Algorithm::EdDsa];
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256] {
        let webauthn = Webauthn::new();
        let ceremony = Ceremony::any(&webauthn);
        let mut key = SecurityKey::with_algorithm(algorithm, 1);
        let credential = ceremony.register_signed(&ceremony.create(&mut key).sign()).unwrap();
        for other in all {
            let mut draft = ceremony.get(&mut key, &credential);
            if other != algorithm {
                draft.private_key = PrivateKey::new(other, 1);
            }
            let expected = if other == algorithm { Ok(()) } else { Err(Rejected::Signature) };
            let verdict = ceremony.authenticate_signed(&credential, &draft.sign()).map(|_| ());
            assert_eq!(verdict, expected, "{algorithm:?} {other:?}");
        }
    }
}
