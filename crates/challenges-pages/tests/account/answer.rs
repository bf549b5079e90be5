use challenges_core::approvals::OneTimeUseAction;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::{ChallengeId, ChallengeSpec, ChallengeType, CreatedChallenge, Owner, State, Timeout};
use http::StatusCode;
use url::Url;

use crate::host::{Host, P256DH, Reply, Visitor, WAYS, Way, between};

const KINDS: [ChallengeType; 3] = [ChallengeType::Sms, ChallengeType::WebPush, ChallengeType::Email];

/// A challenge whose message was sent.
struct Asked {
    created: CreatedChallenge,
    /// The path and query of the link, below the prefix.
    path: String,
    /// The fields of the form, as a visitor with the script has them.
    fields: Vec<(String, String)>,
}

async fn asked(host: &Host, kind: ChallengeType, number_match: bool) -> Asked {
    let alice = host.visitor("alice");
    alice
        .add_address(match kind {
            ChallengeType::Sms => Address::Phone("+442079460000".parse().unwrap()),
            ChallengeType::Email => Address::Email("alice@example.org".parse().unwrap()),
            _ => Address::Push(
                PushSubscription::new("https://push.example.com/1", P256DH, "AAECAwQFBgcICQoLDA0ODw").unwrap(),
            ),
        })
        .await;
    asked_again(host, kind, number_match).await
}

async fn asked_again(host: &Host, kind: ChallengeType, number_match: bool) -> Asked {
    let mut spec = ChallengeSpec::new(kind).unwrap().with_description("Pay <b>120</b> EUR to Bob".parse().unwrap());
    spec.number_match = number_match;
    let created = host.visitor("alice").ask(spec).await;
    let link = Url::parse(&host.message().await).unwrap();
    let path = format!("answer?{}", link.query().unwrap());
    let mut fields: Vec<_> = link.query_pairs().into_owned().collect();
    fields.extend(url::form_urlencoded::parse(link.fragment().unwrap_or_default().as_bytes()).into_owned());
    Asked { created, path, fields }
}

impl Asked {
    fn id(&self) -> ChallengeId {
        self.created.challenge.id()
    }

    async fn state(&self, host: &Host) -> State {
        host.challenges.get(self.id()).await.unwrap().state()
    }

    async fn decide(&self, visitor: &Visitor<'_>, way: Way, more: &[(&str, &str)]) -> Reply {
        let mut fields: Vec<_> = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend(more);
        visitor.post(way, "answer", &fields).await
    }
}

/// A visitor without a session.
fn anybody(host: &Host) -> Visitor<'_> {
    Visitor { is_signed_in: false, ..host.visitor("nobody") }
}

/// R39: opening a link decides and counts nothing, also as a prefetch.
#[tokio::test]
async fn opening_a_link_decides_nothing() {
    for kind in KINDS {
        let host = Host::new().await;
        let asked = asked(&host, kind, false).await;
        let before = host.challenges.get(asked.id()).await.unwrap();
        for method in ["GET", "HEAD", "GET"] {
            for accept in [None, Some("application/json")] {
                let shown = anybody(&host).send(method, &asked.path, accept, "", String::new()).await;
                assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
            }
        }
        let page = anybody(&host).page(&asked.path).await.body;
        assert!(page.contains("value=\"approve\"") && page.contains("value=\"not_me\""), "{page}");
        assert!(page.contains("<bdi>Pay &lt;b&gt;120&lt;/b&gt; EUR to Bob</bdi>"), "{page}");
        let after = host.challenges.get(asked.id()).await.unwrap();
        assert_eq!((after.state(), after.updated()), (State::Issued, before.updated()));
        assert_eq!(after.wrong_answers(), 0);

        let data = anybody(&host).get(&asked.path).await;
        let secret = &asked.fields.iter().find(|(name, _)| name == "challenge_answer").unwrap().1;
        assert!(!data.body.contains(secret), "the data does not repeat the secret");
        assert_eq!(data.data()["description"], "Pay <b>120</b> EUR to Bob");
    }
}

