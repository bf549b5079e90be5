use challenges_core::machine::Refused;
use challenges_core::{
    Act, Actor, Answer, Answered, ChallengeSpec, ChallengeType, Error, HttpAction, HttpActionParts, Invalid,
    OneTimeUseAction, Owner, State, Task, Timeout,
};

use crate::harness::{Host, Seen, owner, refused};

const KIND: ChallengeType = ChallengeType::OneTimeUseAction;

fn actor(user_id: &str, org_id: &str) -> Actor {
    Actor { user_id: user_id.to_owned(), org_id: org_id.to_owned() }
}

fn http(uri: &str) -> HttpAction {
    let parts = HttpActionParts { body: Some("body".to_owned()), ..HttpActionParts::new("POST", uri) };
    HttpAction::new(parts).unwrap()
}

fn action(actors: Vec<Actor>) -> OneTimeUseAction {
    let mut action = OneTimeUseAction::new(actors, Timeout::from_seconds(600).unwrap());
    action.approved_actions = vec![http("https://a.example/approved/1"), http("https://a.example/approved/2")];
    action.declined_actions = vec![http("https://a.example/declined")];
    action
}

/// What is in the outbox: who acts and what is called.
async fn queued(host: &Host) -> Vec<(Actor, String)> {
    let mut acts: Vec<_> = host
        .challenges
        .outbox(None, None, 500)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| match entry.unwrap().task {
            Task::Act(Act { actor, action, .. }) => (actor, action.parts().uri.clone()),
            other => panic!("unexpected {other:?}"),
        })
        .collect();
    acts.sort_by(|(_, one), (_, other)| one.cmp(other));
    acts
}

#[tokio::test]
async fn one_actor_decides_and_the_actions_of_that_outcome_are_queued_on_their_behalf() {
    let host = Host::new().await;
    let actors = vec![actor("alice", "a"), actor("bob", "b")];
    let created = host.challenges.create_one_time_use_action(owner("alice"), action(actors)).await.unwrap();
    let id = created.challenge.id();
    assert_eq!(created.challenge.state(), State::Issued);
    assert!(queued(&host).await.is_empty());

    let bob = &created.secrets[1];
    let answer = Answer::allow(id, KIND, bob.approve.expose()).by_user("bob");
    let Ok(Answered::Passed(passed)) = host.challenges.answer(answer).await else { panic!("bob approves") };
    assert_eq!(passed.actor(), Some(&actor("bob", "b")));
    let expected = ["https://a.example/approved/1", "https://a.example/approved/2"];
    assert_eq!(queued(&host).await, expected.map(|uri| (actor("bob", "b"), uri.to_owned())));
    let alice = &created.secrets[0];
    assert!(refused(host.challenges.answer(Answer::decline(id, KIND, alice.decline.expose())).await));
    assert_eq!(queued(&host).await.len(), 2);
}

#[tokio::test]
async fn r37_nobody_but_a_listed_actor_decides() {
    let host = Host::new().await;
    let actors = vec![actor("alice", "a"), actor("alice", "b"), actor("bob", "a")];
    let created = host.challenges.create_one_time_use_action(owner("carol"), action(actors)).await.unwrap();
    let id = created.challenge.id();
    let [alice_a, alice_b, bob] = &created.secrets[..] else { panic!("three actors") };
    host.seen.take();
    let cases = [
        (Answer::allow(id, KIND, bob.approve.expose()).by_user("carol"), "the owner is no actor"),
        (Answer::allow(id, KIND, bob.approve.expose()).by_user("alice"), "another actor's secret"),
        (Answer::allow(id, KIND, alice_a.approve.expose()).by_user("bob"), "another actor's secret"),
        (Answer::allow(id, KIND, bob.decline.expose()), "the secret of the other outcome"),
        (Answer::decline(id, KIND, bob.approve.expose()), "the secret of the other outcome"),
        (Answer::allow(id, KIND, ""), "no secret"),
    ];
    for (answer, why) in cases {
        assert!(refused(host.challenges.answer(answer).await), "{why}");
    }
    assert!(host.seen.take().contains(&Seen::Refused(Refused::OtherUser)));
    assert!(queued(&host).await.is_empty());
    let Ok(Answered::Passed(passed)) =
        host.challenges.answer(Answer::allow(id, KIND, alice_b.approve.expose()).by_user("alice")).await
    else {
        panic!("alice of b approves")
    };
    assert_eq!(passed.actor(), Some(&actor("alice", "b")), "the secret tells which of two of one name it was");
}

/// R37: an actor is a user in an organisation.
#[tokio::test]
async fn an_actor_of_another_organisation_does_not_decide_with_the_secret_of_one_of_the_same_name() {
    let host = Host::new().await;
    let actors = vec![actor("alice", "a"), actor("alice", "b")];
    let created = host.challenges.create_one_time_use_action(owner("carol"), action(actors)).await.unwrap();
    let (id, [alice_a, _]) = (created.challenge.id(), &created.secrets[..]) else { panic!("two actors") };
    let answer = || Answer::allow(id, KIND, alice_a.approve.expose());
    let of = |org: &str| Owner::in_tenant(org, "alice").unwrap();
    assert!(refused(host.challenges.answer(answer().by_owner(&of("c"))).await), "no actor");
    assert!(refused(host.challenges.answer(answer().by_owner(&of("b"))).await), "another actor's secret");
    assert!(queued(&host).await.is_empty());
    let Ok(Answered::Passed(passed)) = host.challenges.answer(answer().by_owner(&of("a"))).await else {
        panic!("the same secret is no repetition when the right one says it")
    };
    assert_eq!(passed.actor(), Some(&actor("alice", "a")));
}

