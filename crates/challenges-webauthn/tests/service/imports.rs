//! R75: WebAuthn credentials of other systems become enrollments.

mod peers;

use std::sync::Arc;
use std::time::Duration;

use challenges_core::import::{Imported, Row};
use challenges_core::store::Kind;
use challenges_core::webauthn::{Preference, Rejected, WebauthnEnrollment, WebauthnEnrollmentSpec};
use challenges_core::{Challenges, Error, Invalid, Store as _};
use challenges_testkit::webauthn::{Algorithm, SecurityKey};
use challenges_testkit::{Counting, Fault, Flaky, Method, Yielding, administrator};
use challenges_webauthn::Webauthn;
use serde_json::{Value, json};

use crate::harness::{Host, ORIGIN, Seen, asking, invalid, owner, passed, refused, relying_party};
use peers::{HANDLE, Old, columns};

const HOUR: Duration = Duration::from_secs(3_600);

fn row(json: Value) -> Row {
    json.try_into().unwrap()
}

/// Returns the row of a credential of the other system, with its user handle.
fn row_of(old: &Old) -> Row {
    row(json!({ "webauthn": columns(old), "rp_id": "example.org", "user_handle": HANDLE }))
}

/// Returns the row of a key with this seed.
pub(crate) fn row_of_key(seed: u64) -> Row {
    row_of(&Old::of(SecurityKey::new(seed)))
}

async fn import(host: &Host, user: &str, row: &Row) -> Result<Imported, Error> {
    host.challenges.account(&owner(user)).import(&administrator(), row).await
}

async fn stored(host: &Host, user: &str) -> Vec<WebauthnEnrollment> {
    host.challenges.webauthn().list(&owner(user), None, 500).await.unwrap()
}

async fn count(host: &Host, kind: Kind) -> usize {
    host.store.list(kind, None, None, 100).await.unwrap().len()
}

/// R75: the old key answers a challenge, whatever library stored the credential.
#[tokio::test]
async fn credentials_of_each_library_answer() {
    for (library, algorithm, json_of) in peers::ALL {
        let host = Host::new().await;
        let (old, json) = json_of(*algorithm);
        let mut key = old.key;
        let row: Row = json.to_string().parse().unwrap();
        let imported = import(&host, "ann", &row).await.unwrap();
        assert!(imported.is_new && !imported.is_weak, "{library}");
        let id = imported.enrollment.unwrap();
        let get = async || host.challenges.webauthn().get(&owner("ann"), id).await.unwrap();
        assert!(get().await.is_completed() && !get().await.is_proven(), "{library}");
        let passed = host.pass("ann", id, &mut key).await;
        assert!(matches!(passed, Ok(challenges_core::Decision::Passed(_))), "{library}: {passed:?}");
        let enrollment = get().await;
        assert!(enrollment.is_proven(), "{library}");
        assert_eq!(enrollment.credential().unwrap().sign_count, key.sign_count.unwrap(), "{library}");
        key.sign_count = Some(0);
        assert!(refused(host.pass("ann", id, &mut key).await), "negative control, a copied key: {library}");
    }
}

/// R75: a key without a counter is proven by the first use too.
#[tokio::test]
async fn key_without_counter_is_proven_by_use() {
    let host = Host::new().await;
    let mut old = Old::new(Algorithm::Es256);
    old.key.sign_count = None;
    let row = row(json!({ "webauthn": columns(&old), "rp_id": "example.org", "user_handle": HANDLE }));
    let id = import(&host, "ann", &row).await.unwrap().enrollment.unwrap();
    assert!(passed(host.pass("ann", id, &mut old.key).await));
    assert!(stored(&host, "ann").await[0].is_proven());
}

/// R75, R46: a known user handle is compared, and an unknown one is not.
#[tokio::test]
async fn user_handle_is_compared_if_known() {
    for (handle, passes) in [(json!(HANDLE), true), (Value::Null, true), (json!("b3RoZXI"), false)] {
        let host = Host::new().await;
        let mut old = Old::new(Algorithm::Es256);
        let row = row(json!({ "webauthn": columns(&old), "rp_id": "example.org", "user_handle": handle }));
        let id = import(&host, "ann", &row).await.unwrap().enrollment.unwrap();
        host.seen.take();
        assert_eq!(passed(host.pass("ann", id, &mut old.key).await), passes, "{handle}");
        let rejected = host.seen.take().contains(&Seen::Rejected(id, Rejected::UserHandle));
        assert_eq!(rejected, !passes);
        // An authenticator without room for the handle returns none.
        old.key.keeps_user_handle = false;
        assert!(passed(host.pass("ann", id, &mut old.key).await), "{handle}");
    }
}

