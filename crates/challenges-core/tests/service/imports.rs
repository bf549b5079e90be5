//! R75: TOTP seeds of other systems become enrollments.

use challenges_core::import::{Imported, Row};
use challenges_core::store::Kind;
use challenges_core::totp::TotpEnrollment;
use challenges_core::{ChallengeType, Error, Grant, Invalid, Refused, Secret};
use challenges_memory::MemoryStore;
use challenges_testkit::{Counting, FakeClock, Yielding, administrator};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use totp_rs::{Algorithm, Builder, Totp};

use crate::harness::{Host, START, Seen, owner, passed, refused, service};

const TOTP: ChallengeType = ChallengeType::Totp;
const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn row(json: Value) -> Row {
    json.try_into().unwrap()
}

fn plain() -> Row {
    row(json!({ "totp": { "secret": SEED } }))
}

/// Returns the old authenticator app: independent of the row.
fn app(key: &[u8], algorithm: Algorithm, digits: u8, period: u64) -> Totp {
    let builder = Builder::new().with_algorithm(algorithm).with_digits(digits).with_step_duration(period);
    builder.with_secret(key).build_noncompliant()
}

fn code(app: &Totp, host: &Host) -> String {
    app.generate(host.now().as_seconds()).to_string()
}

async fn import(host: &Host, user: &str, row: &Row) -> Result<Imported, Error> {
    host.challenges.account(&owner(user)).import(&administrator(), row).await
}

async fn pass(host: &Host, user: &str, code: &str) -> bool {
    let id = host.create(user, TOTP).await.challenge.id();
    let result = host.answer(id, TOTP, code).await;
    assert!(passed_or_refused(&result), "{result:?}");
    passed(result)
}

fn passed_or_refused<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Ok(_) | Err(Error::AnswerRefused))
}

/// R75: the old app answers a challenge, once per code, in the forms that other systems store.
#[tokio::test]
async fn app_of_the_other_system_answers() {
    let host = Host::new().await;
    let text = "nY3kq8TzWc0bVfUe2LhXrJmPa5GdSi7o";
    let uri = "otpauth://totp/Old:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA512&digits=8&period=60";
    let peers = [
        // rodauth, django-allauth, pyotp and others: base32.
        (json!({ "totp": { "secret": SEED } }), app(b"12345678901234567890", Algorithm::SHA1, 6, 30)),
        // django-otp: the columns key, digits and step.
        (
            json!({ "totp": { "secret_hex": "3132333435363738393031323334353637383930", "digits": 8, "period": 60 } }),
            app(b"12345678901234567890", Algorithm::SHA1, 8, 60),
        ),
        // better-auth: the characters of the decrypted secret are the bytes of the key.
        (
            json!({ "totp": { "secret_hex": text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>() } }),
            app(text.as_bytes(), Algorithm::SHA1, 6, 30),
        ),
        (json!({ "totp": { "secret": SEED, "algorithm": "SHA256", "digits": 7 } }), {
            app(b"12345678901234567890", Algorithm::SHA256, 7, 30)
        }),
        (json!({ "totp": uri }), app(b"123456789012345678901234567890", Algorithm::SHA512, 8, 60)),
    ];
    for (number, (json, app)) in peers.into_iter().enumerate() {
        let user = format!("user{number}");
        let imported = import(&host, &user, &row(json.clone())).await.unwrap();
        assert!(imported.is_new && !imported.is_weak, "{json}");
        let stored = async || host.challenges.totp().get(&owner(&user), imported.enrollment.unwrap()).await.unwrap();
        let enrollment = stored().await;
        assert!(enrollment.is_completed() && !enrollment.is_proven());

        let code = code(&app, &host);
        assert_eq!(usize::from(enrollment.digits()), code.len());
        assert!(pass(&host, &user, &code).await, "{json}");
        assert!(stored().await.is_proven());
        assert!(!pass(&host, &user, &code).await, "used up: {json}");
    }
}

