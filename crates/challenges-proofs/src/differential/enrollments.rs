use challenges_core::time::Clock as _;
use challenges_core::webauthn::{RelyingPartyId, WebauthnEnrollmentSpec};
use challenges_core::{ChallengeId, Error, Invalid};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Authenticator, administrator};

use super::host::{Enrolled, Host};
use super::operation::{Given, Pick, User};

const RELYING_PARTY: &str = "example.org";
const ORIGIN: &str = "https://example.org";

/// Operations on enrollments, and the answers of authenticators.
impl Host<'_> {
    pub(super) async fn enroll_totp(&mut self, user: User) -> Result<String, Error> {
        let (enrollment, key) = self.challenges.totp().create(user.owner()?, &administrator()).await?;
        let (id, key) = (enrollment.id(), key.to_base32());
        self.totp.push(Enrolled { user, id, authenticator: Authenticator::new(key.expose()) });
        Ok(format!("{id} {} {:?}", key.expose(), enrollment))
    }

    pub(super) async fn confirm_totp(&self, pick: Pick, given: Given) -> Result<String, Error> {
        let enrolled = pick.of(&self.totp).ok_or(Error::NotFound)?;
        let code = self.code(enrolled.authenticator.as_ref(), given).into();
        let owner = enrolled.user.owner()?;
        let confirmed = self.challenges.totp().confirm(&owner, &administrator(), enrolled.id, &code).await?;
        Ok(format!("{confirmed:?} {:?}", confirmed.updated()))
    }

    pub(super) async fn delete_totp(&mut self, pick: Pick) -> Result<String, Error> {
        let index = pick.index(self.totp.len()).ok_or(Error::NotFound)?;
        let enrolled = self.totp.remove(index);
        self.challenges.totp().delete(&enrolled.user.owner()?, &administrator(), enrolled.id).await?;
        Ok("deleted".to_owned())
    }

    pub(super) async fn enroll_webauthn(&mut self, user: User) -> Result<String, Error> {
        let relying_party: RelyingPartyId = RELYING_PARTY.parse()?;
        let spec = WebauthnEnrollmentSpec::new(relying_party);
        let created = self.challenges.webauthn().create(user.owner()?, &administrator(), spec).await?;
        self.keys += 1;
        self.webauthn.push(Enrolled { user, id: created.id(), authenticator: SecurityKey::new(self.keys) });
        Ok(format!("{} {created:?} {:?}", created.id(), created.challenge()))
    }

    pub(super) async fn confirm_webauthn(&mut self, pick: Pick, given: Given) -> Result<String, Error> {
        let index = pick.index(self.webauthn.len()).ok_or(Error::NotFound)?;
        let enrolled = self.webauthn.get_mut(index).ok_or(Error::NotFound)?;
        let (owner, id) = (enrolled.user.owner()?, enrolled.id);
        let options = self.challenges.webauthn().creation_options(&owner, id, "an account").await?;
        let Ok(mut draft) = enrolled.authenticator.create(&options, ORIGIN) else {
            return Ok(format!("the authenticator takes no part in {options}"));
        };
        match given {
            Given::Right => {}
            Given::Wrong(number) => draft.client_data.set("origin", format!("https://{number}.example")),
            Given::Malformed => draft.client_data.set("type", "none"),
        }
        let response = draft.sign().core_response()?;
        let confirmed = self.challenges.webauthn().confirm(&owner, &administrator(), id, &response).await?;
        Ok(format!("{confirmed:?} {:?} of {options}", confirmed.credential()))
    }

    pub(super) async fn rename_webauthn(&self, pick: Pick) -> Result<String, Error> {
        let enrolled = pick.of(&self.webauthn).ok_or(Error::NotFound)?;
        let name = format!("the key {}", enrolled.id);
        let renamed = self.challenges.webauthn().rename(&enrolled.user.owner()?, enrolled.id, &name).await?;
        Ok(format!("{renamed:?} {:?}", renamed.name()))
    }

    pub(super) async fn delete_webauthn(&mut self, pick: Pick) -> Result<String, Error> {
        let index = pick.index(self.webauthn.len()).ok_or(Error::NotFound)?;
        let enrolled = self.webauthn.remove(index);
        self.challenges.webauthn().delete(&enrolled.user.owner()?, &administrator(), enrolled.id).await?;
        Ok("deleted".to_owned())
    }

    /// Returns an answer with the user's newest authenticator, right or wrong as given.
    pub(super) fn totp_answer(&self, user: User, given: Given) -> String {
        let newest = self.totp.iter().rev().find(|enrolled| enrolled.user == user);
        self.code(newest.and_then(|enrolled| enrolled.authenticator.as_ref()), given)
    }

    fn code(&self, authenticator: Option<&Authenticator>, given: Given) -> String {
        let now = self.clock.now();
        match (authenticator, given) {
            (Some(authenticator), Given::Right) => authenticator.code(now),
            (Some(authenticator), Given::Wrong(number)) => authenticator.wrong_code(now, number.into()),
            (None, Given::Right) => "000000".to_owned(),
            (None, Given::Wrong(number)) => format!("{number:06}"),
            (_, Given::Malformed) => "no code".to_owned(),
        }
    }

    /// Returns the answer of one of the user's security keys, or the reason for a missing answer.
    pub(super) async fn assertion(&mut self, user: User, challenge: ChallengeId, given: Given) -> String {
        let options = match self.challenges.webauthn().request_options(challenge).await {
            Ok(options) => options,
            Err(error) => return format!("no options: {error:?}"),
        };
        let theirs = self.webauthn.iter_mut().filter(|enrolled| enrolled.user == user);
        let Some(draft) = theirs.filter_map(|enrolled| enrolled.authenticator.get(&options, ORIGIN).ok()).next() else {
            return Invalid::NoAssertionExpected.to_string();
        };
        let mut signed = draft.sign();
        if let Given::Wrong(number) = given {
            signed.signature = vec![number; signed.signature.len()];
        }
        signed.answer()
    }
}
