use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::{Answer, Challenges, Owner, Timeout};

/// Approves a one-time-use action, which queues `actions` requests to `url`.
pub(crate) async fn approve(challenges: &Challenges, owner: Owner, url: &str, actions: usize) {
    let actor = Owner::in_tenant("org", owner.user_id()).unwrap();
    let mut wanted = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    wanted.approved_actions = vec![HttpAction::new("POST", url).unwrap(); actions];
    let created = challenges.actions().create(owner, wanted).await.unwrap();
    let answer = Answer::approve_action(created.challenge.id(), created.links[0].approve.expose());
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
}