#[tokio::test]
async fn a_host_without_tenants_does_not_know_the_organisations_of_actors() {
    let host = Host::new().await;
    let actors = vec![actor("alice", "a"), actor("bob", "a")];
    let created = host.challenges.create_one_time_use_action(owner("carol"), action(actors)).await.unwrap();
    let answer = || Answer::allow(created.challenge.id(), KIND, created.secrets[0].approve.expose());
    assert!(refused(host.challenges.answer(answer().by_owner(&owner("bob"))).await), "another actor's secret");
    assert!(host.challenges.answer(answer().by_owner(&owner("alice"))).await.is_ok());
}

#[tokio::test]
async fn r37_without_actors_or_with_one_twice_nothing_is_created() {
    let host = Host::new().await;
    let create = async |actors| match host.challenges.create_one_time_use_action(owner("alice"), action(actors)).await {
        Err(Error::Invalid(invalid)) => Some(invalid),
        _ => None,
    };
    assert_eq!(create(vec![]).await, Some(Invalid::NoActors));
    assert_eq!(create(vec![actor("a", "o"), actor("a", "o")]).await, Some(Invalid::RepeatedActor));
    assert_eq!(create(vec![actor("", "o")]).await, Some(Invalid::Name));
    let many = (0..17).map(|number| actor(&number.to_string(), "o")).collect();
    assert!(matches!(create(many).await, Some(Invalid::TooMany { max: 16, .. })));
    assert_eq!(create(vec![actor("a", "o"), actor("a", "p")]).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r10_approve_and_decline_at_once_have_one_outcome_and_its_actions_alone() {
    for _ in 0..50 {
        let host = Host::new().await;
        let actors = (0..8).map(|number| actor(&format!("user{number}"), "org")).collect();
        let created = host.challenges.create_one_time_use_action(owner("alice"), action(actors)).await.unwrap();
        let id = created.challenge.id();
        let mut tasks = tokio::task::JoinSet::new();
        for secrets in created.secrets {
            for answer in
                [Answer::allow(id, KIND, secrets.approve.expose()), Answer::decline(id, KIND, secrets.decline.expose())]
            {
                let challenges = host.challenges.clone();
                tasks.spawn(async move { challenges.answer(answer).await.ok() });
            }
        }
        let outcomes: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(outcomes.len(), 1);
        let approved = matches!(outcomes[0], Answered::Passed(_));
        let word = if approved { "approved" } else { "declined" };
        let queued = queued(&host).await;
        assert_eq!(queued.len(), if approved { 2 } else { 1 });
        assert!(queued.iter().all(|(_, uri)| uri.contains(word)), "{queued:?}");
    }
}

#[tokio::test]
async fn an_action_cannot_be_replaced() {
    let host = Host::new().await;
    let created = host.challenges.create_one_time_use_action(owner("a"), action(vec![actor("a", "o")])).await.unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let result = host.challenges.replace_challenge(created.challenge.id(), spec).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::NotReplaceable))));
}

#[test]
fn a_malformed_action_is_refused() {
    let parts = || HttpActionParts::new("GET", "https://a.example/");
    assert!(HttpAction::new(parts()).is_ok());
    type Change = fn(&mut HttpActionParts);
    let changes: [Change; 9] = [
        |parts| parts.method = String::new(),
        |parts| parts.method = "GET /".to_owned(),
        |parts| parts.uri = "ftp://a.example".to_owned(),
        |parts| parts.uri = "/relative".to_owned(),
        |parts| parts.uri = format!("https://a.example/{}", "x".repeat(1_024)),
        |parts| parts.body = Some(String::new()),
        |parts| parts.body = Some("x".repeat(250_001)),
        |parts| parts.content_type = Some("text/plain\r\nx: y".to_owned()),
        |parts| parts.content_type = Some("x".repeat(257)),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut parts = parts();
        change(&mut parts);
        assert_eq!(HttpAction::new(parts).unwrap_err(), Invalid::Action, "case {index}");
    }
}

#[tokio::test]
async fn r52_a_decided_action_outlives_its_challenge() {
    let host = Host::new().await;
    let created = host.challenges.create_one_time_use_action(owner("a"), action(vec![actor("a", "o")])).await.unwrap();
    let approve = Answer::allow(created.challenge.id(), KIND, created.secrets[0].approve.expose());
    assert!(host.challenges.answer(approve).await.is_ok());
    host.clock.advance(std::time::Duration::from_secs(365 * 86_400));
    assert_eq!(host.challenges.sweep(100).await.unwrap(), 1, "the challenge alone");
    assert_eq!(queued(&host).await.len(), 2);
}

#[tokio::test]
async fn an_actor_declines_with_the_secret_for_that() {
    let host = Host::new().await;
    let actors = vec![actor("alice", "a"), actor("bob", "b")];
    let created = host.challenges.create_one_time_use_action(owner("alice"), action(actors)).await.unwrap();
    let decline = Answer::decline(created.challenge.id(), KIND, created.secrets[1].decline.expose());
    assert!(matches!(host.challenges.answer(decline).await, Ok(Answered::Declined(_))));
    assert_eq!(queued(&host).await, [(actor("bob", "b"), "https://a.example/declined".to_owned())]);
}
