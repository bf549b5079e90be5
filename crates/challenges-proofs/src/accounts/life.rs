use std::sync::Arc;

use challenges_core::import::Row;
use challenges_core::outbox::Task;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, Decision, Description, Error, KeyRing, Owner, Policy, Purpose,
    Secret, Store, Timestamp,
};
use challenges_testkit::{FakeClock, administrator};

/// A seed of another system.
pub(super) const SEED: &str = r#"{ "totp": { "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } }"#;

/// Starts a service whose time stands still, and whose host receives every notice.
///
/// # Errors
///
/// [`Error`] when the store or the keys cannot be used.
pub async fn service(store: Arc<dyn Store>, keys: KeyRing) -> Result<Challenges, Error> {
    let mut policy = Policy::default();
    policy.trusted_purposes = vec![login()?];
    policy.notify_host = true;
    policy.sends.confirmations_in_total = 1_000_000;
    let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000));
    Challenges::builder(store, keys).policy(policy).clock(clock).build().await
}

pub(super) fn login() -> Result<Purpose, Error> {
    Ok(Purpose::new("login")?)
}

/// Furnishes an account, uses it, and erases it. `note` receives each step:
///
/// | step | written |
/// |---|---|
/// | `codes CODE...` | after codes were generated |
/// | `mailbox` | after an address was confirmed |
/// | `imported` | after a seed was imported |
/// | `cookie COOKIE` | after a device was trusted, and after each check |
/// | `using CHALLENGE`, `used` | before and after a recovery code |
/// | `erasing`, `erased` | before and after the erasure |
///
/// # Errors
///
/// [`Error::Store`] when the store fails.
///
/// # Panics
///
/// When a call is refused.
pub async fn live(challenges: &Challenges, user: &str, note: impl Fn(String)) -> Result<(), Error> {
    let (owner, grant) = (Owner::user(user)?, administrator());
    let codes = challenges.recovery_codes().generate(&owner, &grant).await?;
    let codes: Vec<_> = codes.iter().map(Secret::expose).collect();
    note(format!("codes {}", codes.join(" ")));

    let address = format!("{user}@example.org").parse()?;
    let mailbox = challenges.endpoints().register_email(owner.clone(), &grant, address).await?;
    let entries = challenges.outbox().list(Some(&owner), None, 500).await?;
    let code = entries.into_iter().find_map(|entry| match entry.unwrap().task {
        Task::Confirm { code, .. } => Some(code),
        _ => None,
    });
    challenges.endpoints().confirm(&owner, &grant, mailbox.id(), &code.unwrap()).await?;
    note("mailbox".to_owned());

    let row: Row = SEED.parse()?;
    assert!(challenges.account(&owner).import(&grant, &row).await?.is_new);
    note("imported".to_owned());

    let spec = ChallengeSpec::new(ChallengeType::Code)?.with_purpose(login()?);
    let created = challenges.create(owner.clone(), spec).await?;
    let code = created.code.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    let Decision::Passed(passed) = challenges.answer(answer).await? else { panic!("a right code was declined") };
    let (_, mut cookie) = challenges.devices().trust(&passed, Description::new("browser")?).await?;
    note(format!("cookie {}", cookie.expose()));
    for _ in 0..3 {
        let checked = challenges.devices().check(&owner, &cookie, &login()?).await?;
        (_, cookie) = checked.unwrap_or_else(|| panic!("{user}: the cookie was refused"));
        note(format!("cookie {}", cookie.expose()));
    }

    for code in codes.iter().take(3) {
        let spec = ChallengeSpec::new(ChallengeType::RecoveryCode)?;
        let id = challenges.create(owner.clone(), spec).await?.challenge.id();
        note(format!("using {id}"));
        let decision = challenges.answer(Answer::allow(id, ChallengeType::RecoveryCode, *code)).await?;
        assert!(matches!(decision, Decision::Passed(_)), "{user}: a right code was declined");
        note("used".to_owned());
    }

    note("erasing".to_owned());
    challenges.account(&owner).erase().await?;
    note("erased".to_owned());
    Ok(())
}
