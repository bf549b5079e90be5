//! Ciphers for sealing a short secret, and the cost of random bytes.
//!
//! Usage: `cargo run --release -p challenges-benches --bin seal`. To measure processors without AES instructions, set
//! `RUSTFLAGS='--cfg aes_backend="soft" --cfg polyval_backend="soft"'` and another `CARGO_TARGET_DIR`. The portable
//! backend of Poly1305 is `poly1305_backend="soft"`.
//!
//! Every cipher seals 44 bytes, bound to 96 bytes of associated data, under a nonce of 24 bytes. Drawing the nonce is
//! measured apart, because every cipher needs the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use aws_lc_rs::aead::{
    AES_256_GCM, AES_256_GCM_SIV, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use challenges_core::entropy::{Entropy, OsEntropy};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner};
use challenges_memory::MemoryStore;
use futures::executor::block_on;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::{AeadInOut as _, KeyInit as _};
use xaes_256_gcm::aes::Aes256;
use xaes_256_gcm::aes::cipher::BlockCipherEncrypt as _;

const KEY: [u8; 32] = [1; 32];
const TEXT: &[u8; 44] = b"{\"token\":\"0123456789abcdef0123456789abcdef\"}";
const PLACE: [u8; 96] = [7; 96];
const RUNS: usize = 7;
const SEALS: u32 = 100_000;

fn main() {
    let text = b"XAES-256-GCM";
    let vector = XaesWithAwsLc::new(KEY).seal(b"ABCDEFGHIJKLMNOPQRSTUVWX", text, b"");
    assert_eq!(hex::encode(vector), "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
    let (nonce, chacha, xaes) = ([9; 24], XChaCha20Poly1305::new(&KEY.into()), Xaes256Gcm::new(&KEY.into()));
    let xaes_with_aws_lc = XaesWithAwsLc::new(KEY);
    assert_eq!(xchacha_with_aws_lc(&nonce, TEXT, &PLACE), xchacha(&chacha, &nonce, TEXT, &PLACE));
    assert_eq!(xaes_with_aws_lc.seal(&nonce, TEXT, &PLACE), seal(&xaes, &nonce, TEXT, &PLACE));

    println!("{:<58} {:>9} {:>16}", "seal 44 bytes, nonce of 24 bytes", "median ns", "range ns");
    row("XAES-256-GCM, xaes-256-gcm: the cipher of the library", |nonce| {
        drop(black_box(seal(&xaes, nonce, TEXT, &PLACE)));
    });
    row("XAES-256-GCM, aes and aws-lc-rs", |nonce| drop(black_box(xaes_with_aws_lc.seal(nonce, TEXT, &PLACE))));
    row("XChaCha20-Poly1305, chacha20poly1305", |nonce| drop(black_box(xchacha(&chacha, nonce, TEXT, &PLACE))));
    row("XChaCha20-Poly1305, HChaCha20 and aws-lc-rs", |nonce| {
        drop(black_box(xchacha_with_aws_lc(nonce, TEXT, &PLACE)));
    });
    let gcm = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &KEY).unwrap());
    row("for comparison: AES-256-GCM, 12 bytes, aws-lc-rs", |nonce| {
        drop(black_box(with(&gcm, &nonce[12..], TEXT, &PLACE)))
    });
    let siv = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &KEY).unwrap());
    row("for comparison: AES-256-GCM-SIV, 12 bytes, aws-lc-rs", |nonce| {
        drop(black_box(with(&siv, &nonce[12..], TEXT, &PLACE)));
    });

    println!("\n{:<58} {:>9} {:>16}", "random bytes of the operating system", "median ns", "range ns");
    row("one draw of 24 bytes", |_| draw::<24>());
    row("one draw of 128 bytes", |_| draw::<128>());
    row("four draws of 32 bytes", |_| (0..4).for_each(|_| draw::<32>()));

    let [created, answered] = block_on(draws());
    println!("\ndraws (bytes) of a creation: {created:?}, of an answer by code: {answered:?}");
}

/// Prints the nanoseconds of a call, the median of the runs and their range.
fn row(name: &str, mut work: impl FnMut(&[u8; 24])) {
    let mut nonce = [9; 24];
    let mut run = |count: u32| {
        let start = Instant::now();
        for number in 0..count {
            nonce[..4].copy_from_slice(&number.to_le_bytes());
            work(black_box(&nonce));
        }
        start.elapsed().as_nanos() as f64 / f64::from(count)
    };
    run(SEALS / 10);
    let mut runs: Vec<f64> = (0..RUNS).map(|_| run(SEALS)).collect();
    runs.sort_by(f64::total_cmp);
    println!("{name:<58} {:>9.0} {:>16}", runs[RUNS / 2], format!("{:.0}–{:.0}", runs[0], runs[RUNS - 1]));
}

