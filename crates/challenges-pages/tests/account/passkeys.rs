use challenges_testkit::webauthn::{SecurityKey, SignedCredential};
use http::StatusCode;
use serde_json::{Value, json};

use crate::host::{Host, ORIGIN, Visitor, WAYS, Way, between};

impl Visitor<'_> {
    /// Begins to add a passkey. Returns the path and the creation options.
    pub(crate) async fn begin_passkey(&self, way: Way) -> (String, Value) {
        let begun = self.post(way, "account/passkeys", &[]).await;
        match way {
            Way::Form => {
                let path = begun.location.strip_prefix("/mfa/").unwrap().strip_suffix("/confirm").unwrap().to_owned();
                let page = self.page(&format!("{path}/confirm")).await.body;
                let options = between(&page, "data-passkey-create=\"", "\"").replace("&quot;", "\"");
                assert!(page.contains("<input type=\"hidden\" name=\"credential\">"), "{page}");
                (path, serde_json::from_str(&options).unwrap())
            }
            Way::Json => {
                let data = begun.data();
                (format!("account/passkeys/{}", data["id"].as_str().unwrap()), data["options"].clone())
            }
        }
    }

    pub(crate) async fn add_passkey(&self, way: Way, key: &mut SecurityKey, name: &str) -> String {
        let (path, options) = self.begin_passkey(way).await;
        let credential = created(key, &options).json().to_string();
        let fields = [("credential", credential.as_str()), ("name", name)];
        let added = self.post(way, &format!("{path}/confirm"), &fields).await;
        assert!(added.is_done(), "{added:?}");
        path
    }
}

fn created(key: &mut SecurityKey, options: &Value) -> SignedCredential {
    key.create(options, ORIGIN).unwrap().sign()
}

#[tokio::test]
async fn passkey_is_added_renamed_and_removed() {
    for way in WAYS {
        let host = Host::new().await;
        let (alice, _) = host.visitor("alice").with_app().await;
        let path = alice.add_passkey(way, &mut SecurityKey::new(1), " my key ").await;
        let passkey = alice.account().await["passkeys"][0].clone();
        assert_eq!((&passkey["name"], &passkey["completed"]), (&json!("my key"), &json!(true)));

        let rename = format!("{path}/rename");
        assert!(alice.page(&rename).await.body.contains("value=\"my key\""));
        alice.post(way, &rename, &[("name", "  ")]).await.assert_refused(way, "passkey_name");
        let long = "x".repeat(256);
        let refused = alice.post(way, &rename, &[("name", &long)]).await;
        refused.assert_refused(way, "passkey_name");
        assert!(refused.body.contains(&long), "the input is kept");
        assert!(alice.post(way, &rename, &[("name", "phone")]).await.is_done());
        assert_eq!(alice.account().await["passkeys"][0]["name"], "phone");

        let remove = format!("{path}/remove");
        assert!(alice.page(&remove).await.body.contains("<bdi>phone</bdi>"));
        assert!(alice.post(way, &remove, &[]).await.is_done());
        assert_eq!(alice.account().await["passkeys"], json!([]));
    }
}

#[tokio::test]
async fn credential_as_an_object_is_accepted() {
    let host = Host::new().await;
    let alice = host.visitor("alice");
    let (path, options) = alice.begin_passkey(Way::Json).await;
    let credential = created(&mut SecurityKey::new(1), &options).json();
    let added = alice.post_json(&format!("{path}/confirm"), &json!({ "credential": credential })).await;
    assert_eq!(added.status, StatusCode::OK);
    assert_eq!(alice.account().await["passkeys"][0]["completed"], true);
}

#[tokio::test]
async fn refused_credential_shows_the_form_again() {
    for way in WAYS {
        let host = Host::new().await;
        let alice = host.visitor("alice");
        let (path, options) = alice.begin_passkey(way).await;
        let confirm = format!("{path}/confirm");
        let elsewhere = SecurityKey::new(1).create(&options, "https://evil.example").unwrap().sign().json();
        for credential in ["", "{}", "null", elsewhere.to_string().as_str()] {
            let fields = [("credential", credential), ("name", "kept <name>")];
            let refused = alice.post(way, &confirm, &fields).await;
            refused.assert_refused(way, "passkey_refused");
            assert!(way == Way::Json || refused.body.contains("value=\"kept &lt;name&gt;\""), "{}", refused.body);
        }
        assert_eq!(alice.account().await["passkeys"][0]["completed"], false);

        let mut key = SecurityKey::new(1);
        let credential = created(&mut key, &options).json().to_string();
        assert!(alice.post(way, &confirm, &[("credential", &credential)]).await.is_done(), "control");
        let mallory = host.visitor("mallory");
        let (path, options) = mallory.begin_passkey(way).await;
        let credential = key.clone().create(&options, ORIGIN).unwrap().sign().json().to_string();
        let taken = mallory.post(way, &format!("{path}/confirm"), &[("credential", &credential)]).await;
        taken.assert_refused(way, "passkey_taken");
    }
}