/// R75, R46: a credential with unknown user handle still answers for its owner only.
#[tokio::test]
async fn unknown_handle_answers_for_the_owner_only() {
    let host = Host::new().await;
    let mut old = Old::new(Algorithm::Es256);
    let unknown = row(json!({ "webauthn": columns(&old), "rp_id": "example.org", "user_handle": null }));
    import(&host, "ann", &unknown).await.unwrap();
    let theirs = host.enroll("bob", &mut SecurityKey::new(9)).await;
    let id = host.challenge("bob", &[theirs]).await;
    let mut options = host.challenges.webauthn().request_options(id).await.unwrap();
    options["allowCredentials"] = json!([]);
    let answer = old.key.get(&options, ORIGIN).unwrap().sign().answer();
    assert!(refused(host.answer(id, &answer).await));
}

/// R75, R51: the requirement on user verification is that of the row.
#[tokio::test]
async fn required_verification_is_enforced() {
    for (requirement, passes) in [("required", false), ("preferred", true), ("discouraged", true)] {
        let host = Host::new().await;
        let mut old = Old::new(Algorithm::Es256);
        old.key.verifies_user = false;
        let json = json!({ "webauthn": columns(&old), "rp_id": "example.org", "user_handle": HANDLE, "user_verification": requirement });
        let id = import(&host, "ann", &row(json)).await.unwrap().enrollment.unwrap();
        assert_eq!(passed(host.pass("ann", id, &mut old.key).await), passes, "{requirement}");
    }
    let default = WebauthnEnrollmentSpec::new("example.org".parse().unwrap()).user_verification;
    assert_eq!(default, Preference::Discouraged, "control: not the default of the rows");
}

/// R75: credentials that registration would refuse are refused.
#[tokio::test]
async fn unusable_credentials_are_refused() {
    let host = Host::new().await;
    let old = Old::new(Algorithm::Es256);
    let denied = Webauthn::builder().deny_aaguids([old.key.aaguid]).build().unwrap();
    let elsewhere = relying_party("elsewhere.example");
    let foreign = Webauthn::builder().display_name(elsewhere, "Elsewhere").only_configured().build().unwrap();
    let attested = Webauthn::builder().trust_anchors(peers::anchors()).build().unwrap();
    let ok = host.challenges.clone();
    let with = |member: &str, value: Value| {
        let mut json = json!({ "webauthn": columns(&old), "rp_id": "example.org", "user_handle": HANDLE });
        json["webauthn"][member] = value;
        row(json)
    };
    let key = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut key = old.key.attested_credential().public_key.to_bytes();
        change(&mut key);
        with("public_key", json!(key))
    };
    let off_curve = key(&|key| *key.last_mut().unwrap() ^= 1);
    let trailing = key(&|key| key.push(0));
    let cut = key(&|key| key.truncate(76));
    let eddsa = row_of(&Old::new(Algorithm::EdDsa));
    let plain = row_of(&old);
    for (challenges, row, reason) in [
        (&ok, &off_curve, Invalid::Registration(Rejected::PublicKey)),
        (&ok, &trailing, Invalid::Registration(Rejected::PublicKey)),
        (&ok, &cut, Invalid::Registration(Rejected::PublicKey)),
        (&ok, &with("public_key", json!("")), Invalid::Registration(Rejected::PublicKey)),
        (&ok, &eddsa, Invalid::Registration(Rejected::Algorithm)),
        (&host.reconfigured(denied).await, &plain, Invalid::Registration(Rejected::Aaguid)),
        (&host.reconfigured(attested).await, &plain, Invalid::Registration(Rejected::UntrustedAttestation)),
        (&host.reconfigured(foreign).await, &plain, Invalid::RelyingParty),
        (&host.without_webauthn().await, &plain, Invalid::WebauthnUnavailable),
    ] {
        let ann = owner("ann");
        for result in [
            challenges.account(&ann).import_dry_run(row).await,
            challenges.account(&ann).import(&administrator(), row).await,
        ] {
            assert_eq!(invalid(result), Some(reason), "{row:?}");
        }
    }
    assert_eq!((count(&host, Kind::WebauthnEnrollment).await, count(&host, Kind::Reservation).await), (0, 0));
    assert!(import(&host, "ann", &plain).await.unwrap().is_new, "control");
}

