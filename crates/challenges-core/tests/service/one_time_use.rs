//! One-time-use actions: actors, decisions, and the queued HTTP actions.

use std::time::Duration;

use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::outbox::Task;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, CreatedChallenge, Decision, Error, Invalid, Owner, Policy, Refused, State,
    Timeout,
};

use crate::harness::{Host, Seen, owner, refused};

fn actor(user_id: &str, org_id: &str) -> Owner {
    Owner::in_tenant(org_id, user_id).unwrap()
}

fn http(uri: &str) -> HttpAction {
    HttpAction::new("POST", uri).unwrap().with_body("body").unwrap()
}

fn action(actors: Vec<Owner>) -> OneTimeUseAction {
    let mut action = OneTimeUseAction::new(actors, Timeout::from_seconds(600).unwrap());
    action.approved_actions = vec![http("https://a.example/approved/1"), http("https://a.example/approved/2")];
    action.declined_actions = vec![http("https://a.example/declined")];
    action
}

async fn create(host: &Host, user: &str, actors: Vec<Owner>) -> CreatedChallenge {
    host.challenges.actions().create(owner(user), action(actors)).await.unwrap()
}

/// Returns the queued actions, sorted by URI: the actor and the URI.
async fn queued(host: &Host) -> Vec<(Owner, String)> {
    let entries = host.challenges.outbox().list(None, None, 500).await.unwrap();
    let actions = entries.into_iter().map(|entry| match entry.unwrap().task {
        Task::Act { actor, action, .. } => (actor, action.uri().to_owned()),
        other => panic!("unexpected {other:?}"),
    });
    let mut actions: Vec<_> = actions.collect();
    actions.sort_by(|(_, one), (_, other)| one.cmp(other));
    actions
}

#[tokio::test]
async fn one_actor_decides_for_all() {
    let host = Host::new().await;
    let created = create(&host, "alice", vec![actor("alice", "a"), actor("bob", "b")]).await;
    let id = created.challenge.id();
    assert_eq!(created.challenge.state(), State::Issued);
    assert!(created.challenge.is_action() && created.challenge.types().is_none());
    assert!(queued(&host).await.is_empty());

    let bob = &created.links[1];
    let answer = Answer::approve_action(id, bob.approve.expose()).by_user("bob");
    let Ok(Decision::Passed(passed)) = host.challenges.answer(answer).await else { panic!("bob approves") };
    assert_eq!((passed.actor(), passed.kind()), (Some(&actor("bob", "b")), None));
    let expected = ["https://a.example/approved/1", "https://a.example/approved/2"];
    assert_eq!(queued(&host).await, expected.map(|uri| (actor("bob", "b"), uri.to_owned())));
    let alice = &created.links[0];
    assert!(refused(host.challenges.answer(Answer::decline_action(id, alice.decline.expose())).await));
    assert_eq!(queued(&host).await.len(), 2);
}

/// R37: each actor has secrets of their own.
#[tokio::test]
async fn only_listed_actors_decide() {
    let host = Host::new().await;
    let actors = vec![actor("alice", "a"), actor("alice", "b"), actor("bob", "a")];
    let created = create(&host, "carol", actors).await;
    let id = created.challenge.id();
    let [alice_a, alice_b, bob] = &created.links[..] else { panic!("three actors") };
    host.seen.take();
    let cases = [
        (Answer::approve_action(id, bob.approve.expose()).by_user("carol"), "the owner is no actor"),
        (Answer::approve_action(id, bob.approve.expose()).by_user("alice"), "the secret of another actor"),
        (Answer::approve_action(id, alice_a.approve.expose()).by_user("bob"), "the secret of another actor"),
        (Answer::approve_action(id, bob.decline.expose()), "the secret of the other outcome"),
        (Answer::decline_action(id, bob.approve.expose()), "the secret of the other outcome"),
        (Answer::approve_action(id, ""), "no secret"),
    ];
    for (answer, case) in cases {
        assert!(refused(host.challenges.answer(answer).await), "{case}");
    }
    assert!(host.seen.take().contains(&Seen::Refused(Refused::OtherUser)));
    assert!(queued(&host).await.is_empty());
    let approve = Answer::approve_action(id, alice_b.approve.expose()).by_user("alice");
    let Ok(Decision::Passed(passed)) = host.challenges.answer(approve).await else { panic!("alice of b approves") };
    assert_eq!(passed.actor(), Some(&actor("alice", "b")), "the secret tells actors of one name apart");
}