#[tokio::test]
async fn link_is_approved_declined_and_denied() {
    for (kind, way) in KINDS.into_iter().flat_map(|kind| WAYS.map(|way| (kind, way))) {
        for (decision, state) in [
            ("approve", State::ChallengePassed),
            ("decline", State::ChallengeDeclined),
            ("not_me", State::ChallengeDeclined),
        ] {
            let host = Host::new().await;
            let asked = asked(&host, kind, false).await;
            let answered = asked.decide(&anybody(&host), way, &[("decision", decision)]).await;
            assert_eq!(answered.status, StatusCode::OK, "{kind} {answered:?}");
            match way {
                Way::Form => assert!(answered.body.contains("role=\"status\"") && !answered.body.contains("<form")),
                Way::Json => assert_eq!(answered.data()["decision"], decision),
            }
            assert_eq!(asked.state(&host).await, state, "{kind} {decision}");
            assert!(!anybody(&host).page(&asked.path).await.body.contains("<form"), "closed");

            let again = asked.decide(&anybody(&host), way, &[("decision", "approve")]).await;
            assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(asked.state(&host).await, state, "a second answer changes nothing");
        }
    }
}

#[tokio::test]
async fn wrong_secret_decides_nothing() {
    for (kind, way) in KINDS.into_iter().flat_map(|kind| WAYS.map(|way| (kind, way))) {
        let host = Host::new().await;
        let mut asked = asked(&host, kind, false).await;
        let right = asked.fields.clone();
        for secret in ["", "x", "0000000000000000000000"] {
            asked.fields = right.clone();
            let answer = asked.fields.iter_mut().find(|(name, _)| name == "challenge_answer").unwrap();
            answer.1 = secret.to_owned();
            for decision in ["approve", "decline", "not_me"] {
                let refused = asked.decide(&anybody(&host), way, &[("decision", decision)]).await;
                refused.assert_refused(way, "answer_refused");
            }
        }
        asked.fields = right.clone();
        let other = asked.fields.iter_mut().find(|(name, _)| name == "challenge_uid").unwrap();
        other.1 = "mallory".to_owned();
        asked.decide(&anybody(&host), way, &[("decision", "approve")]).await.assert_refused(way, "answer_refused");
        assert_eq!(asked.state(&host).await, State::Issued);
        asked.fields = right;
        let answered = asked.decide(&anybody(&host), way, &[("decision", "approve")]).await;
        assert_eq!(answered.status, StatusCode::OK, "control: {answered:?}");
    }
}

#[tokio::test]
async fn number_is_needed_to_approve_only() {
    for (kind, way) in KINDS.into_iter().flat_map(|kind| WAYS.map(|way| (kind, way))) {
        let host = Host::new().await;
        let first = asked(&host, kind, true).await;
        assert!(anybody(&host).page(&first.path).await.body.contains("name=\"number_match\""));
        let missing = first.decide(&anybody(&host), way, &[("decision", "approve"), ("number_match", " ")]).await;
        missing.assert_refused(way, "number_missing");
        assert_eq!(host.challenges.get(first.id()).await.unwrap().wrong_answers(), 0);
        let number = first.created.number.as_ref().unwrap().expose();
        let wrong = if number == "11" { "12" } else { "11" };
        let refused = first.decide(&anybody(&host), way, &[("decision", "approve"), ("number_match", wrong)]).await;
        refused.assert_refused(way, "answer_refused");
        let (tens, ones) = number.split_at(1);
        // As typed on a Japanese keyboard.
        let wide = char::from_u32(u32::from(ones.chars().next().unwrap()) + 0xfee0).unwrap();
        let typed = format!(" {tens}\u{a0}{wide}\u{200b}");
        let done = first.decide(&anybody(&host), way, &[("decision", "approve"), ("number_match", &typed)]).await;
        assert_eq!((done.status, first.state(&host).await), (StatusCode::OK, State::ChallengePassed), "{done:?}");

        host.clock.advance(std::time::Duration::from_secs(60));
        let second = asked_again(&host, kind, true).await;
        let done = second.decide(&anybody(&host), way, &[("decision", "decline")]).await;
        assert_eq!((done.status, second.state(&host).await), (StatusCode::OK, State::ChallengeDeclined));
    }
}