/// R75, R48: a credential of another user, or the same id with another key, is refused.
#[tokio::test]
async fn credential_of_another_user_is_refused() {
    let host = Host::new().await;
    let old = Old::new(Algorithm::Es256);
    let row = row_of(&old);
    let first = import(&host, "ann", &row).await.unwrap();
    for result in [
        host.challenges.account(&owner("bob")).import_dry_run(&row).await,
        import(&host, "bob", &row).await,
        import(&host, "ann", &row_of(&Old { key: old.key.clone(), public_key: Old::new(Algorithm::Es384).public_key }))
            .await,
    ] {
        assert_eq!(invalid(result), Some(Invalid::CredentialTaken));
    }
    assert_eq!(stored(&host, "bob").await.len(), 0, "a refused import leaves no record");
    let again = import(&host, "ann", &row).await.unwrap();
    assert_eq!((again.is_new, again.enrollment), (false, first.enrollment));

    host.challenges.webauthn().delete(&owner("ann"), &administrator(), first.enrollment.unwrap()).await.unwrap();
    assert!(import(&host, "bob", &row).await.unwrap().is_new, "control: after the deletion");
}

/// R75: the credential of a registration here is skipped.
#[tokio::test]
async fn registered_credential_is_skipped() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let id = host.enroll("ann", &mut key).await;
    let public_key = key.attested_credential().public_key.to_bytes();
    let imported = import(&host, "ann", &row_of(&Old { key, public_key })).await.unwrap();
    assert_eq!((imported.is_new, imported.enrollment), (false, Some(id)));
    assert!(stored(&host, "ann").await[0].is_proven());
}

/// R75: a dry run gives the result and stores nothing.
#[tokio::test]
async fn dry_run_stores_nothing() {
    let host = Host::new().await;
    let (ann, row) = (owner("ann"), row_of(&Old::new(Algorithm::Es256)));
    let dry = host.challenges.account(&ann).import_dry_run(&row).await.unwrap();
    assert_eq!((dry.is_new, dry.enrollment), (true, None));
    for kind in Kind::ALL {
        assert_eq!(count(&host, kind).await, usize::from(kind == Kind::Salt), "{kind:?}");
    }
    import(&host, "ann", &row).await.unwrap();
    let dry = host.challenges.account(&ann).import_dry_run(&row).await.unwrap();
    assert_eq!(dry, import(&host, "ann", &row).await.unwrap());
    assert!(!dry.is_new);
}

/// R75: completed enrollments are capped, also by imports.
#[tokio::test]
async fn cap_of_enrollments_holds() {
    let host = Host::new().await;
    for seed in 0..8 {
        import(&host, "ann", &row_of_key(seed)).await.unwrap();
    }
    let full = import(&host, "ann", &row_of_key(8)).await;
    assert_eq!(invalid(full), Some(Invalid::TooMany { field: "enrollments", max: 8 }));
    assert_eq!(count(&host, Kind::Reservation).await, 8);
}

/// Imports a row many times at once for these users. Returns the number of new enrollments.
async fn race(challenges: &Challenges, users: &[&str], row: &Arc<Row>) -> usize {
    let mut racers = Vec::new();
    for user in users.iter().cycle().take(32).map(ToString::to_string) {
        let (challenges, row) = (challenges.clone(), row.clone());
        racers
            .push(tokio::spawn(async move { challenges.account(&owner(&user)).import(&administrator(), &row).await }));
    }
    let mut new = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(imported) => new += usize::from(imported.is_new),
            Err(error) => assert_eq!(invalid::<()>(Err(error)), Some(Invalid::CredentialTaken)),
        }
    }
    new
}

