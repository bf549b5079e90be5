use std::error::Error as StdError;

use challenges_core::import::Row;
use challenges_core::outbox::{Notice, Task};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Error, Owner, Secret, State};
use challenges_testkit::administrator;

use super::life::{SEED, login};

type Failed = Box<dyn StdError + Send + Sync>;

/// Compares an account with the steps of its user, after a crash. The change of the last step may be complete or not,
/// but never half done: with the change there is the notice.
///
/// # Errors
///
/// The difference, or the error of the service.
pub async fn audit(challenges: &Challenges, user: &str, steps: &[String]) -> Result<(), Failed> {
    let owner = Owner::user(user)?;
    let after = |word: &str| steps.iter().filter_map(|step| step.strip_prefix(word)).map(str::trim).collect::<Vec<_>>();
    if !after("erasing").is_empty() {
        if after("erased").is_empty() {
            challenges.account(&owner).erase().await?;
        }
        return nothing_left(challenges, &owner).await;
    }
    let notices = notices(challenges, &owner).await?;
    let told = |notice: fn(&Notice) -> bool| notices.iter().filter(|queued| notice(queued)).count();

    // Before the import is repeated, which ends the device.
    let account = challenges.account(&owner);
    let status = account.status().await?;
    let trusted = told(|notice| matches!(notice, Notice::DeviceTrusted));
    expect("notices of trusted devices", trusted, status.devices().len()..=status.devices().len())?;
    if let Some(cookie) = after("cookie").last() {
        let checked = challenges.devices().check(&owner, &Secret::from(*cookie), &login()?).await?;
        checked.ok_or("the cookie of an acknowledged check was refused")?;
    }

    if let Some(codes) = after("codes").first() {
        let (using, used) = (after("using"), 10 - status.recovery_codes.min(10));
        expect("used recovery codes", used, after("used").len()..=using.len())?;
        expect("notices of used codes", told(|notice| matches!(notice, Notice::RecoveryCodeUsed { .. })), used..=used)?;
        for (number, id) in using.iter().enumerate() {
            let state = challenges.get(id.parse()?).await?.state();
            if (state == State::ChallengePassed) != (number < used) {
                return Err(format!("{used} codes are used, and challenge {number} is {state:?}").into());
            }
        }
        for code in codes.split(' ').take(used) {
            let spec = ChallengeSpec::new(ChallengeType::RecoveryCode)?;
            let id = challenges.create(owner.clone(), spec).await?.challenge.id();
            match challenges.answer(Answer::allow(id, ChallengeType::RecoveryCode, code)).await {
                Err(Error::AnswerRefused) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => return Err("a used recovery code was accepted".into()),
            }
        }
    }
    let generated = told(|notice| matches!(notice, Notice::RecoveryCodesGenerated));
    let sets = usize::from(status.recovery_codes > 0);
    expect("notices of generated codes", generated, sets..=sets)?;

    let confirmed = status.endpoints.iter().filter(|endpoint| endpoint.is_confirmed()).count();
    expect("confirmed addresses", confirmed, after("mailbox").len()..=1)?;
    let added = told(|notice| matches!(notice, Notice::Added(ChallengeType::Email)));
    expect("notices of added addresses", added, confirmed..=confirmed)?;

    let imported = status.totp.len();
    expect("imported seeds", imported, after("imported").len()..=1)?;
    let imports = told(|notice| matches!(notice, Notice::Imported(ChallengeType::Totp)));
    expect("notices of imports", imports, imported..=imported)?;
    let row: Row = SEED.parse()?;
    let again = usize::from(account.import(&administrator(), &row).await?.is_new);
    expect("new seeds in the repeated import", again, 1 - imported..=1 - imported)?;
    expect("seeds after the repeated import", account.status().await?.totp.len(), 1..=1)
}

/// Returns the queued notices to the host.
async fn notices(challenges: &Challenges, owner: &Owner) -> Result<Vec<Notice>, Failed> {
    let mut notices = Vec::new();
    for entry in challenges.outbox().list(Some(owner), None, 500).await? {
        if let Task::Notice { notice, to: None } = entry.map_err(|_| "an outbox entry cannot be read")?.task {
            notices.push(notice);
        }
    }
    Ok(notices)
}

async fn nothing_left(challenges: &Challenges, owner: &Owner) -> Result<(), Failed> {
    let status = challenges.account(owner).status().await?;
    let left = [
        status.totp.len(),
        status.endpoints.len(),
        status.recovery_codes,
        status.devices().len(),
        challenges.list(owner, None, 500).await?.len(),
        challenges.outbox().list(Some(owner), None, 500).await?.len(),
    ];
    expect("records after the erasure", left.iter().sum(), 0..=0)?;
    if status.has_factor() { Err("an erased user has a factor".into()) } else { Ok(()) }
}

fn expect(what: &str, found: usize, expected: std::ops::RangeInclusive<usize>) -> Result<(), Failed> {
    if expected.contains(&found) { Ok(()) } else { Err(format!("{what}: {found}, expected {expected:?}").into()) }
}
