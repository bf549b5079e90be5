#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_precision_loss)]

use std::io;

use super::*;
use crate::base62::ALPHABET;

const CODES: usize = 1_000_000;
const DIGITS: &[u8] = b"0123456789";

/// Returns the chi-square statistic of the characters of `texts` against a uniform draw from an alphabet.
fn chi_square(alphabet: &[u8], texts: impl Iterator<Item = String>) -> f64 {
    let mut counts = [0_u64; 256];
    for byte in texts.flat_map(String::into_bytes) {
        counts[usize::from(byte)] += 1;
    }
    let drawn: u64 = alphabet.iter().map(|letter| counts[usize::from(*letter)]).sum();
    assert_eq!(drawn, counts.iter().sum::<u64>(), "a character outside of the alphabet");
    let expected = drawn as f64 / alphabet.len() as f64;
    alphabet.iter().map(|letter| (counts[usize::from(*letter)] as f64 - expected).powi(2) / expected).sum()
}

/// Draws `length` characters as a generator with modulo bias does: the remainder of a byte each.
fn biased(alphabet: &[u8], length: usize) -> String {
    let bytes: [u8; 22] = bytes(&OsEntropy).unwrap();
    bytes.iter().take(length).map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
}

/// The limit for 61 degrees of freedom. A uniform source exceeds the limit once in 10^9 runs.
const LIMIT: f64 = 145.0;

/// The same limit for 9 degrees of freedom.
const DIGITS_LIMIT: f64 = 61.0;

#[test]
fn r13_secrets_are_uniform_over_base62() {
    let statistic = chi_square(ALPHABET, (0..CODES).map(|_| secret(&OsEntropy).unwrap()));
    assert!(statistic < LIMIT, "chi-square {statistic}");
}

#[test]
fn r13_digit_codes_are_uniform() {
    let statistic = chi_square(DIGITS, (0..CODES).map(|_| characters(&OsEntropy, DIGITS, 6).unwrap()));
    assert!(statistic < DIGITS_LIMIT, "chi-square {statistic}");
}

#[test]
fn r13_control_statistic_catches_modulo_bias() {
    assert!(chi_square(ALPHABET, (0..CODES / 10).map(|_| biased(ALPHABET, 22))) > LIMIT);
    assert!(chi_square(DIGITS, (0..CODES / 10).map(|_| biased(DIGITS, 6))) > DIGITS_LIMIT);
}

#[derive(Debug)]
struct Exhausted;

impl Entropy for Exhausted {
    fn fill(&self, _: &mut [u8]) -> io::Result<()> {
        Err(io::Error::other("exhausted"))
    }
}

#[test]
fn failing_source_makes_no_secret() {
    assert!(secret(&Exhausted).is_err());
}
