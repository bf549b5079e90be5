#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use xaes_256_gcm::aead::{Aead as _, KeyInit as _, Payload};
use xaes_256_gcm::{Nonce, Xaes256Gcm};

use super::*;
use crate::entropy::OsEntropy;
use crate::error::Invalid;
use crate::id::Id;
use crate::owner::Owner;
use crate::store::{Key, Kind, Record, Stored};
use crate::time::Timestamp;

fn ring(id: &str, byte: u8) -> KeyRing {
    KeyRing::new(id, [byte; 32]).unwrap()
}

fn id(random: u128) -> Id {
    Id::new(Timestamp::from_millis(5), 7, random)
}

fn place(owner: &Owner) -> Place<'_> {
    Place { kind: Kind::Challenge, id: id(1), owner, field: "code" }
}

/// Returns every way to move a value away from [`place`].
fn elsewhere<'a>(here: Place<'a>, other_user: &'a Owner, other_tenant: &'a Owner) -> [Place<'a>; 5] {
    [
        Place { kind: Kind::TotpEnrollment, ..here },
        Place { id: id(2), ..here },
        Place { owner: other_user, ..here },
        Place { owner: other_tenant, ..here },
        here.field("link"),
    ]
}

/// Counts the foreign places in which a sealed value opens.
fn opens_elsewhere<S>(seal: impl Fn(Place<'_>) -> S, open: impl Fn(Place<'_>, &S) -> Option<Vec<u8>>) -> usize {
    let owner = Owner::user("ab").unwrap();
    let (other, tenant) = (Owner::user("a").unwrap(), Owner::in_tenant("a", "b").unwrap());
    let sealed = seal(place(&owner));
    assert_eq!(open(place(&owner), &sealed).unwrap(), b"canary");
    elsewhere(place(&owner), &other, &tenant).into_iter().filter(|moved| open(*moved, &sealed).is_some()).count()
}

#[test]
fn r28_sealed_value_opens_in_its_place_alone() {
    let ring = ring("k1", 1);
    let seal = |place: Place<'_>| ring.seal(&OsEntropy, place, b"canary").unwrap();
    let open = |place: Place<'_>, sealed: &Sealed| match ring.open(place, sealed) {
        Ok(plain) => Some(plain.to_vec()),
        Err(error) => {
            assert_eq!(error, SealError::Forged);
            None
        }
    };
    assert_eq!(opens_elsewhere(seal, open), 0);
}

/// The control: the same key and cipher, without the place as associated data.
#[test]
fn r28_control_values_without_place_open_everywhere() {
    let ring = ring("k1", 1);
    let cipher = &ring.active_key().cipher;
    let nonce = Nonce::from([7; 24]);
    let seal = |_: Place<'_>| cipher.encrypt(&nonce, &b"canary"[..]).unwrap();
    let open = |_: Place<'_>, sealed: &Vec<u8>| cipher.decrypt(&nonce, &sealed[..]).ok();
    assert_eq!(opens_elsewhere(seal, open), 5);
}

#[test]
fn r28_every_flipped_bit_is_detected() {
    let owner = Owner::user("alice").unwrap();
    let ring = ring("k1", 1);
    let sealed = ring.seal(&OsEntropy, place(&owner), b"canary").unwrap();
    let text = serde_json::to_value(&sealed).unwrap().as_str().unwrap().to_owned();
    assert!(!text.contains("canary"));
    for index in 0..text.len() {
        for bit in 0..7 {
            let mut bytes = text.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let changed: Sealed = serde_json::from_value(changed.into()).unwrap();
            assert!(ring.open(place(&owner), &changed).is_err(), "bit {bit} of character {index}");
        }
    }
}

/// The vectors of <https://c2sp.org/XAES-256-GCM>. The two keys take both branches of the derivation of the subkey.
#[test]
fn cipher_agrees_with_the_published_vectors() {
    let vectors = [
        ([1; 32], "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        ([3; 32], "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
    ];
    let nonce = Nonce::from(*b"ABCDEFGHIJKLMNOPQRSTUVWX");
    for (key, aad, sealed) in vectors {
        let payload = Payload { msg: b"XAES-256-GCM", aad: aad.as_bytes() };
        let bytes = Xaes256Gcm::new(&key.into()).encrypt(&nonce, payload).unwrap();
        assert_eq!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), sealed);
    }
}

