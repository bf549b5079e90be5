//! Attacks through the service: races for one answer, bursts of guesses, a clock set back.

use std::time::Duration;

use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::import::Row;
use challenges_core::store::Kind;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Error, Factor, Owner, Policy, State, Timeout, Timestamp};
use futures::future::BoxFuture;

use super::failure::{Complaint, Verdict, ensure};
use super::fixture::Fixture;
use super::host::{Host, START};
use super::race::{costly_rounds, rounds};
use crate::administrator;

const LIMIT: usize = 5;

/// R1: many concurrent right answers to one challenge.
pub(super) async fn one_right_answer(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    for tasks in rounds(fixture).map(|(_, tasks)| tasks) {
        let (id, code) = host.create("alice", ChallengeType::Code).await?;
        let answers = (0..tasks).map(|_| Answer::allow(id, ChallengeType::Code, code.as_str())).collect();
        let accepted = host.accepted(fixture, answers).await?;
        ensure!(
            accepted == 1,
            "{accepted} of {tasks} concurrent right answers to one challenge were accepted; expected one"
        );
    }
    host.raced()
}

/// R2: one TOTP code for many concurrent challenges, then an older code.
pub(super) async fn one_use_of_a_code(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    for (round, tasks) in costly_rounds(fixture) {
        let user = format!("user{round}");
        let app = host.enroll(&user).await?;
        let code = app.code(Timestamp::from_seconds(START + 30));
        let answers = answers(&host, &user, ChallengeType::Totp, &code, tasks).await?;
        let accepted = host.accepted(fixture, answers).await?;
        ensure!(
            accepted == 1,
            "{accepted} of {tasks} concurrent answers with one TOTP code were accepted; expected one"
        );
        let older = app.code(Timestamp::from_seconds(START));
        let (id, _) = host.create(&user, ChallengeType::Totp).await?;
        let accepted = host.accepts(fixture, Answer::allow(id, ChallengeType::Totp, older)).await?;
        ensure!(!accepted, "a TOTP code was accepted after the code of a later time step");
        host.clock.set(Timestamp::from_seconds(START));
    }
    host.raced()
}

/// Returns answers with the same code to new challenges of a user. More than 32 answers share 32 challenges.
async fn answers(host: &Host, user: &str, kind: ChallengeType, code: &str, count: usize) -> Verdict<Vec<Answer>> {
    let mut ids = Vec::new();
    for _ in 0..count.min(32) {
        ids.push(host.create(user, kind).await?.0);
    }
    Ok(ids.into_iter().cycle().take(count).map(|id| Answer::allow(id, kind, code)).collect())
}

/// R68: one recovery code for many concurrent challenges, then a code of the set replaced by new codes.
pub(super) async fn one_use_of_a_recovery_code(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    for (round, tasks) in costly_rounds(fixture) {
        let user = format!("user{round}");
        let owner = Owner::user(user.as_str()).map_err(Error::from)?;
        let codes = host.challenges.recovery_codes();
        let drawn = codes.generate(&owner, &administrator()).await?;
        let [raced, replaced, ..] = &drawn[..] else {
            return Err(Complaint::Wrong("a set has fewer than two recovery codes".to_owned()));
        };
        let answers = answers(&host, &user, ChallengeType::RecoveryCode, raced.expose(), tasks).await?;
        let accepted = host.accepted(fixture, answers).await?;
        let left = codes.left(&owner).await?;
        ensure!(
            accepted == 1 && left == 9,
            "{accepted} of {tasks} concurrent answers with one recovery code were accepted and {left} of 10 codes are left; expected one, and nine"
        );
        host.challenges.account(&owner).reset_factor(&administrator(), Factor::RecoveryCode).await?;
        codes.generate(&owner, &administrator()).await?;
        let (id, _) = host.create(&user, ChallengeType::RecoveryCode).await?;
        let answer = Answer::allow(id, ChallengeType::RecoveryCode, replaced.expose());
        ensure!(!host.accepts(fixture, answer).await?, "a recovery code was accepted after its set was replaced");
    }
    host.raced()
}