/// R75: a code of a minute stays used up in its second half, and the next one passes.
#[tokio::test]
async fn code_of_a_minute_is_used_once() {
    let host = Host::new().await;
    host.clock.set(challenges_core::Timestamp::from_seconds(START - START % 60));
    import(&host, "ann", &row(json!({ "totp": { "secret": SEED, "period": 60 } }))).await.unwrap();
    let app = app(b"12345678901234567890", Algorithm::SHA1, 6, 60);
    let first = code(&app, &host);
    assert!(pass(&host, "ann", &first).await);
    host.next_step();
    assert_eq!(code(&app, &host), first, "control: the same code in the second half");
    assert!(!pass(&host, "ann", &first).await);
    host.next_step();
    assert!(pass(&host, "ann", &code(&app, &host)).await);
}

/// R75: answers are compared with the enrollments of their length only.
#[tokio::test]
async fn lengths_of_codes_are_kept_apart() {
    let host = Host::new().await;
    import(&host, "ann", &row(json!({ "totp": { "secret": SEED, "digits": 8 } }))).await.unwrap();
    let eight = app(b"12345678901234567890", Algorithm::SHA1, 8, 30);
    let code = code(&eight, &host);
    let id = host.create("ann", TOTP).await.challenge.id();
    host.seen.take();
    assert!(refused(host.answer(id, TOTP, &code[2..]).await), "the six digits of the same key and step");
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::NothingToCompare)]);
    let (_, six) = host.enroll("ann").await;
    assert!(passed(host.answer(id, TOTP, &code).await));
    host.next_step();
    assert!(pass(&host, "ann", &six.code(host.now())).await);
}

/// R75: the same row is skipped, and other parameters for the seed are refused.
#[tokio::test]
async fn seed_of_the_user_is_skipped() {
    let host = Host::new().await;
    let first = import(&host, "ann", &plain()).await.unwrap();
    let again = import(&host, "ann", &plain()).await.unwrap();
    assert_eq!((first.is_new, again.is_new, again.enrollment), (true, false, first.enrollment));
    let other = row(json!({ "totp": { "secret": SEED, "digits": 8 } }));
    let refused = import(&host, "ann", &other).await;
    assert!(matches!(refused, Err(Error::Invalid(Invalid::Import { field: "secret", .. }))), "{refused:?}");
    assert_eq!(host.records(Kind::TotpEnrollment).await.len(), 1);

    let theirs = import(&host, "bob", &plain()).await.unwrap();
    assert!(theirs.is_new, "control: another user");
    host.challenges.totp().delete(&owner("ann"), &administrator(), first.enrollment.unwrap()).await.unwrap();
    assert!(import(&host, "ann", &other).await.unwrap().is_new, "control: after the deletion");
}

/// R75: a dry run gives the result of the import and stores nothing.
#[tokio::test]
async fn dry_run_stores_nothing() {
    let host = Host::new().await;
    let ann = owner("ann");
    let weak = row(json!({ "totp": { "secret": "GEZDGNBVGY3TQOJQ" } }));
    let before = host.dump().await;
    let dry = host.challenges.account(&ann).import_dry_run(&weak).await.unwrap();
    assert_eq!((dry.enrollment, dry.is_new, dry.is_weak), (None, true, true));
    assert_eq!(host.dump().await, before);
    assert_eq!(host.seen.take(), [], "nothing to observe");

    let stored = import(&host, "ann", &weak).await.unwrap();
    assert!(stored.is_weak && stored.is_new);
    let before = host.dump().await;
    let dry = host.challenges.account(&ann).import_dry_run(&weak).await.unwrap();
    assert_eq!(dry, import(&host, "ann", &weak).await.unwrap());
    assert_eq!((dry.is_new, dry.enrollment), (false, stored.enrollment));
    assert_eq!(host.dump().await, before);
}