#[tokio::test]
async fn whole_link_of_an_email_can_be_pasted() {
    let host = Host::new().await;
    let mut asked = asked(&host, ChallengeType::Email, false).await;
    let page = anybody(&host).page(&asked.path).await.body;
    let secret = asked.fields.iter().find(|(name, _)| name == "challenge_answer").unwrap().1.clone();
    assert!(page.contains("name=\"challenge_answer\" type=\"text\"") && !page.contains(&secret));
    let pasted = format!(" https://app.example.org/mfa/{}#challenge_answer={secret}\n", asked.path);
    asked.fields.iter_mut().find(|(name, _)| name == "challenge_answer").unwrap().1 = pasted;
    let answered = asked.decide(&anybody(&host), Way::Form, &[("decision", "approve")]).await;
    assert_eq!(answered.status, StatusCode::OK, "{answered:?}");
    assert_eq!(asked.state(&host).await, State::ChallengePassed);
}

/// R37: a secret to approve only approves, and a secret to decline only declines.
#[tokio::test]
async fn actor_decides_an_action() {
    for (way, approves) in WAYS.into_iter().flat_map(|way| [true, false].map(|approves| (way, approves))) {
        let host = Host::new().await;
        let actor = Owner::in_tenant("acme", "eve <b>").unwrap();
        let mut action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(60).unwrap());
        action.description = Some("Open <b>door 7</b>".parse().unwrap());
        let created = host.challenges.actions().create(Owner::user("alice").unwrap(), action).await.unwrap();
        let links = &created.links[0];
        let secret = if approves { &links.approve } else { &links.decline }.expose();
        let id = created.challenge.id().to_string();
        let allowed = approves.to_string();
        let fields = [
            ("challenge_answer", secret),
            ("challenge_uid", "eve <b>"),
            ("allowed", allowed.as_str()),
            ("challenge_type", "one_time_use_action"),
            ("challenge_id", id.as_str()),
        ];
        let query = serde_urlencoded::to_string(fields).unwrap();
        let page = anybody(&host).page(&format!("answer?{query}")).await.body;
        assert!(page.contains("Open &lt;b&gt;door 7&lt;/b&gt;") && page.contains("<bdi>eve &lt;b&gt;</bdi>"), "{page}");
        assert_eq!(page.contains("value=\"approve\""), approves);
        assert_eq!(page.contains("value=\"decline\""), !approves);
        assert!(!page.contains("value=\"not_me\""));

        for forged in ["the bank", "alice", ""] {
            let fields = fields.map(|(name, value)| (name, if name == "challenge_uid" { forged } else { value }));
            let query = serde_urlencoded::to_string(fields).unwrap();
            let page = anybody(&host).page(&format!("answer?{query}")).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{forged}");
        }

        let decide = async |decision| {
            let fields: Vec<_> = fields.into_iter().chain([("decision", decision)]).collect();
            anybody(&host).post(way, "answer", &fields).await
        };
        let (right, wrong) = if approves { ("approve", "decline") } else { ("decline", "approve") };
        assert_eq!(decide(wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(host.challenges.get(created.challenge.id()).await.unwrap().state(), State::Issued);
        assert_eq!(decide(right).await.status, StatusCode::OK);
        let state = if approves { State::ChallengePassed } else { State::ChallengeDeclined };
        assert_eq!(host.challenges.get(created.challenge.id()).await.unwrap().state(), state);
        let ended = anybody(&host).page(&format!("answer?{query}")).await;
        assert!(ended.status == StatusCode::OK && !ended.body.contains("eve"), "{ended:?}");
    }
}

#[tokio::test]
async fn incomplete_and_unknown_links_say_so() {
    let host = Host::new().await;
    let asked = asked(&host, ChallengeType::Sms, false).await;
    let id = asked.id().to_string();
    for path in ["answer", &format!("answer?challenge_id={id}"), "answer?challenge_answer=x"] {
        let page = anybody(&host).page(path).await;
        assert!(page.status == StatusCode::OK && !page.body.contains("<form"), "{path}: {page:?}");
        assert!(!page.body.contains("120"), "the description needs a secret");
    }
    for id in ["x", &"0".repeat(40), "%00"] {
        let page = anybody(&host).page(&format!("answer?challenge_id={id}&challenge_answer=x")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{id}");
    }
    assert!(anybody(&host).page(&asked.path).await.body.contains("120"), "control");
    host.clock.advance(std::time::Duration::from_secs(600));
    let page = anybody(&host).page(&asked.path).await.body;
    assert!(!page.contains("<form"), "expired");
    assert!(between(&page, "<h1>", "</h1>").len() > 3);
}