/// R72: an erasure that races with creates and answers, then an erasure at rest.
pub(super) async fn nothing_after_erasure(fixture: &Fixture<'_>) -> Verdict {
    const OTHER: &str = "another";
    /// More records than the page of an erasure, and few enough that most of the creates are refused without a write.
    const OPEN: usize = 70;
    let mut policy = Policy::default();
    policy.open_challenges = OPEN;
    let host = Host::new(fixture, policy).await?;
    host.enroll(OTHER).await?;
    for (round, tasks) in costly_rounds(fixture) {
        // In each record the name stands between quotation marks.
        let user = format!("erased{round}");
        let owner = Owner::user(user.as_str()).map_err(Error::from)?;
        host.clock.set(Timestamp::from_seconds(START));
        host.enroll(&user).await?;
        host.challenges.recovery_codes().generate(&owner, &administrator()).await?;
        let before = records_naming(fixture, &user).await?;
        ensure!(before >= 3, "{before} records name a user with an enrollment, codes and counters; expected three");
        for _ in 0..if round == 0 { OPEN } else { 3 } {
            host.create(&user, ChallengeType::Code).await?;
        }
        let act = |number: usize| -> BoxFuture<'static, Verdict<()>> {
            let (challenges, owner) = (host.challenges.clone(), owner.clone());
            Box::pin(async move {
                let done = if number.is_multiple_of(4) && number < 32 {
                    challenges.account(&owner).erase().await.map(drop)
                } else {
                    let spec = ChallengeSpec::new(ChallengeType::Code).map_err(Error::from)?;
                    challenges.create(owner, spec).await.map(drop)
                };
                match done {
                    // Contention is no decision, and the user may have too many open challenges.
                    Ok(()) | Err(Error::Contended | Error::Invalid(_)) => Ok(()),
                    Err(error) => Err(error.into()),
                }
            })
        };
        fixture.race((0..tasks).map(act).collect()).await?;
        host.challenges.account(&owner).erase().await?;
        let left = records_naming(fixture, &user).await?;
        ensure!(left == 0, "{left} records name the user after an erasure");
    }
    let others = records_naming(fixture, OTHER).await?;
    ensure!(others >= 2, "{others} records name another user after erasures; expected an enrollment and counters");
    host.raced()
}

/// Returns the number of records of any kind with the name in the body.
async fn records_naming(fixture: &Fixture<'_>, user: &str) -> Verdict<usize> {
    let quoted = format!("\"{user}\"");
    let mut naming = 0;
    for kind in Kind::ALL {
        let stored = fixture.walk(kind, None, 100).await?;
        naming += stored.iter().filter(|found| String::from_utf8_lossy(&found.record.body).contains(&quoted)).count();
    }
    Ok(naming)
}

/// R75: many concurrent imports of the same seed for a user.
pub(super) async fn one_import(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    for (round, tasks) in rounds(fixture) {
        let owner = Owner::user(format!("user{round}")).map_err(Error::from)?;
        let import = |_| -> BoxFuture<'static, Verdict<bool>> {
            let (challenges, owner) = (host.challenges.clone(), owner.clone());
            Box::pin(async move {
                let row = r#"{ "totp": { "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } }"#;
                let row: Row = row.parse().map_err(Error::from)?;
                match challenges.account(&owner).import(&administrator(), &row).await {
                    Ok(imported) => Ok(imported.is_new),
                    Err(Error::Contended) => Ok(false),
                    Err(error) => Err(error.into()),
                }
            })
        };
        let new = fixture.race((0..tasks).map(import).collect()).await?.into_iter().filter(|new| *new).count();
        let stored = host.challenges.totp().list(&owner, None, 500).await?.len();
        ensure!(
            new == 1 && stored == 1,
            "of {tasks} concurrent imports of one seed, {new} were new, and {stored} enrollments are stored; expected one"
        );
    }
    host.raced()
}

