#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_precision_loss)]

use super::*;
use crate::base62::ALPHABET;

const CODES: usize = 1_000_000;
const DIGITS: &[u8] = b"0123456789";

/// The chi-square statistic of the characters of `texts` against a uniform draw from an alphabet.
fn chi_square(alphabet: &[u8], texts: impl Iterator<Item = String>) -> f64 {
    let mut counts = [0_u64; 256];
    for byte in texts.flat_map(String::into_bytes) {
        counts[usize::from(byte)] += 1;
    }
    let drawn: u64 = alphabet.iter().map(|letter| counts[usize::from(*letter)]).sum();
    assert_eq!(drawn, counts.iter().sum::<u64>(), "a character that is not of the alphabet");
    let expected = drawn as f64 / alphabet.len() as f64;
    alphabet.iter().map(|letter| (counts[usize::from(*letter)] as f64 - expected).powi(2) / expected).sum()
}

/// `length` characters by the remainder of a byte each: what a generator with modulo bias draws.
fn biased(alphabet: &[u8], length: usize) -> String {
    let bytes: [u8; 22] = bytes(&OsEntropy).unwrap();
    bytes.iter().take(length).map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
}

/// 61 degrees of freedom: a uniform source exceeds it once in 10^9 runs.
const LIMIT: f64 = 145.0;

/// 9 degrees of freedom, the same.
const LIMIT_OF_DIGITS: f64 = 61.0;

#[test]
fn r13_secrets_are_uniform_over_base62() {
    let statistic = chi_square(ALPHABET, (0..CODES).map(|_| secret(&OsEntropy).unwrap()));
    assert!(statistic < LIMIT, "chi-square {statistic}");
}

#[test]
fn r13_codes_of_digits_are_uniform() {
    let statistic = chi_square(DIGITS, (0..CODES).map(|_| characters(&OsEntropy, DIGITS, 6).unwrap()));
    assert!(statistic < LIMIT_OF_DIGITS, "chi-square {statistic}");
}

#[test]
fn r13_control_the_statistic_catches_modulo_bias() {
    assert!(chi_square(ALPHABET, (0..CODES / 10).map(|_| biased(ALPHABET, 22))) > LIMIT);
    assert!(chi_square(DIGITS, (0..CODES / 10).map(|_| biased(DIGITS, 6))) > LIMIT_OF_DIGITS);
}

#[derive(Debug)]
struct Exhausted;

impl Entropy for Exhausted {
    fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
        Err(EntropyError::new("nothing left"))
    }
}

#[test]
fn a_source_that_fails_makes_no_secret() {
    assert!(secret(&Exhausted).is_err());
}
