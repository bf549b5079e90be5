#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::{KeyRing, Owner, Timestamp};

use super::{LIFE, Sessions};

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn user(name: &str) -> Owner {
    Owner::user(name).unwrap()
}

#[test]
fn session_survives_a_restart() {
    let keys = KeyRing::generate().unwrap();
    let alice = user("alice. <script>=;é");
    let cookie = Sessions::new(&keys).issue(&alice, NOW);
    assert!(cookie.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{cookie}");
    let restarted = Sessions::new(&keys.to_text().parse().unwrap());
    assert_eq!(restarted.open(&cookie, NOW), Some(alice));
}

#[test]
fn session_expires() {
    let sessions = Sessions::new(&KeyRing::generate().unwrap());
    let cookie = sessions.issue(&user("alice"), NOW);
    let end = NOW.after(LIFE);
    assert!(sessions.open(&cookie, Timestamp::from_seconds(end.as_seconds() - 1)).is_some());
    assert!(sessions.open(&cookie, end).is_none());
}

#[test]
fn forged_session_is_refused() {
    let sessions = Sessions::new(&KeyRing::generate().unwrap());
    let cookie = sessions.issue(&user("mallory"), NOW);
    let parts: Vec<&str> = cookie.split('.').collect();
    let [ends, name, mac] = parts.as_slice() else { panic!("three parts") };
    assert!(sessions.open(&format!("{ends}.{name}.{mac}"), NOW).is_some(), "control: the unchanged cookie");

    let alice = BASE64_URL_SAFE_NO_PAD.encode("alice");
    let later = ends.parse::<u64>().unwrap() + 1;
    let forged = [
        format!("{ends}.{alice}.{mac}"),
        format!("{later}.{name}.{mac}"),
        format!("{ends}.{name}.{}", &mac[..mac.len() - 2]),
        format!("{ends}.{name}."),
        format!("{ends}.{name}"),
        Sessions::new(&KeyRing::generate().unwrap()).issue(&user("alice"), NOW),
        String::new(),
    ];
    for cookie in forged {
        assert!(sessions.open(&cookie, NOW).is_none(), "{cookie}");
    }
}

#[test]
fn every_byte_of_the_cookie_matters() {
    let sessions = Sessions::new(&KeyRing::generate().unwrap());
    let cookie = sessions.issue(&user("alice"), NOW).into_bytes();
    for position in 0..cookie.len() {
        let mut changed = cookie.clone();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        assert!(sessions.open(std::str::from_utf8(&changed).unwrap(), NOW).is_none(), "position {position}");
    }
}