/// R3: a burst of ten times the allowed wrong answers, then the right answer.
pub(super) async fn attempt_budget(fixture: &Fixture<'_>) -> Verdict {
    let mut policy = Policy::default();
    policy.code_digits = Some(10);
    policy.failures_before_delay = 100;
    let host = Host::new(fixture, policy).await?;
    for (round, _) in rounds(fixture) {
        let (id, code) = host.create(&format!("user{round}"), ChallengeType::Code).await?;
        let before = host.observed.wrong();
        let answers = (0..10 * LIMIT).map(|number| Answer::allow(id, ChallengeType::Code, format!("wrong {number}")));
        let accepted = host.accepted(fixture, answers.collect()).await?;
        let evaluated = host.observed.wrong() - before;
        ensure!(accepted == 0, "{accepted} wrong answers were accepted");
        ensure!(evaluated == LIMIT, "{evaluated} wrong answers of a burst were compared; the limit is {LIMIT}");
        let accepted = host.accepts(fixture, Answer::allow(id, ChallengeType::Code, code)).await?;
        ensure!(!accepted, "the right answer was accepted after {LIMIT} wrong answers");
    }
    host.raced()
}

/// R3, R4: a burst of ten times the allowed guesses over many challenges of one user.
pub(super) async fn guesses_over_challenges(fixture: &Fixture<'_>) -> Verdict {
    const CHALLENGES: u32 = 50;

    let host = Host::new(fixture, Policy::default()).await?;
    let most = host.challenges.policy().failures_before_delay;
    let guesses = most.saturating_mul(10).max(CHALLENGES);
    for (round, _) in rounds(fixture) {
        let user = format!("user{round}");
        let app = host.enroll(&user).await?;
        let mut ids = Vec::new();
        for _ in 0..CHALLENGES {
            ids.push(host.create(&user, ChallengeType::Totp).await?.0);
        }
        let answers = ids.into_iter().cycle().zip(0..guesses).map(|(id, number)| {
            let guess = app.wrong_code(Timestamp::from_seconds(START + 30), number);
            Answer::allow(id, ChallengeType::Totp, guess)
        });
        let before = host.observed.wrong();
        let accepted = host.accepted(fixture, answers.collect()).await?;
        let evaluated = host.observed.wrong() - before;
        ensure!(accepted == 0, "{accepted} wrong codes were accepted");
        ensure!(
            u32::try_from(evaluated) == Ok(most),
            "{evaluated} guesses over {CHALLENGES} challenges were compared; the limit is {most}"
        );
        println!("{guesses} concurrent guesses over {CHALLENGES} challenges: {evaluated} compared, limit {most}");
        host.clock.set(Timestamp::from_seconds(START));
    }
    host.raced()
}

/// R10: every actor approves and declines concurrently. Only the actions of the decided outcome are queued.
pub(super) async fn one_outcome(fixture: &Fixture<'_>) -> Verdict {
    const APPROVED: &str = "https://a.example/approved";
    const DECLINED: &str = "https://a.example/declined";

    let host = Host::new(fixture, Policy::default()).await?;
    for (round, tasks) in rounds(fixture) {
        // A new user for each round keeps the outbox of the user small.
        let owner = Owner::user(format!("user{round}")).map_err(Error::from)?;
        let actors = (0..tasks.min(16)).map(|number| Owner::in_tenant("org", format!("actor{number}")));
        let actors: Result<_, _> = actors.collect();
        let timeout = Timeout::from_seconds(600).map_err(Error::from)?;
        let mut action = OneTimeUseAction::new(actors.map_err(Error::from)?, timeout);
        action.approved_actions = vec![http(APPROVED)?; 2];
        action.declined_actions = vec![http(DECLINED)?; 2];
        let created = host.challenges.actions().create(owner.clone(), action).await?;
        let id = created.challenge.id();
        let answers = created.links.iter().flat_map(|links| {
            let approve = Answer::approve_action(id, links.approve.expose());
            [approve, Answer::decline_action(id, links.decline.expose())]
        });
        let accepted = host.accepted(fixture, answers.collect()).await?;
        ensure!(
            accepted == 1,
            "{accepted} concurrent approvals and declines of {tasks} actors were accepted; expected one"
        );
        let approved = host.challenges.get(id).await?.state() == State::ChallengePassed;
        let wanted = if approved { APPROVED } else { DECLINED };
        let queued = host.queued(&owner).await?;
        ensure!(
            queued == vec![(Some(id), wanted.to_owned()); 2],
            "the outcome must queue {wanted} twice; it queued {queued:?}"
        );
    }
    host.raced()
}