fn xchacha(cipher: &XChaCha20Poly1305, nonce: &[u8; 24], text: &[u8], place: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(text.len() + 16);
    sealed.extend_from_slice(text);
    let tag = cipher.encrypt_inout_detached(&XNonce::from(*nonce), place, sealed.as_mut_slice().into()).unwrap();
    sealed.extend_from_slice(&tag);
    sealed
}

/// XChaCha20-Poly1305 by its definition: ChaCha20-Poly1305 under a key derived from the first 16 bytes of the nonce.
fn xchacha_with_aws_lc(nonce: &[u8; 24], text: &[u8], place: &[u8]) -> Vec<u8> {
    let first: [u8; 16] = nonce[..16].try_into().unwrap();
    let key = chacha20::hchacha::<chacha20::R20>(&KEY.into(), &first.into());
    let mut rest = [0; 12];
    rest[4..].copy_from_slice(&nonce[16..]);
    with(&key_of(&CHACHA20_POLY1305, &key), &rest, text, place)
}

fn seal(cipher: &Xaes256Gcm, nonce: &[u8; 24], text: &[u8], place: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(text.len() + 16);
    sealed.extend_from_slice(text);
    let tag = cipher.encrypt_inout_detached(&(*nonce).into(), place, sealed.as_mut_slice().into()).unwrap();
    sealed.extend_from_slice(&tag);
    sealed
}

/// XAES-256-GCM (C2SP): AES-256-GCM under a key that AES-256-CMAC derives from the first 12 bytes of the nonce.
struct XaesWithAwsLc {
    cipher: Aes256,
    /// The first subkey of CMAC.
    subkey: u128,
}

impl XaesWithAwsLc {
    fn new(key: [u8; 32]) -> Self {
        let cipher = Aes256::new(&key.into());
        let mut block = [0; 16].into();
        cipher.encrypt_block(&mut block);
        let first = u128::from_be_bytes(block.into());
        let subkey = (first << 1) ^ ((first >> 127) * 0x87);
        Self { cipher, subkey }
    }

    fn derived(&self, nonce: &[u8; 24]) -> [u8; 32] {
        let mut key = [0; 32];
        for (half, number) in key.chunks_exact_mut(16).zip(1_u8..) {
            let mut block = [0; 16];
            block[..4].copy_from_slice(&[0, number, b'X', 0]);
            block[4..].copy_from_slice(&nonce[..12]);
            let mut block = (u128::from_be_bytes(block) ^ self.subkey).to_be_bytes().into();
            self.cipher.encrypt_block(&mut block);
            half.copy_from_slice(&block);
        }
        key
    }

    fn seal(&self, nonce: &[u8; 24], text: &[u8], place: &[u8]) -> Vec<u8> {
        with(&key_of(&AES_256_GCM, &self.derived(nonce)), &nonce[12..], text, place)
    }
}

fn key_of(algorithm: &'static Algorithm, key: &[u8]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap())
}

fn with(key: &LessSafeKey, nonce: &[u8], text: &[u8], place: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(text.len() + 16);
    sealed.extend_from_slice(text);
    let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
    key.seal_in_place_append_tag(nonce, Aad::from(place), &mut sealed).unwrap();
    sealed
}

fn draw<const N: usize>() {
    let mut bytes = [0; N];
    OsEntropy.fill(&mut bytes).unwrap();
    black_box(bytes);
}

/// Counts draws, and the bytes of all draws.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<(AtomicUsize, AtomicUsize)>);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        self.0.0.fetch_add(1, Ordering::Relaxed);
        self.0.1.fetch_add(bytes.len(), Ordering::Relaxed);
        OsEntropy.fill(bytes)
    }
}

impl Counted {
    fn take(&self) -> (usize, usize) {
        (self.0.0.swap(0, Ordering::Relaxed), self.0.1.swap(0, Ordering::Relaxed))
    }
}

/// Returns the draws of a creation and of an answer.
async fn draws() -> [(usize, usize); 2] {
    let counted = Counted::default();
    let builder = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).entropy(counted.clone());
    let challenges = builder.build().await.unwrap();
    counted.take();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let created = challenges.create(Owner::user("ada").unwrap(), spec).await.unwrap();
    let of_creation = counted.take();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
    [of_creation, counted.take()]
}