/// R75, R48: of concurrent imports of a credential one stores it, for one user or for several.
#[tokio::test]
async fn concurrent_imports_store_one_enrollment() {
    for round in 0..20 {
        for users in [&["ann"][..], &["ann", "bob", "cid"][..]] {
            let host = Host::new().await;
            let store = Counting::new(Yielding::sharing(host.store.clone()));
            let challenges = host.through(store.clone()).await;
            let row = Arc::new(row_of_key(round));
            assert_eq!(race(&challenges, users, &row).await, 1, "{users:?}");
            assert!(store.counts().conflict > 0, "control: the imports raced");
            let mut completed = 0;
            for user in users {
                completed += stored(&host, user).await.iter().filter(|one| one.is_completed()).count();
            }
            assert_eq!((completed, count(&host, Kind::Reservation).await), (1, 1), "{users:?}");
        }
    }
}

/// R75: after a crash at any commit the import of the row continues, at once and after an hour.
#[tokio::test]
async fn crashed_import_can_be_repeated() {
    for commit in 1..=3 {
        for pause in [Duration::ZERO, HOUR] {
            let host = Host::new().await;
            let old = Old::new(Algorithm::Es256);
            let row = row_of(&old);
            let store = Flaky::sharing(host.store.clone());
            let crashing = host.through(store.clone()).await;
            let mut commits = 0;
            store.fail_when(move |call| {
                commits += usize::from(call.method == Method::Commit);
                (commits >= commit).then_some(Fault::Before)
            });
            let crashed = crashing.account(&owner("ann")).import(&administrator(), &row).await;
            assert!(matches!(crashed, Err(Error::Store(_))), "{crashed:?}");
            for begun in stored(&host, "ann").await {
                assert!(!begun.is_completed() && begun.challenge().is_none() && begun.credential().is_none());
                let options = host.challenges.webauthn().creation_options(&owner("ann"), begun.id(), "ann").await;
                assert_eq!(invalid(options), Some(Invalid::EnrollmentClosed), "nothing else completes the record");
            }
            if commit == 3 {
                let theirs = import(&host, "bob", &row).await;
                assert_eq!(invalid(theirs), Some(Invalid::CredentialTaken), "reserved meanwhile");
                let pending = host.begin("bob").await;
                let registered = host.complete(&pending, &mut SecurityKey::with_algorithm(Algorithm::Es256, 1)).await;
                assert_eq!(invalid(registered), Some(Invalid::CredentialTaken), "against registration too");
                host.challenges.webauthn().delete(&owner("bob"), &administrator(), pending.id()).await.unwrap();
            }
            host.clock.advance(pause);
            let imported = import(&host, "ann", &row).await.unwrap();
            assert!(imported.is_new, "commit {commit}, {pause:?}");
            let mut key = old.key;
            assert!(passed(host.pass("ann", imported.enrollment.unwrap(), &mut key).await));
            assert_eq!(stored(&host, "ann").await.len(), 1);
            assert_eq!((count(&host, Kind::WebauthnEnrollment).await, count(&host, Kind::Reservation).await), (1, 1));
        }
    }
}

/// R75: a record that an import has begun answers nothing.
#[tokio::test]
async fn begun_import_answers_nothing() {
    let host = Host::new().await;
    let mut old = Old::new(Algorithm::Es256);
    let store = Flaky::sharing(host.store.clone());
    let crashing = host.through(store.clone()).await;
    let mut commits = 0;
    store.fail_when(move |call| {
        commits += usize::from(call.method == Method::Commit);
        (commits >= 3).then_some(Fault::Before)
    });
    assert!(crashing.account(&owner("ann")).import(&administrator(), &row_of(&old)).await.is_err());
    let begun = stored(&host, "ann").await[0].id();
    assert_eq!(invalid(host.challenges.create(owner("ann"), asking(&[begun])).await), Some(Invalid::UnknownEndpoint));
    assert!(!host.challenges.account(&owner("ann")).status().await.unwrap().has_factor());
    import(&host, "ann", &row_of(&old)).await.unwrap();
    assert!(passed(host.pass("ann", begun, &mut old.key).await), "control: after the completion");
}
