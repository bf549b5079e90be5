use challenges_core::approvals::OneTimeUseAction;
use challenges_core::endpoints::Address;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Owner, Timeout};
use challenges_testkit::administrator;
use http::StatusCode;
use serde_json::{Value, json};

use super::visitor::Visitor;

#[tokio::test]
async fn answer_page_decides_nothing_by_itself() {
    let alice = Visitor::signed_in("alice <b>").await;
    let (_, approval) = alice.json("POST", "/demo/approvals", Value::Null).await;
    let link = url::Url::parse(approval["link"].as_str().unwrap()).unwrap();
    assert!(approval["qr"].is_null(), "phones cannot open a loopback address");

    let path = format!("{}?{}", link.path(), link.query().unwrap());
    for method in ["GET", "HEAD", "GET"] {
        let response = alice.send(method, &path, Value::Null).await;
        assert_eq!(response.status(), StatusCode::OK);
        let page = std::str::from_utf8(response.body()).unwrap();
        assert!(page.contains("id=\"approve\"") && page.contains("alice &lt;b&gt;"));
    }
    assert_eq!(alice.states().await, ["issued"]);

    let find = |name| link.query_pairs().find(|(it, _)| it == name).unwrap().1.into_owned();
    assert_eq!(find("challenge_uid"), "alice <b>");
    let id = find("challenge_id").parse().unwrap();
    let answer = Answer::decline(id, ChallengeType::Code, find("challenge_answer")).by_user("alice <b>");
    assert!(alice.challenges.answer(answer).await.unwrap().passed().is_none());
    assert_eq!(alice.states().await, ["challenge_declined"]);
    assert!(!alice.get(&path).await.1.contains("id=\"approve\""));
}

#[tokio::test]
async fn answer_page_shows_the_escaped_description() {
    let alice = Visitor::signed_in("alice").await;
    let page = async |body: Value| {
        let (status, approval) = alice.json("POST", "/demo/approvals", body).await;
        assert_eq!(status, StatusCode::CREATED);
        let link = url::Url::parse(approval["link"].as_str().unwrap()).unwrap();
        alice.get(&format!("{}?{}", link.path(), link.query().unwrap())).await.1
    };
    let shown = page(json!({ "about": " <script>alert(1)</script> & 120 € to Bob " })).await;
    assert!(shown.contains(">&lt;script&gt;alert(1)&lt;/script&gt; &amp; 120 € to Bob</bdi>"), "{shown}");
    assert!(!shown.contains("<script>alert"));
    for nothing in [Value::Null, json!({}), json!({ "about": "  " })] {
        assert!(!page(nothing).await.contains("asked-about"));
    }
    let (status, refused) = alice.json("POST", "/demo/approvals", json!({ "about": "120 to \u{202e}boB" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(refused["error_message"].as_str().unwrap().contains("one line"));
}

#[tokio::test]
async fn answer_page_describes_an_action() {
    let alice = Visitor::signed_in("alice").await;
    let actor = Owner::in_tenant("acme", "alice").unwrap();
    let mut action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(60).unwrap());
    action.description = Some("Open <b>door 7</b>".parse().unwrap());
    let created = alice.challenges.actions().create(Owner::user("alice").unwrap(), action).await.unwrap();
    let (id, secret) = (created.challenge.id(), created.links[0].approve.expose());
    let (_, page) = alice.get(&format!("/answer?challenge_answer={secret}&challenge_id={id}&allowed=true")).await;
    assert!(page.contains("Open &lt;b&gt;door 7&lt;/b&gt;") && page.contains("in your name"), "{page}");
}

#[tokio::test]
async fn answer_page_of_an_email_needs_no_secret_in_the_request() {
    let alice = Visitor::signed_in("alice").await;
    let owner = Owner::user("alice").unwrap();
    let address = Address::Email("alice@example.org".parse().unwrap());
    alice.challenges.endpoints().register_confirmed(owner.clone(), &administrator(), address).await.unwrap();
    let spec = ChallengeSpec::new([ChallengeType::Sms, ChallengeType::Email]).unwrap();
    let id = alice.challenges.create(owner, spec).await.unwrap().challenge.id();
    let (_, page) = alice.get(&format!("/answer?challenge_id={id}&challenge_type=email")).await;
    assert!(page.contains("id=\"approve\"") && page.contains("data-type=\"email\""), "{page}");
    let (_, page) = alice.get(&format!("/answer?challenge_id={id}")).await;
    assert!(!page.contains("id=\"approve\""), "control: a link without a type and a secret");
}

#[tokio::test]
async fn reachable_links_come_with_a_qr_code() {
    let alice = Visitor::signed_in_at("http://192.168.1.4:8080", "alice").await;
    let (status, approval) = alice.json("POST", "/demo/approvals", Value::Null).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(approval["qr"].as_str().unwrap().contains("<svg"));
}
