#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_precision_loss, clippy::panic)]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

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

/// Counts upwards, byte by byte, and counts the draws.
#[derive(Clone, Debug, Default)]
struct Counting(Arc<(AtomicU8, AtomicUsize)>);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.0.1.fetch_add(1, Ordering::Relaxed);
        bytes.iter_mut().for_each(|byte| *byte = self.0.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

#[test]
fn decision_draws_once_and_repeats_no_byte() {
    let counting = Counting::default();
    let pooled = Pooled(Box::new(counting.clone()));
    let draws = || counting.0.1.swap(0, Ordering::Relaxed);
    let four = || -> Vec<u8> {
        let (id, nonce) = (bytes::<16>(&pooled).unwrap(), bytes::<24>(&pooled).unwrap());
        let (code, version) = (bytes::<32>(&pooled).unwrap(), bytes::<16>(&pooled).unwrap());
        [&id[..], &nonce, &code, &version].concat()
    };
    let first = in_one_draw(four);
    assert_eq!((first, draws()), ((0..88).collect(), 1));
    // The bytes left over are not served to the next decision.
    assert_eq!((in_one_draw(|| bytes::<1>(&pooled).unwrap()), draws()), ([96], 1));
    four();
    assert_eq!(draws(), 4, "control: outside of a decision, each request is a draw");
}

#[test]
fn pool_draws_again_when_used_up() {
    let counting = Counting::default();
    let pooled = Pooled(Box::new(counting.clone()));
    let drawn = in_one_draw(|| {
        let (first, second) = (bytes::<60>(&pooled).unwrap(), bytes::<60>(&pooled).unwrap());
        let larger = bytes::<100>(&pooled).unwrap();
        (first[0], second[0], larger[0])
    });
    // 96 and 96 bytes for the pool, then 100 directly.
    assert_eq!((drawn, counting.0.1.load(Ordering::Relaxed)), ((0, 96, 192), 3));
}

#[test]
fn pool_ends_with_a_panicking_decision() {
    let pooled = Pooled(Box::new(Counting::default()));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        in_one_draw(|| {
            let _ = bytes::<1>(&pooled);
            panic!("a decision fails");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(bytes::<1>(&pooled).unwrap(), [96], "drawn anew");
}

#[test]
fn failed_draw_serves_no_byte() {
    let pooled = Pooled(Box::new(Exhausted));
    in_one_draw(|| {
        assert!(bytes::<1>(&pooled).is_err());
        assert!(bytes::<1>(&pooled).is_err(), "not even at the second request");
    });
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
