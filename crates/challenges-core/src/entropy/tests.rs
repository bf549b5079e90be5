#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_precision_loss)]

use super::*;
use crate::base62::ALPHABET;

/// The chi-square statistic of the characters of `texts` against a uniform draw from base62: 61 degrees of freedom.
fn chi_square(texts: impl Iterator<Item = String>) -> f64 {
    let mut counts = [0_u64; 62];
    for text in texts {
        for byte in text.bytes() {
            counts[ALPHABET.iter().position(|letter| *letter == byte).unwrap()] += 1;
        }
    }
    let expected = counts.iter().sum::<u64>() as f64 / 62.0;
    counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum()
}

/// 61 degrees of freedom: a uniform source exceeds it once in 10^9 runs.
const LIMIT: f64 = 145.0;

#[test]
fn r13_secrets_are_uniform_over_base62() {
    let statistic = chi_square((0..50_000).map(|_| secret(&OsEntropy).unwrap()));
    assert!(statistic < LIMIT, "chi-square {statistic}");
}

#[test]
fn r13_the_statistic_catches_modulo_bias() {
    let biased = || {
        let bytes: [u8; 22] = bytes(&OsEntropy).unwrap();
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % 62])).collect()
    };
    assert!(chi_square((0..50_000).map(|_| biased())) > LIMIT);
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
