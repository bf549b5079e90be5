use challenges_core::{Answer, ChallengeSpec, ChallengeType};
use http::StatusCode;

use crate::host::{Host, Reply, Visitor, WAYS, Way, between};

fn codes(way: Way, reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    match way {
        Way::Form => {
            let list = between(&reply.body, "<ul class=\"codes\"", "</ul>");
            list.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
        }
        Way::Json => {
            let data = reply.data();
            data["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
        }
    }
}

async fn answers(visitor: &Visitor<'_>, code: &str) -> bool {
    let types = [ChallengeType::Totp, ChallengeType::RecoveryCode];
    let id = visitor.ask(ChallengeSpec::new(types).unwrap()).await.challenge.id();
    let answer = Answer::allow(id, ChallengeType::RecoveryCode, code);
    visitor.host.challenges.answer(answer).await.is_ok()
}

/// R68: no other response contains the codes, and generating again ends them.
#[tokio::test]
async fn codes_are_shown_once() {
    for way in WAYS {
        let host = Host::new().await;
        let (alice, _) = host.visitor("alice").with_app().await;
        let generated = alice.post(way, "account/recovery-codes", &[]).await;
        let first = codes(way, &generated);
        assert_eq!(first.len(), 10);
        assert_eq!(alice.account().await["recovery_codes"], 10);
        for path in ["account", "account/recovery-codes", "account/activity"] {
            let (page, data) = (alice.page(path).await.body, alice.get(path).await.body);
            for code in &first {
                assert!(generated.body.contains(code), "control");
                assert!(!page.contains(code) && !data.contains(code), "{path}");
            }
        }
        let second = codes(way, &alice.post(way, "account/recovery-codes", &[]).await);
        assert!(first.iter().all(|code| !second.contains(code)));
        assert!(!answers(&alice, &first[0]).await);
        assert!(answers(&alice, &second[0]).await, "control");
        assert_eq!(alice.account().await["recovery_codes"], 9);
    }
}

#[tokio::test]
async fn codes_are_copied_printed_and_downloaded_from_the_page() {
    let host = Host::new().await;
    let (alice, _) = host.visitor("alice").with_app().await;
    let page = alice.post(Way::Form, "account/recovery-codes", &[]).await;
    let codes = codes(Way::Form, &page);
    let file = between(&page.body, "href=\"data:text/plain;charset=utf-8,", "\"");
    assert_eq!(file.replace("%0A", "\n").lines().collect::<Vec<_>>(), codes);
    assert!(page.body.contains("data-copy=\"codes\"") && page.body.contains("data-print"));
}

#[tokio::test]
async fn codes_need_a_factor() {
    for way in WAYS {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        assert!(!alice.page("account/recovery-codes").await.body.contains("<form"));
        let refused = alice.post(way, "account/recovery-codes", &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(alice.account().await["recovery_codes"], 0);
    }
}

#[tokio::test]
async fn missing_codes_are_told_once_a_factor_exists() {
    let host = Host::new().await;
    let alice = host.visitor("alice");
    let link = "href=\"/mfa/account/recovery-codes\"";
    assert!(!alice.page("account").await.body.contains(link), "no factor");
    let (alice, _) = alice.with_app().await;
    let page = alice.page("account").await.body;
    assert!(page.contains(link) && page.contains("class=\"warning\""), "{page}");
    alice.post(Way::Form, "account/recovery-codes", &[]).await;
    let page = alice.page("account").await.body;
    assert!(page.contains(link) && !page.contains("class=\"warning\""), "{page}");
}