/// R37, R12: an action takes no answer of a challenge type, and a challenge no answer of an action.
#[tokio::test]
async fn answers_name_actions_and_types_apart() {
    let host = Host::new().await;
    let created = create(&host, "alice", vec![actor("alice", "a")]).await;
    let (id, approve) = (created.challenge.id(), created.links[0].approve.expose());
    let code = host.create("alice", ChallengeType::Code).await;
    let (other, code) = (code.challenge.id(), code.code.unwrap());
    host.seen.take();
    let mut answers = vec![Answer::approve_action(other, code.expose()), Answer::of_unknown_type(id)];
    for kind in
        [ChallengeType::Sms, ChallengeType::WebPush, ChallengeType::Totp, ChallengeType::Webauthn, ChallengeType::Code]
    {
        answers.push(Answer::allow(id, kind, approve));
    }
    for answer in answers {
        assert!(refused(host.challenges.answer(answer).await));
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::TypeNotOffered)]);
    }
    assert!(host.challenges.answer(Answer::approve_action(id, approve)).await.is_ok(), "control");
    assert!(host.answer(other, ChallengeType::Code, code.expose()).await.is_ok(), "control");
}

/// R37: an actor is a user in an organisation.
#[tokio::test]
async fn organisation_of_the_actor_is_compared() {
    let host = Host::new().await;
    let created = create(&host, "carol", vec![actor("alice", "a"), actor("alice", "b")]).await;
    let (id, [alice_a, _]) = (created.challenge.id(), &created.links[..]) else { panic!("two actors") };
    let answer = || Answer::approve_action(id, alice_a.approve.expose());
    let of = |org: &str| Owner::in_tenant(org, "alice").unwrap();
    assert!(refused(host.challenges.answer(answer().by_owner(&of("c"))).await), "no actor");
    assert!(refused(host.challenges.answer(answer().by_owner(&of("b"))).await), "the secret of another actor");
    assert!(queued(&host).await.is_empty());
    // The refused answer of another user does not make this answer a repetition.
    let Ok(Decision::Passed(passed)) = host.challenges.answer(answer().by_owner(&of("a"))).await else {
        panic!("alice of a approves")
    };
    assert_eq!(passed.actor(), Some(&actor("alice", "a")));
}

#[tokio::test]
async fn owner_without_tenant_matches_any_organisation() {
    let host = Host::new().await;
    let created = create(&host, "carol", vec![actor("alice", "a"), actor("bob", "a")]).await;
    let answer = || Answer::approve_action(created.challenge.id(), created.links[0].approve.expose());
    assert!(refused(host.challenges.answer(answer().by_owner(&owner("bob"))).await), "the secret of another actor");
    assert!(host.challenges.answer(answer().by_owner(&owner("alice"))).await.is_ok());
}

/// R37: an action that nobody could decide is not created.
#[tokio::test]
async fn missing_or_repeated_actors_are_refused() {
    let host = Host::new().await;
    let create = async |actors| match host.challenges.actions().create(owner("alice"), action(actors)).await {
        Err(Error::Invalid(invalid)) => Some(invalid),
        _ => None,
    };
    assert_eq!(create(vec![]).await, Some(Invalid::NoActors));
    assert_eq!(create(vec![actor("a", "o"), actor("a", "o")]).await, Some(Invalid::RepeatedActor));
    let many = (0..17).map(|number| actor(&number.to_string(), "o")).collect();
    assert!(matches!(create(many).await, Some(Invalid::TooMany { max: 16, .. })));
    assert_eq!(create(vec![actor("a", "o"), actor("a", "p")]).await, None);
}