/// R75: the cap holds, pending enrollments give way, and a dry run says so.
#[tokio::test]
async fn cap_of_enrollments_holds() {
    let host = Host::new().await;
    let numbered = |number: usize| row(json!({ "totp": { "secret_hex": format!("{number:040x}") } }));
    let _ = host.challenges.totp().create(owner("ann"), &administrator()).await.unwrap();
    for number in 0..8 {
        assert!(import(&host, "ann", &numbered(number)).await.unwrap().is_new);
    }
    let all = host.challenges.totp().list(&owner("ann"), None, 500).await.unwrap();
    assert!(all.len() == 8 && all.iter().all(TotpEnrollment::is_completed));
    for result in [
        import(&host, "ann", &numbered(8)).await,
        host.challenges.account(&owner("ann")).import_dry_run(&numbered(8)).await,
    ] {
        let max = Invalid::TooMany { field: "enrollments", max: 8 };
        assert!(matches!(&result, Err(Error::Invalid(invalid)) if *invalid == max), "{result:?}");
    }
    assert!(!import(&host, "ann", &numbered(3)).await.unwrap().is_new, "a known row is skipped even at the cap");
}

/// R75: of concurrent imports of a row one stores the factor.
#[tokio::test]
async fn concurrent_imports_store_one_enrollment() {
    let store = Counting::new(Yielding::new(MemoryStore::new()));
    let clock = FakeClock::at(challenges_core::Timestamp::from_seconds(START));
    let challenges = service(store.clone(), Default::default(), clock, ()).await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let challenges = challenges.clone();
        tasks.spawn(async move { challenges.account(&owner("ann")).import(&administrator(), &plain()).await.unwrap() });
    }
    let results = tasks.join_all().await;
    assert!(store.counts().conflict > 0, "control: the imports raced");
    assert_eq!(results.iter().filter(|imported| imported.is_new).count(), 1);
    assert!(results.iter().all(|imported| imported.enrollment == results[0].enrollment));
    assert_eq!(challenges.totp().list(&owner("ann"), None, 500).await.unwrap().len(), 1);
}

/// R75: the seed is sealed like every key.
#[tokio::test]
async fn imported_seed_is_not_stored_in_clear() {
    let host = Host::new().await;
    import(&host, "ann", &row(json!({ "totp": { "secret_hex": "63616e61727963616e617279" } }))).await.unwrap();
    let dump = host.dump().await;
    for clear in ["canary", "63616e6172", "MNQW4YLSPFRWC3TBOJ4Q", "Y2FuYXJ5"] {
        assert!(!dump.contains(clear), "{clear}");
    }
}

/// R75: an imported enrollment needs no confirmation and takes none.
#[tokio::test]
async fn imported_enrollment_takes_no_confirmation() {
    let host = Host::new().await;
    let id = import(&host, "ann", &plain()).await.unwrap().enrollment.unwrap();
    let code = Secret::from(code(&app(b"12345678901234567890", Algorithm::SHA1, 6, 30), &host));
    let confirmed = host.challenges.totp().confirm(&owner("ann"), &administrator(), id, &code).await;
    assert!(matches!(confirmed, Err(Error::Invalid(Invalid::EnrollmentClosed))), "{confirmed:?}");
    assert!(pass(&host, "ann", code.expose()).await, "control: the code is not used up");
}

/// R67: a user does not import factors.
/// An import of the first factor ends earlier recovery codes, and is observed. With another factor, codes stay.
#[tokio::test]
async fn codes_ended_by_an_import_are_observed() {
    for has_factor in [false, true] {
        let host = Host::new().await;
        if has_factor {
            host.enroll("alice").await;
        }
        host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
        host.next_step();
        host.seen.take();
        for _ in 0..2 {
            import(&host, "alice", &plain()).await.unwrap();
        }
        let ended = host.seen.take().into_iter().filter(|seen| *seen == Seen::RecoveryCodesChanged(0)).count();
        let left = host.challenges.recovery_codes().left(&owner("alice")).await.unwrap();
        assert_eq!((ended, left), if has_factor { (0, 10) } else { (1, 0) });
    }
}

#[tokio::test]
async fn only_administrators_import() {
    let host = Host::new().await;
    let (ann, row) = (owner("ann"), plain());
    let refused = host.challenges.account(&ann).import(&Grant::first_factor(), &row).await;
    assert!(matches!(refused, Err(Error::Invalid(Invalid::AdministratorOnly))), "{refused:?}");
    assert!(host.challenges.totp().list(&ann, None, 10).await.unwrap().is_empty());
    assert!(import(&host, "ann", &row).await.unwrap().is_new, "control");
}
