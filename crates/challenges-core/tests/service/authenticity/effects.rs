//! The edits of a database writer that used to pass factors.

use challenges_core::keyring::SealError;
use challenges_core::store::{Key, Kind, Record, Stored};
use challenges_core::{ChallengeType, Error, Factor, Policy, Store as _};

use crate::harness::{Host, Seen, owner, passed, refused};
use crate::tagging::{content, replace, rewrite};

const TOTP: ChallengeType = ChallengeType::Totp;
const CODE: ChallengeType = ChallengeType::Code;

async fn only(host: &Host, kind: Kind) -> Stored {
    let mut page = host.store.list(kind, None, None, 2).await.unwrap();
    assert_eq!(page.len(), 1);
    page.remove(0)
}

fn is_forged<T: std::fmt::Debug>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Seal(SealError::ForgedRecord)))
}

/// Puts a content into a record, with the tag at hand.
async fn edit(host: &Host, stored: &Stored, body: &[u8], version: u8) {
    let record = Record { body: body.to_vec().into(), ..stored.record.clone() };
    replace(&*host.store, Some(stored.version), record, [version; 16]).await;
}

fn saw_untrusted(host: &Host, key: Key) -> bool {
    host.seen.take().contains(&Seen::Untrusted(key))
}

/// R61: a used TOTP code stays used. Control: with a right tag the code passes again; and so it does when the whole old
/// record is restored, as the threat model says.
#[tokio::test]
async fn reset_totp_mark_does_not_replay_a_code() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let unused = only(&host, Kind::TotpEnrollment).await;
    let code = app.code(host.now());
    let mut challenges = Vec::new();
    for _ in 0..5 {
        challenges.push(host.create("alice", TOTP).await.challenge.id());
    }
    let [first, second, third, fourth, fifth] = challenges[..] else { panic!("five challenges") };
    assert!(passed(host.answer(first, TOTP, &code).await));
    assert!(refused(host.answer(second, TOTP, &code).await), "control: the code is used");
    host.seen.take();

    let used = only(&host, Kind::TotpEnrollment).await;
    assert_ne!(content(&used.record.body), content(&unused.record.body));
    edit(&host, &used, &unused.record.body, 1).await;
    let answer = host.answer(third, TOTP, &code).await;
    assert!(is_forged(&answer), "{answer:?}");
    assert!(saw_untrusted(&host, used.record.key));

    let forged = only(&host, Kind::TotpEnrollment).await;
    rewrite(&*host.store, &forged, content(&unused.record.body), [2; 16]).await;
    assert!(passed(host.answer(fourth, TOTP, &code).await), "control: the edit takes effect with a right tag");

    let used = only(&host, Kind::TotpEnrollment).await;
    replace(&*host.store, Some(used.version), unused.record, unused.version).await;
    assert!(passed(host.answer(fifth, TOTP, &code).await), "a restored record is not detected");
}

/// R61: failures stay counted. Control: with a right tag they are gone.
#[tokio::test]
async fn emptied_failure_counts_are_refused() {
    let mut policy = Policy::default();
    policy.code_digits = Some(6);
    let host = Host::with_policy(policy).await;
    let created = host.create("alice", CODE).await;
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let none = only(&host, Kind::Counters).await;
    let mut guesses = (0..).map(|number| format!("{number:06}")).filter(|guess| guess != code.expose());
    for guess in guesses.by_ref().take(3) {
        assert!(refused(host.answer(id, CODE, &guess).await));
    }
    let alice = owner("alice");
    let failures = || host.challenges.account(&alice).failures(Factor::Code);
    assert_eq!(failures().await.unwrap(), 3);
    host.seen.take();

    let counted = only(&host, Kind::Counters).await;
    edit(&host, &counted, &none.record.body, 1).await;
    assert!(is_forged(&failures().await) && saw_untrusted(&host, counted.record.key));
    assert!(
        is_forged(&host.answer(id, CODE, &guesses.next().unwrap()).await),
        "no guess while the counts are unreadable"
    );

    let forged = only(&host, Kind::Counters).await;
    rewrite(&*host.store, &forged, content(&none.record.body), [2; 16]).await;
    assert_eq!(failures().await.unwrap(), 0, "control: the edit takes effect with a right tag");
}

/// R61: a challenge keeps types, page and owner. Control: with a right tag each edit takes effect.
#[tokio::test]
async fn edited_challenge_cannot_be_used() {
    for (from, to) in [(r#""user":"alice""#, r#""user":"mallory""#), (r#""code""#, r#""totp""#)] {
        let host = Host::new().await;
        let created = host.create("alice", CODE).await;
        let id = created.challenge.id();
        let stored = only(&host, Kind::Challenge).await;
        let body = String::from_utf8(stored.record.body.to_vec()).unwrap();
        assert!(body.contains(from), "{body}");
        let forged = body.replacen(from, to, 1);
        edit(&host, &stored, forged.as_bytes(), 1).await;
        assert!(is_forged(&host.challenges.get(id).await));
        assert!(is_forged(&host.answer(id, CODE, created.code.unwrap().expose()).await));
        assert!(is_forged(&host.challenges.list(&owner("alice"), None, 10).await));
        assert!(saw_untrusted(&host, stored.record.key));

        let stored = only(&host, Kind::Challenge).await;
        rewrite(&*host.store, &stored, content(forged.as_bytes()), [2; 16]).await;
        let read = host.challenges.get(id).await;
        assert!(!is_forged(&read), "control: {read:?}");
    }
}
