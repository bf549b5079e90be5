use challenges_testkit::Authenticator;
use http::StatusCode;

use crate::host::{Host, Reply, Visitor, WAYS, Way, between};

/// Returns the key and the path of a new authenticator app.
fn created(way: Way, reply: &Reply) -> (Authenticator, String) {
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let (key, id) = match way {
        Way::Form => {
            assert!(reply.body.contains("<svg") && reply.body.contains("href=\"otpauth://totp/app.example.org:"));
            let key = between(&reply.body, "id=\"key\" dir=\"ltr\">", "<").replace(' ', "");
            (key, between(&reply.body, "action=\"/mfa/account/totp/", "/").to_owned())
        }
        Way::Json => {
            let data = reply.data();
            assert!(data["qr"].as_str().unwrap().contains("<svg"));
            (data["key"].as_str().unwrap().to_owned(), data["id"].as_str().unwrap().to_owned())
        }
    };
    (Authenticator::new(&key).unwrap(), format!("account/totp/{id}"))
}

impl Visitor<'_> {
    async fn add_app(&self, way: Way) -> (Authenticator, String) {
        let (app, path) = created(way, &self.post(way, "account/totp", &[]).await);
        let code = app.code(self.host.challenges.now());
        let added = self.post(way, &format!("{path}/confirm"), &[("code", &format!(" {code}\u{a0}"))]).await;
        assert!(added.is_done(), "{added:?}");
        (app, path)
    }
}

#[tokio::test]
async fn app_is_added_and_removed() {
    for way in WAYS {
        let host = Host::new().await;
        let mut alice = host.visitor("alice");
        let (app, path) = created(way, &alice.post(way, "account/totp", &[]).await);
        let now = host.challenges.now();
        let confirm = format!("{path}/confirm");
        alice.post(way, &confirm, &[("code", &app.wrong_code(now, 1))]).await.assert_refused(way, "wrong_code");
        assert_eq!(alice.account().await["totp"][0]["completed"], false);
        assert!(alice.page(&confirm).await.body.contains("name=\"code\""), "the page without the key");

        let added = alice.post(way, &confirm, &[("code", &app.code(now))]).await;
        assert!(added.is_done(), "{added:?}");
        let account = alice.account().await;
        assert_eq!((&account["totp"][0]["completed"], &account["has_factor"]), (&true.into(), &true.into()));
        alice.step_up(&app).await;
        assert_eq!(alice.page(&confirm).await.status, StatusCode::NOT_FOUND, "completed");

        let remove = format!("{path}/remove");
        assert!(alice.page(&remove).await.body.contains(&format!("action=\"/mfa/{remove}\"")));
        alice.post(way, &remove, &[]).await.assert_refused(way, "last_factor");
        alice.add_app(way).await;
        assert!(alice.post(way, &remove, &[]).await.is_done());
        assert_eq!(alice.account().await["totp"].as_array().unwrap().len(), 1);
        assert_eq!(alice.post(way, &remove, &[]).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn key_is_shown_once() {
    for way in WAYS {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        let reply = alice.post(way, "account/totp", &[]).await;
        let (_, path) = created(way, &reply);
        let key = match way {
            Way::Form => between(&reply.body, "secret=", "&").to_owned(),
            Way::Json => reply.data()["key"].as_str().unwrap().to_owned(),
        };
        assert!(reply.body.contains(&key), "control");
        for path in ["account", "account/totp", &format!("{path}/confirm"), &format!("{path}/remove")] {
            assert!(!alice.page(path).await.body.contains(&key), "{path}");
            assert!(!alice.get(path).await.body.contains(&key), "{path}");
        }
        let refused = alice.post(way, &format!("{path}/confirm"), &[("code", "000000")]).await;
        assert!(!refused.body.contains(&key));
    }
}

#[tokio::test]
async fn too_many_wrong_codes_show_the_time_to_wait() {
    for way in WAYS {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        let (app, path) = created(way, &alice.post(way, "account/totp", &[]).await);
        let (now, confirm) = (host.challenges.now(), format!("{path}/confirm"));
        for guess in 0..5 {
            let code = app.wrong_code(now, guess);
            alice.post(way, &confirm, &[("code", &code)]).await.assert_refused(way, "wrong_code");
        }
        let wrong = app.wrong_code(now, 5);
        alice.post(way, &confirm, &[("code", &wrong)]).await.assert_refused(way, "delayed");
        let right = app.code(now);
        let delayed = alice.post(way, &confirm, &[("code", &right)]).await;
        delayed.assert_refused(way, "delayed");
        // 2027-01-15 08:00:00 and the first delay of 30 seconds. People read the next full minute.
        let until = if way == Way::Form { "2027-01-15T08:01:00.000Z" } else { "2027-01-15T08:00:30.000Z" };
        assert!(delayed.body.contains(until), "{}", delayed.body);
        assert_eq!(alice.account().await["locks"][0]["factor"], "totp_enrollment");
        assert!(alice.page("account").await.body.contains("2027-01-15T08:01:00.000Z"));

        host.clock.advance(std::time::Duration::from_secs(30));
        let code = app.code(host.challenges.now());
        assert!(alice.post(way, &confirm, &[("code", &code)]).await.is_done(), "control: after the delay");
    }
}

#[tokio::test]
async fn pending_app_is_shown_and_dropped() {
    for way in WAYS {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        let (_, path) = created(way, &alice.post(way, "account/totp", &[]).await);
        let page = alice.page("account").await.body;
        assert!(page.contains(&format!("/mfa/{path}/confirm")) && page.contains(&format!("/mfa/{path}/remove")));
        assert!(alice.post(way, &format!("{path}/remove"), &[]).await.is_done());
        assert_eq!(alice.account().await["totp"], serde_json::json!([]));
    }
}

#[tokio::test]
async fn expired_setup_says_so() {
    for way in WAYS {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        let (app, path) = created(way, &alice.post(way, "account/totp", &[]).await);
        host.clock.advance(std::time::Duration::from_secs(3_600));
        let code = app.code(host.challenges.now());
        let late = alice.post(way, &format!("{path}/confirm"), &[("code", &code)]).await;
        late.assert_refused(way, "setup_over");
    }
}
