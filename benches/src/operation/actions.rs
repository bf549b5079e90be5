use challenges_core::{
    Actor, Answer, ChallengeType, Challenges, HttpAction, HttpActionParts, OneTimeUseAction, Owner, Timeout,
};

/// Approves a one-time-use action, which queues `actions` requests to `url`.
pub(crate) async fn approve(challenges: &Challenges, owner: Owner, url: &str, actions: usize) {
    let actor = Actor { user_id: owner.user_id().to_owned(), org_id: "org".into() };
    let mut wanted = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    wanted.approved_actions = vec![HttpAction::new(HttpActionParts::new("POST", url)).unwrap(); actions];
    let created = challenges.create_one_time_use_action(owner, wanted).await.unwrap();
    let secret = created.secrets[0].approve.expose().to_owned();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::OneTimeUseAction, secret);
    assert!(challenges.answer(answer).await.unwrap().passed().is_some());
}