#[test]
fn equal_texts_seal_differently() {
    let owner = Owner::user("alice").unwrap();
    let ring = ring("k1", 1);
    let seal = || ring.seal(&OsEntropy, place(&owner), b"same").unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn r30_mac_depends_on_key_and_place() {
    let owner = Owner::user("ab").unwrap();
    let (other, tenant) = (Owner::user("a").unwrap(), Owner::in_tenant("a", "b").unwrap());
    let first = ring("k1", 1);
    let mac = first.mac(place(&owner), "123456");
    assert!(first.verify(place(&owner), &mac, "123456").unwrap());
    assert!(!first.verify(place(&owner), &mac, "123457").unwrap());
    assert!(!ring("k1", 2).verify(place(&owner), &mac, "123456").unwrap(), "another key of the same id");
    for moved in elsewhere(place(&owner), &other, &tenant) {
        assert!(!first.verify(moved, &mac, "123456").unwrap(), "{moved:?}");
    }
}

#[test]
fn mac_separates_field_and_secret() {
    let owner = Owner::user("alice").unwrap();
    let ring = ring("k1", 1);
    let mac = ring.mac(place(&owner).field("ab"), "c");
    assert!(!ring.verify(place(&owner).field("a"), &mac, "bc").unwrap());
}

#[test]
fn r29_accepted_key_opens_and_unknown_key_fails() {
    let (owner, old) = (Owner::user("alice").unwrap(), "old".to_owned());
    let sealed = ring("old", 1).seal(&OsEntropy, place(&owner), b"text").unwrap();
    let mac = ring("old", 1).mac(place(&owner), "code");
    let both = ring("new", 2).with_key("old", [1; 32]).unwrap();
    assert_eq!(*both.open(place(&owner), &sealed).unwrap(), b"text");
    assert!(both.verify(place(&owner), &mac, "code").unwrap());
    assert_eq!(ring("new", 2).open(place(&owner), &sealed).unwrap_err(), SealError::UnknownKey(old.clone()));
    assert_eq!(ring("new", 2).verify(place(&owner), &mac, "code"), Err(SealError::UnknownKey(old)));
    let resealed = both.seal(&OsEntropy, place(&owner), b"text").unwrap();
    assert!(ring("new", 2).open(place(&owner), &resealed).is_ok(), "the active key seals");
}

/// R63: a retired key opens data, and proves no code and no token.
#[test]
fn retired_key_opens_data_and_proves_nothing() {
    let owner = Owner::user("alice").unwrap();
    let (old, old_key) = (|| "old".to_owned(), || [1; 32]);
    let sealed = ring("old", 1).seal(&OsEntropy, place(&owner), b"text").unwrap();
    let mac = ring("old", 1).mac(place(&owner), "code");
    let accepted = ring("new", 2).with_key("old", old_key()).unwrap();
    let retired = ring("new", 2).with_retired_key("old", old_key()).unwrap();
    for ring in [&accepted, &retired] {
        assert_eq!(*ring.open(place(&owner), &sealed).unwrap(), b"text");
    }
    assert!(accepted.verify(place(&owner), &mac, "code").unwrap(), "control: an accepted key proves");
    assert!(accepted.open_token(place(&owner), &sealed).is_ok(), "control: an accepted key proves");
    assert_eq!(retired.verify(place(&owner), &mac, "code"), Err(SealError::RetiredKey(old())));
    assert!(!retired.is_fingerprint(place(&owner), &mac, "code").unwrap());
    assert_eq!(retired.open_token(place(&owner), &sealed).unwrap_err(), SealError::RetiredKey(old()));
}

#[test]
fn ring_text_keeps_the_state_of_each_key() {
    let ring = ring("k3", 9).with_key("k2", [8; 32]).unwrap();
    let ring = ring.with_retired_key("k1", [7; 32]).unwrap();
    let read: KeyRing = ring.to_text().parse().unwrap();
    assert_eq!(read.to_text(), ring.to_text());
    assert_eq!(format!("{read:?}"), format!("{ring:?}"));
    assert!(format!("{read:?}").contains(r#"accepted: ["k2"], retired: ["k1"]"#), "{read:?}");
}

#[test]
fn comments_of_a_ring_hide_their_whole_line() {
    let key = "A".repeat(43);
    let ring: KeyRing = format!("# old key, see the wiki; k9:{key}\n#~k1:{key},k0:{key}\n*k2:{key}").parse().unwrap();
    assert_eq!(ring.to_text().lines().collect::<Vec<_>>(), [format!("*k2:{key}")]);
}

#[test]
fn ring_text_from_an_environment_variable_is_read() {
    let text = ring("k2", 0xfb).with_key("k1", [8; 32]).unwrap().to_text();
    let hex = format!("*k2:{}\nk1:{}", "fb".repeat(32), "08".repeat(32));
    let standard = text.replace('-', "+").replace('_', "/");
    let padded: Vec<_> = text.lines().map(|line| format!("{line}=")).collect();
    for form in [hex, standard, padded.join("\n")] {
        for separator in ["\n", "\r\n", "\\n", "\\r\\n", ",", ";", " ; "] {
            let form = form.trim_end().replace('\n', separator);
            for form in [format!("\"{form}\""), format!("'{form}'\n"), format!("\u{feff}{form}"), form] {
                assert_eq!(form.parse::<KeyRing>().map(|ring| ring.to_text()), Ok(text.clone()), "{form}");
            }
        }
    }
}

#[test]
fn ring_text_round_trips() {
    let owner = Owner::user("alice").unwrap();
    let first = ring("k2", 9).with_key("k1", [8; 32]).unwrap();
    let second: KeyRing = format!("# keys\n\n{}", first.to_text().as_str()).parse().unwrap();
    assert_eq!(second.active(), "k2");
    let sealed = first.seal(&OsEntropy, place(&owner), b"text").unwrap();
    assert!(second.open(place(&owner), &sealed).is_ok());
}

#[test]
fn malformed_ring_is_refused_with_its_key() {
    let key = "A".repeat(43);
    let cases = [
        (String::new(), Invalid::ActiveKey),
        (format!("k1:{key}"), Invalid::ActiveKey),
        (format!("*k1:{key}\n*k2:{key}"), Invalid::ActiveKey),
        (format!("*k1:{key}\nk1:{key}"), Invalid::RepeatedKeyId),
        (format!("*k2:{key}\n~k1:{key}"), Invalid::RepeatedKey),
        (format!("*k1:{key}\nk2:{}", "A".repeat(42)), Invalid::KeyText(2)),
        ("*k1".to_owned(), Invalid::KeyText(1)),
        (format!("*k 1:{key}"), Invalid::KeyId),
    ];
    for (text, error) in cases {
        assert_eq!(text.parse::<KeyRing>().unwrap_err(), error, "{text}");
    }
}

fn tagged(ring: &KeyRing, salt: &[u8; 32], body: &'static str) -> Stored {
    let (due, expires) = (Some(Timestamp::from_millis(6)), Some(Timestamp::from_millis(7)));
    let record = Record { key: Key::new(Kind::Counters, id(1)), due, expires, body: body.into() };
    let version = [4; 16];
    Stored { record: ring.record_tags(salt).tagged(record, version), version }
}

/// R61: each bit of a stored body counts, and so do the store and the ring. Control: the record as written verifies.
#[test]
fn record_verifies_only_as_written() {
    const SALT: [u8; 32] = [8; 32];
    let ring = ring("k1", 1);
    let tags = ring.record_tags(&SALT);
    let written = tagged(&ring, &SALT, r#"{"v":1,"failures":{"totp":7}}"#);
    let (read, state) = tags.checked(written.clone());
    assert_eq!((&*read.record.body, state), (&br#"{"v":1,"failures":{"totp":7}}"#[..], TagState::Current));
    for at in 0..written.record.body.len() {
        for bit in 0..8 {
            let mut body = written.record.body.to_vec();
            body[at] ^= 1 << bit;
            let edited = Stored { record: Record { body: body.into(), ..written.record.clone() }, ..written.clone() };
            let (read, state) = tags.checked(edited);
            assert!(
                state == TagState::Untrusted && untrusted::reason(&read.record.body).is_some(),
                "bit {bit} of {at}"
            );
        }
    }
    for other in [self::ring("k1", 2).record_tags(&SALT), self::ring("k1", 1).record_tags(&[9; 32])] {
        assert_eq!(other.checked(written.clone()).1, TagState::Untrusted);
    }
}

/// R61: a key other than the active one makes no tag, and the walk finds the tags of such keys.
#[test]
fn tags_under_other_keys_are_outdated() {
    const SALT: [u8; 32] = [8; 32];
    let written = tagged(&ring("k1", 1), &SALT, "{}");
    let (id, master) = ("k1", || [1; 32]);
    let accepted = ring("k2", 2).with_key(id, master()).unwrap();
    let retired = ring("k2", 2).with_retired_key(id, master()).unwrap();
    for both in [accepted, retired] {
        assert_eq!(both.record_tags(&SALT).checked(written.clone()).1, TagState::Outdated);
        let again = tagged(&both, &SALT, "{}");
        assert_eq!(ring("k2", 2).record_tags(&SALT).checked(again).1, TagState::Current);
    }
    let (missing, state) = ring("k2", 2).record_tags(&SALT).checked(written);
    assert_eq!(state, TagState::Untrusted);
    assert_eq!(untrusted::reason(&missing.record.body), Some(SealError::UnknownKey(id.to_owned())));
}
