use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{NonZero, Odd, U1024, U2048};
use sha2::{Digest, Sha256};

// Not the crate `rsa`: webauthn-rs depends on a release candidate, which conflicts with the release in one build.
/// A private key for RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2).
///
/// For tests only, because signatures are computed without blinding.
#[derive(Clone)]
pub(super) struct RsaKey {
    modulus: Odd<U2048>,
    private_exponent: U2048,
}

impl RsaKey {
    /// Returns one of four fixed keys, by the seed modulo 4. The search for primes is too slow for tests.
    #[expect(clippy::expect_used, reason = "the primes are constants and a test covers every key")]
    pub(super) fn new(seed: u64) -> Self {
        let [a, b, c, d] = PRIMES;
        let (p, q) = match seed % 4 {
            0 => (a, b),
            1 => (b, c),
            2 => (c, d),
            _ => (d, a),
        };
        let modulus: U2048 = p.concatenating_mul(&q);
        let totient: U2048 = p.wrapping_sub(&U1024::ONE).concatenating_mul(&q.wrapping_sub(&U1024::ONE));
        let totient = NonZero::new(totient).into_option().expect("greater than zero");
        let private_exponent = U2048::from_u32(EXPONENT).invert_mod(&totient);
        Self {
            modulus: Odd::new(modulus).into_option().expect("a product of odd primes"),
            private_exponent: private_exponent.into_option().expect("an exponent prime to the totient"),
        }
    }

    pub(super) fn modulus(&self) -> Vec<u8> {
        self.modulus.to_be_bytes().as_ref().to_vec()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        // EMSA-PKCS1-v1_5, section 9.2.
        let mut encoded = vec![0, 1];
        encoded.resize(256 - 1 - SHA256_PREFIX.len() - 32, 0xff);
        encoded.push(0);
        encoded.extend(SHA256_PREFIX);
        encoded.extend(Sha256::digest(message));
        let parameters = FixedMontyParams::new_vartime(self.modulus);
        let number = FixedMontyForm::new(&U2048::from_be_slice(&encoded), &parameters);
        number.pow(&self.private_exponent).retrieve().to_be_bytes().as_ref().to_vec()
    }
}

impl std::fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RsaKey").finish_non_exhaustive()
    }
}

const EXPONENT: u32 = 65_537;

/// The DER prefix of a SHA-256 digest (RFC 8017 section 9.2, note 1).
const SHA256_PREFIX: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// Primes of 1,024 bits. The primes are public, so never use the keys outside tests.
const PRIMES: [U1024; 4] = [
    U1024::from_be_hex(
        "f1f03f999618ef46ddd59200f97409e821a9aba25a9a5056c8d47ffa43ecfc7e\
         18efc37e0bd80dc571a6db44060296dc12ae4ba89068e7063640fa35666c05eb\
         2e622631b174234ef0f59c1fb375d1699768f16a2d04c5661ec80d6041e48f55\
         506b6ba6cd5bdc9db99b102ade599eb5388f959bf26ae7e16f38b1d8a19050cd",
    ),
    U1024::from_be_hex(
        "c76ae027fa3d721466c843dde57241417e780bd07487e28625b204435b6be176\
         22e432a14641181ebf80cf30cb44256b61f574f1aa3eac61de2b1268581a5fd8\
         8e42a8104e302c586eee77123a1f4639326577501cf7bfb3e30cfcad6593c60d\
         5ce6d5f9651cc7a187e5beaa546f5ab70353a435e5c28a9774e82ba1bfc7684f",
    ),
    U1024::from_be_hex(
        "c0eccf843c157c7bedf2e7636723e6fb8a8a3d0f5ee1a702cd4e837ad8b9d412\
         9873e0467a20b9e2fea63491677129c7f0398969fd9cbb0b9816700391983bbb\
         bd15e16ae9f21551cecf34dd743d91fdf78616fb2f724f4c3409b7aff143c5fb\
         51a1b20f04e8217115329b820074d88806ba1f72ce13ee21b431cb98affe69ad",
    ),
    U1024::from_be_hex(
        "f212ec4fc8e93d7f2ebaec72355da8a7ef9c60c982f6d39b3196b62148468b68\
         4a31d51b19193b287fbc152360239b862053be03b236f62d9ca6de98f5e60ca1\
         c96ff2d17d718b05cb893e56a5c6aded2abe4e0040952ca5bb6bd0c7f5a99440\
         64a296e406dabdc9857546deffcfab8ce924b28f91abaad21d339eff259db5c1",
    ),
];