/// R10: the queued actions are those of the outcome, and no others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_decisions_have_one_outcome() {
    for _ in 0..50 {
        let host = Host::new().await;
        let actors = (0..8).map(|number| actor(&format!("user{number}"), "org")).collect();
        let created = create(&host, "alice", actors).await;
        let id = created.challenge.id();
        let mut tasks = tokio::task::JoinSet::new();
        for links in created.links {
            let approve = Answer::approve_action(id, links.approve.expose());
            let decline = Answer::decline_action(id, links.decline.expose());
            for answer in [approve, decline] {
                let challenges = host.challenges.clone();
                tasks.spawn(async move { challenges.answer(answer).await.ok() });
            }
        }
        let outcomes: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(outcomes.len(), 1);
        let approved = matches!(outcomes[0], Decision::Passed(_));
        let word = if approved { "approved" } else { "declined" };
        let queued = queued(&host).await;
        assert_eq!(queued.len(), if approved { 2 } else { 1 });
        assert!(queued.iter().all(|(_, uri)| uri.contains(word)), "{queued:?}");
    }
}

#[tokio::test]
async fn action_cannot_be_replaced() {
    let host = Host::new().await;
    let created = create(&host, "a", vec![actor("a", "o")]).await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let result = host.challenges.replace(created.challenge.id(), spec).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::NotReplaceable))), "{result:?}");
}

#[test]
fn malformed_http_actions_are_refused() {
    let valid = || HttpAction::new("GET", "https://a.example/");
    assert!(valid().is_ok(), "control");
    let cases = [
        HttpAction::new("", "https://a.example/"),
        HttpAction::new("GET /", "https://a.example/"),
        HttpAction::new("GET", "ftp://a.example"),
        HttpAction::new("GET", "/relative"),
        HttpAction::new("GET", format!("https://a.example/{}", "x".repeat(1_024))),
        valid().unwrap().with_body(""),
        valid().unwrap().with_body("x".repeat(250_001)),
        valid().unwrap().with_content_type("text/plain\r\nx: y"),
        valid().unwrap().with_content_type("x".repeat(257)),
    ];
    for (index, case) in cases.into_iter().enumerate() {
        assert_eq!(case.unwrap_err(), Invalid::Action, "case {index}");
    }
}

/// R52: a decided action runs, however late.
#[tokio::test]
async fn queued_actions_outlive_the_challenge() {
    let host = Host::new().await;
    let created = create(&host, "a", vec![actor("a", "o")]).await;
    let approve = Answer::approve_action(created.challenge.id(), created.links[0].approve.expose());
    assert!(host.challenges.answer(approve).await.is_ok());
    host.clock.advance(Duration::from_secs(365 * 86_400));
    assert_eq!(host.challenges.sweep(100).await.unwrap(), 2, "the challenge and the counters are swept");
    assert_eq!(queued(&host).await.len(), 2);
}

#[tokio::test]
async fn declining_queues_the_declined_actions() {
    let host = Host::new().await;
    let created = create(&host, "alice", vec![actor("alice", "a"), actor("bob", "b")]).await;
    let decline = Answer::decline_action(created.challenge.id(), created.links[1].decline.expose());
    assert!(matches!(host.challenges.answer(decline).await, Ok(Decision::Declined(_))));
    assert_eq!(queued(&host).await, [(actor("bob", "b"), "https://a.example/declined".to_owned())]);
}

/// R62: the HTTP actions of a user are capped within the time that the actions are attempted.
#[tokio::test]
async fn actions_of_a_user_are_capped() {
    let mut policy = Policy::default();
    policy.dispatch.actions_per_user = 5;
    let host = Host::with_policy(policy).await;
    let capped = Invalid::TooMany { field: "dispatch.actions_per_user", max: 5 };
    let ask = async |user: &str| {
        let asked = host.challenges.actions().create(owner(user), action(vec![actor("bob", "b")])).await;
        let created = match asked {
            Err(Error::Invalid(invalid)) => return Some(invalid),
            created => created.unwrap(),
        };
        let approve = created.links[0].approve.expose();
        let answer = Answer::approve_action(created.challenge.id(), approve);
        assert!(host.challenges.answer(answer).await.unwrap().passed().is_some());
        None
    };
    // Two actions each: the places among the open challenges are free again, the actions still count.
    assert_eq!([ask("alice").await, ask("alice").await], [None, None]);
    assert_eq!(ask("alice").await, Some(capped));
    assert_eq!(queued(&host).await.len(), 4, "a refused creation queues nothing");
    assert_eq!(ask("carol").await, None, "control: the cap is of each user");

    host.clock.advance(host.challenges.policy().dispatch.action_age);
    assert_eq!(ask("alice").await, None, "control: the actions of the day before no longer count");
}
