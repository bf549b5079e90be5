//! Several actors: any one decides for all. With a separate action for each actor, all have to approve.
//!
//! ```sh
//! cargo run -p challenges --example several_actors
//! ```

use anyhow::Context as _;
use challenges::approvals::OneTimeUseAction;
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeId, Challenges, CreatedChallenge, KeyRing, Owner, State, Timeout};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;

    // Any one: the first decision counts, and the other links stop working.
    let created = ask(&challenges, &["bob", "carol"]).await?;
    let id = created.challenge.id();
    let decide = |actor: usize, approves: bool| {
        let links = created.links.get(actor).context("no such actor")?;
        anyhow::Ok(match approves {
            true => Answer::approve_action(id, links.approve.expose()),
            false => Answer::decline_action(id, links.decline.expose()),
        })
    };
    let (bob, carol) = (0, 1);
    let refused = challenges.answer(decide(bob, true)?.by_user("carol")).await;
    println!("the link of another: {}", refused.err().context("the link of bob")?);
    let declined = challenges.answer(decide(carol, false)?.by_user("carol")).await?;
    assert_eq!(declined.challenge().state(), State::ChallengeDeclined);
    let late = challenges.answer(decide(bob, true)?.by_user("bob")).await;
    println!("after the first decision: {}", late.err().context("decided")?);

    // All: an action for each, and the application counts.
    let asked = [ask(&challenges, &["bob"]).await?, ask(&challenges, &["carol"]).await?];
    let ids = asked.each_ref().map(|created| created.challenge.id());
    for created in &asked {
        println!("all approved: {}", all_approved(&challenges, &ids).await?);
        let links = created.links.first().context("no links")?;
        let answer = Answer::approve_action(created.challenge.id(), links.approve.expose());
        let decision = challenges.answer(answer.by_user(links.actor.user_id())).await?;
        let passed = decision.passed().context("declined")?;
        println!("approved by {}", passed.actor().context("no actor")?.user_id());
    }
    println!("all approved: {}", all_approved(&challenges, &ids).await?);
    Ok(())
}

/// Asks the actors on behalf of alice, who gains no right to decide.
async fn ask(challenges: &Challenges, actors: &[&str]) -> anyhow::Result<CreatedChallenge> {
    let actors = actors.iter().map(|user| Owner::user(*user)).collect::<Result<_, _>>()?;
    let action = OneTimeUseAction::new(actors, Timeout::from_seconds(3_600)?);
    Ok(challenges.actions().create(Owner::user("alice")?, action).await?)
}

async fn all_approved(challenges: &Challenges, ids: &[ChallengeId]) -> anyhow::Result<bool> {
    for id in ids {
        if challenges.get(*id).await?.state_at(challenges.now()) != State::ChallengePassed {
            return Ok(false);
        }
    }
    Ok(true)
}
