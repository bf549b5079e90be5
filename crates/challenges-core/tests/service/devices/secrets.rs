//! The secrets of a device: replaced, forged, stolen, and under old keys.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::store::Kind;
use challenges_core::{Challenges, Owner, Policy};
use proptest::prelude::*;

use super::{STOLEN, USED, check, check_as, host, listed, policy, trust};
use crate::harness::{Host, KEYS, Seen, owner};
use crate::rotation::{OLD, both, only_new, walk};

/// Restarts a host with other keys.
async fn restarted(host: &Host, keys: &str) -> Host {
    let builder = Challenges::builder(host.store.clone(), keys.parse().unwrap()).policy(policy());
    let challenges = builder.clock(host.clock.clone()).observer(host.seen.clone()).build().await.unwrap();
    Host { challenges, clock: host.clock.clone(), store: Arc::clone(&host.store), seen: Arc::clone(&host.seen) }
}

/// The cookie presented by a row of the table.
#[derive(Clone, Copy, Debug)]
enum Presented {
    Current,
    /// The cookie replaced this many checks ago.
    Replaced(usize),
    /// The id and series of the device, with a secret that never was.
    Invented,
    /// The id of the device, with the secrets of another device.
    Swapped,
    Text(&'static str),
}

/// R70: every state of the secret against every event. After a refusal the device is as before.
#[tokio::test]
async fn table_of_secrets_and_times() {
    const MONTH: u64 = 30 * 86_400_000;
    let refused = Seen::Device;
    let forged = refused("forged");
    let gone = refused("device_gone");
    let rows = [
        // checks so far, milliseconds since the last, cookie, event, devices left
        (0, 0, Presented::Current, USED, 1),
        (0, MONTH - 1, Presented::Current, USED, 1),
        (0, MONTH, Presented::Current, refused("too_old"), 0),
        (3, 40_000, Presented::Current, USED, 1),
        (1, 0, Presented::Replaced(1), USED, 1),
        (1, 30_000, Presented::Replaced(1), USED, 1),
        (1, 30_001, Presented::Replaced(1), STOLEN, 0),
        (1, MONTH - 1_000, Presented::Replaced(1), STOLEN, 0),
        (2, 0, Presented::Replaced(1), USED, 1),
        (2, 0, Presented::Replaced(2), STOLEN, 0),
        (5, 0, Presented::Replaced(5), STOLEN, 0),
        (1, 0, Presented::Invented, STOLEN, 0),
        (1, 0, Presented::Swapped, forged, 1),
        (1, 0, Presented::Text(""), forged, 1),
        (1, 0, Presented::Text("a.b.c"), forged, 1),
        (1, 0, Presented::Text("0000000000000000000000000000000000000000.series.secret"), gone, 1),
    ];
    for (checks, later, presented, expected, left) in rows {
        let host = host().await;
        let (_, cookie) = trust(&host.challenges, "alice").await;
        let bobs = trust(&host.challenges, "bob").await.1;
        let mut cookies = vec![cookie];
        for _ in 0..checks {
            cookies.push(check(&host.challenges, cookies.last().unwrap()).await.unwrap());
        }
        host.clock.advance(Duration::from_millis(later));
        let last = cookies.last().unwrap();
        let (id, _) = last.split_once('.').unwrap();
        let text = match presented {
            Presented::Current => last.clone(),
            Presented::Replaced(ago) => cookies[checks - ago].clone(),
            Presented::Invented => format!("{}.invented", last.rsplit_once('.').unwrap().0),
            Presented::Swapped => format!("{id}.{}", bobs.split_once('.').unwrap().1),
            Presented::Text(text) => text.to_owned(),
        };
        host.seen.take();
        let next = check(&host.challenges, &text).await;
        let row = format!("{checks} checks, {later} ms later, {presented:?}");
        assert_eq!(host.seen.take(), [expected], "{row}");
        assert_eq!(next.is_some(), expected == USED, "{row}");
        assert_eq!(listed(&host.challenges, "alice").await, left, "{row}");
        if matches!(presented, Presented::Replaced(1)) && expected == USED {
            assert_eq!(next.as_ref(), Some(last), "{row}: the present cookie again");
        }
        let present = next.as_ref().unwrap_or(last);
        assert_eq!(check(&host.challenges, present).await.is_some(), left == 1, "{row}: afterwards");
        let others = check_as(&host.challenges, &owner("bob"), &bobs, "login").await;
        assert_eq!(others.is_some(), later < MONTH, "{row}: control: another device stays");
    }
}

/// R70: a cookie is good for its user and the named purposes only, and a refusal leaves the device.
#[tokio::test]
async fn other_users_and_purposes_are_refused() {
    let host = host().await;
    let (_, cookie) = trust(&host.challenges, "alice").await;
    let tenant = Owner::in_tenant("acme", "alice").unwrap();
    for (owner, purpose, reason) in [
        (owner("bob"), "login", "other_owner"),
        (tenant, "login", "other_owner"),
        (owner("alice"), "transfer", "other_purpose"),
        (owner("alice"), "Login", "other_purpose"),
    ] {
        host.seen.take();
        assert_eq!(check_as(&host.challenges, &owner, &cookie, purpose).await, None);
        assert_eq!(host.seen.take(), [Seen::Device(reason)]);
    }
    assert!(check(&host.challenges, &cookie).await.is_some(), "control");
}

/// R70: thief and browser cannot both go on, whoever comes first.
#[tokio::test]
async fn copied_cookie_ends_the_device() {
    for thief_first in [true, false] {
        let host = host().await;
        let (_, stolen) = trust(&host.challenges, "alice").await;
        host.clock.advance(Duration::from_secs(3_600));
        let next = check(&host.challenges, &stolen).await.unwrap();
        host.clock.advance(Duration::from_secs(3_600));
        host.seen.take();
        assert_eq!(check(&host.challenges, &stolen).await, None, "thief first: {thief_first}");
        assert_eq!(host.seen.take(), [STOLEN]);
        assert_eq!(check(&host.challenges, &next).await, None, "the device ended for both");
        assert_eq!(host.seen.take(), [Seen::Device("device_gone")]);
    }
}

/// R70: a device without a use ends after the idle time. A use starts the time anew, up to the
/// age of the device.
#[tokio::test]
async fn unused_devices_end() {
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let too_old = Seen::Device("too_old");
    // The days between the uses, and the end of the last.
    let rows: [(&[u64], Seen, usize); _] = [
        (&[13], USED, 1),
        (&[14], too_old, 0),
        (&[13, 13], USED, 1),
        (&[1, 14], too_old, 0),
        (&[13, 13, 3], USED, 1),
        (&[13, 13, 4], too_old, 0),
    ];
    for (uses, expected, left) in rows {
        let mut policy = Policy::default();
        policy.trusted_purposes = super::policy().trusted_purposes;
        let host = Host::with_policy(policy).await;
        let (_, mut cookie) = trust(&host.challenges, "alice").await;
        for (index, wait) in uses.iter().enumerate() {
            host.clock.advance(days(*wait));
            host.seen.take();
            let next = check(&host.challenges, &cookie).await;
            let is_last = index + 1 == uses.len();
            assert_eq!(host.seen.take(), [if is_last { expected } else { USED }], "{uses:?}, use {index}");
            cookie = next.unwrap_or(cookie);
        }
        assert_eq!(listed(&host.challenges, "alice").await, left, "{uses:?}");
    }
    // A replaced secret of an idle device is too old too, and ends nothing that has not ended.
    let mut policy = super::policy();
    policy.trusted_device_idle = days(14);
    let host = Host::with_policy(policy).await;
    let (_, cookie) = trust(&host.challenges, "alice").await;
    check(&host.challenges, &cookie).await.unwrap();
    host.clock.advance(days(14));
    host.seen.take();
    assert_eq!(check(&host.challenges, &cookie).await, None);
    assert_eq!(host.seen.take(), [too_old]);
}

/// R70: a stricter policy ends devices at once; a laxer one does not extend them.
#[tokio::test]
async fn stricter_policy_ends_devices() {
    for (at_trust, now, expected) in [(30, 1, false), (1, 30, false), (30, 30, true)] {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        let mut first = policy();
        first.trusted_device_age = days(at_trust);
        let host = Host::with_policy(first).await;
        let (_, cookie) = trust(&host.challenges, "alice").await;
        host.clock.advance(days(2));
        let mut second = policy();
        second.trusted_device_age = days(now);
        let builder = Challenges::builder(host.store.clone(), KEYS.parse().unwrap()).policy(second);
        let later = builder.clock(host.clock.clone()).build().await.unwrap();
        assert_eq!(check(&later, &cookie).await.is_some(), expected, "{at_trust} days, then {now}");
    }
}

/// R70, R63: a device in use moves to the active key. A device left behind ends with the key, and no walk waits for it.
#[tokio::test]
async fn devices_in_use_survive_a_key_rotation() {
    let host = host().await;
    let (_, used) = trust(&host.challenges, "alice").await;
    let (_, unused) = trust(&host.challenges, "alice").await;
    let rotating = restarted(&host, &both()).await;
    let used = check(&rotating.challenges, &used).await.unwrap();
    rotating.clock.advance(Duration::from_secs(3 * 86_400));
    let (_, _, report) = walk(&rotating, 500).await;
    assert!(report.done, "{report:?}");
    assert!(report.still_under.contains_key(OLD), "control: one device is left behind");
    let retired = format!("{}\n~{}", only_new(), &KEYS[1..]);
    let mut cookie = used;
    for (keys, reason) in [(retired, "retired_key"), (only_new(), "unknown_key")] {
        let host = restarted(&host, &keys).await;
        cookie = check(&host.challenges, &cookie).await.unwrap();
        host.seen.take();
        assert_eq!(check(&host.challenges, &unused).await, None);
        assert_eq!(host.seen.take(), [Seen::Device(reason)]);
    }
}

/// R70, R28: neither the store nor `Debug` shows a secret of a device.
#[tokio::test]
async fn store_holds_no_secret_of_a_device() {
    let host = host().await;
    let (device, first) = trust(&host.challenges, "alice").await;
    let second = check(&host.challenges, &first).await.unwrap();
    let dump = format!("{}{device:?}{:?}", host.dump().await, host.records(Kind::TrustedDevice).await);
    assert!(dump.contains("Firefox on Linux"), "control: the dump shows the record");
    for cookie in [&first, &second] {
        let parts: Vec<_> = cookie.split('.').collect();
        assert!(parts.len() == 3 && parts[1].len() == 22 && parts[2].len() >= 22, "{parts:?}");
        assert!(dump.contains(parts[0]), "control: the id is no secret");
        assert!(!dump.contains(parts[1]) && !dump.contains(parts[2]));
    }
}

/// An event of the model.
#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    /// Presents the cookie replaced this many checks ago.
    Present(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wait = prop_oneof![0_u64..20_000, Just(30_000), Just(30_001), 0_u64..100_000].prop_map(Step::Wait);
    let present = prop_oneof![4 => Just(0), 2 => Just(1), 1 => 2_usize..4].prop_map(Step::Present);
    prop::collection::vec(prop_oneof![wait, present], 1..20)
}

proptest! {
    /// R70: in any order of events, a device is trusted exactly as a model of five lines says.
    #[test]
    fn secrets_follow_the_model(steps in steps()) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let host = host().await;
            let mut cookies = vec![trust(&host.challenges, "alice").await.1];
            let (mut since_rotation, mut ended) = (0, false);
            for step in steps {
                match step {
                    Step::Wait(milliseconds) => {
                        host.clock.advance(Duration::from_millis(milliseconds));
                        since_rotation += milliseconds;
                    }
                    Step::Present(ago) => {
                        let Some(at) = cookies.len().checked_sub(ago + 1) else { continue };
                        let next = check(&host.challenges, &cookies[at]).await;
                        let accepted = !ended && (ago == 0 || (ago == 1 && since_rotation <= 30_000));
                        prop_assert_eq!(next.is_some(), accepted);
                        ended |= !accepted;
                        match next {
                            Some(next) if ago == 0 => (cookies.push(next), since_rotation = 0).0,
                            Some(next) => prop_assert_eq!(Some(&next), cookies.last()),
                            None => {}
                        }
                    }
                }
            }
            Ok(())
        })?;
    }
}