fn http(uri: &str) -> Verdict<HttpAction> {
    Ok(HttpAction::new("POST", uri).map_err(Error::from)?)
}

/// R15: expiry depends on the arrival time of the answer, without a sweep.
pub(super) async fn end_of_time(fixture: &Fixture<'_>) -> Verdict {
    const SECONDS: u64 = 600;
    let timeout = Timeout::from_seconds(SECONDS).map_err(Error::from)?;
    let host = Host::new(fixture, Policy::default()).await?;
    for (start, milliseconds, in_time) in [(0, -1, true), (1_000, 0, false), (2_000, 1, false)] {
        host.clock.set(Timestamp::from_seconds(START + start));
        let spec = ChallengeSpec::new(ChallengeType::Code).map_err(Error::from)?.with_timeout(timeout);
        let (id, code) = host.create_as("alice", spec).await?;
        let end = Timestamp::from_seconds(START + start + SECONDS).as_millis();
        host.clock.set(Timestamp::from_millis(end.saturating_add_signed(milliseconds)));
        let over = host.challenges.get(id).await?.state_at(host.challenges.now()) == State::TimedOut;
        ensure!(
            over != in_time,
            "{milliseconds} ms after the expiry of a challenge, state_at returned TimedOut: {over}"
        );
        let accepted = host.accepts(fixture, Answer::allow(id, ChallengeType::Code, code)).await?;
        ensure!(
            accepted == in_time,
            "{milliseconds} ms after the expiry of a challenge, the answer was accepted: {accepted}"
        );
    }
    Ok(())
}

/// R16: a clock set back revives no challenge and no code, in this process and in the next.
pub(super) async fn clock_going_back(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    let (used, used_code) = host.create("alice", ChallengeType::Code).await?;
    let (over, over_code) = host.create("alice", ChallengeType::Code).await?;
    let (app, guarded) = (host.enroll("alice").await?, host.create("alice", ChallengeType::Totp).await?.0);
    let step = app.code(Timestamp::from_seconds(START + 30));
    let of = |id, kind, code: &str| Answer::allow(id, kind, code);
    let first = host.accepts(fixture, of(used, ChallengeType::Code, &used_code)).await?;
    let totp = host.accepts(fixture, of(guarded, ChallengeType::Totp, &step)).await?;
    ensure!(first && totp, "a right answer was not accepted");
    host.clock.advance(Duration::from_secs(700));
    let late = host.accepts(fixture, of(over, ChallengeType::Code, &over_code)).await?;
    ensure!(!late, "an answer was accepted after the challenge expired");

    // The late answer is stored, so the next process refuses the challenge as well.
    let next_process = Host::new(fixture, Policy::default()).await?;
    for host in [&host, &next_process] {
        for time in [START + 30, START - 3_600, 0] {
            host.clock.set(Timestamp::from_seconds(time));
            for (id, code) in [(used, &used_code), (over, &over_code)] {
                let again = host.accepts(fixture, of(id, ChallengeType::Code, code)).await?;
                ensure!(!again, "a finished challenge was passed after the clock went back to {time}");
            }
        }
    }
    host.clock.set(Timestamp::from_seconds(START + 700));
    let (next, _) = host.create("alice", ChallengeType::Totp).await?;
    host.clock.set(Timestamp::from_seconds(START + 30));
    let again = host.accepts(fixture, of(next, ChallengeType::Totp, &step)).await?;
    ensure!(!again, "a TOTP code was accepted again after the clock went back");
    host.clock.set(Timestamp::MAX);
    let end = host.accepts(fixture, of(next, ChallengeType::Totp, &app.code(Timestamp::MAX))).await?;
    ensure!(!end, "a challenge was passed at Timestamp::MAX");
    Ok(())
}
