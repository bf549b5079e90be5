use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::{
    Answer, AnswerData, ChallengeSpec, ChallengeType, ChallengeTypes, Decision, EndpointRef, Error, Owner, Timeout,
};

use super::host::{Host, Made, concluded, shown};
use super::operation::{AnswerType, By, Given, Named, Pick, Reply, Spec, User};

const PAGE: &str = "https://app.example/answer?x=1";

/// Operations on challenges and one-time-use actions.
impl Host<'_> {
    pub(super) async fn create(&mut self, user: User, spec: &Spec) -> Result<String, Error> {
        let owner = user.owner()?;
        let created = self.challenges.create(owner, self.spec(user, spec)?).await?;
        let code = created.code.as_ref().map(|code| code.expose().to_owned());
        let told = format!("{code:?} {}", shown(&created.challenge, self.challenges.now()));
        let secrets = code.iter().flat_map(|code| both_ways(ChallengeType::Code, code)).collect();
        self.made.push(Made {
            user,
            id: created.challenge.id(),
            kind: spec.types.first().copied().map(AnswerType::Challenge),
            secrets,
        });
        Ok(told)
    }

    pub(super) async fn replace(&mut self, pick: Pick, spec: &Spec) -> Result<String, Error> {
        let made = pick.of(&self.made).ok_or(Error::NotFound)?;
        let (id, user) = (made.id, made.user);
        let replaced = self.challenges.replace(id, self.spec(user, spec)?).await?;
        if let Some(made) = self.made.iter_mut().find(|made| made.id == id) {
            made.kind = replaced.types().and_then(|types| types.iter().next()).map(AnswerType::Challenge);
        }
        Ok(shown(&replaced, self.challenges.now()))
    }

    pub(super) async fn read(&self, pick: Pick) -> Result<String, Error> {
        let made = pick.of(&self.made).ok_or(Error::NotFound)?;
        let challenge = self.challenges.get(made.id).await?;
        Ok(shown(&challenge, self.challenges.now()))
    }

    pub(super) async fn delete(&self, pick: Pick) -> Result<String, Error> {
        let made = pick.of(&self.made).ok_or(Error::NotFound)?;
        self.challenges.delete(made.id).await?;
        Ok("deleted".to_owned())
    }

    pub(super) async fn create_action(&mut self, user: User, actors: u8) -> Result<String, Error> {
        let names = ["ann", "ben", "cleo", "dan"].into_iter().take(actors.into());
        let actors = names.map(|name| Owner::in_tenant("org", name)).collect::<Result<_, _>>()?;
        let mut action = OneTimeUseAction::new(actors, Timeout::from_seconds(600)?);
        action.approved_actions = vec![http_action("approved/1")?, http_action("approved/2")?];
        action.declined_actions = vec![http_action("declined")?];
        let created = self.challenges.actions().create(user.owner()?, action).await?;
        let kind = AnswerType::OneTimeUseAction;
        let mut secrets = Vec::new();
        for links in &created.links {
            secrets.push((kind, true, links.approve.expose().to_owned()));
            secrets.push((kind, false, links.decline.expose().to_owned()));
        }
        let told = format!("{secrets:?} {}", shown(&created.challenge, self.challenges.now()));
        self.made.push(Made { user, id: created.challenge.id(), kind: Some(kind), secrets });
        Ok(told)
    }

    pub(super) async fn answer(&mut self, pick: Pick, reply: Reply) -> Result<String, Error> {
        let made = pick.of(&self.made).ok_or(Error::NotFound)?;
        let (id, user) = (made.id, made.user);
        let kind = reply.kind.or(made.kind).unwrap_or(AnswerType::Challenge(ChallengeType::Code));
        let known = made.secrets.iter().rev().find(|(of, allows, _)| *of == kind && *allows == reply.allowed);
        let known = known.map(|(_, _, secret)| secret.clone());
        let text = match (reply.given, kind) {
            (Given::Malformed, _) => "\u{0} no answer".to_owned(),
            (given, AnswerType::Challenge(ChallengeType::Totp)) => self.totp_answer(user, given),
            (given, AnswerType::Challenge(ChallengeType::RecoveryCode)) => self.recovery_code(user, given),
            (given, AnswerType::Challenge(ChallengeType::Webauthn)) => self.assertion(user, id, given).await,
            (Given::Right, _) => known.unwrap_or_else(|| "not known yet".to_owned()),
            (Given::Wrong(number), _) => format!("wrong {number}"),
        };
        let answer = match (kind, reply.allowed) {
            (AnswerType::Challenge(kind), true) => Answer::allow(id, kind, text),
            (AnswerType::Challenge(kind), false) => Answer::decline(id, kind, text),
            (AnswerType::OneTimeUseAction, true) => Answer::approve_action(id, text),
            (AnswerType::OneTimeUseAction, false) => Answer::decline_action(id, text),
        };
        let answer = match reply.by {
            By::Nobody => answer,
            By::Asked => answer.by_user(user.owner()?.user_id()),
            By::Another => answer.by_user("mallory"),
        };
        let answered = self.challenges.answer(answer).await?;
        let told = concluded(&answered, self.challenges.now());
        if let Decision::Passed(passed) = answered {
            *self.passed.entry(kind).or_default() += 1;
            self.last_passed = Some(passed);
        }
        Ok(told)
    }

    fn spec(&self, user: User, spec: &Spec) -> Result<ChallengeSpec, Error> {
        let Ok(mut made) = ChallengeSpec::new(ChallengeTypes::new(None, Some(spec.types.clone()))?);
        made = made.with_purpose(super::devices::login()?);
        made.send_now = spec.send_now;
        made.timeout = spec.timeout.map(Timeout::from_seconds).transpose()?;
        made.endpoints = self.named(user, spec)?;
        if spec.page {
            made.response_uri = Some(PAGE.parse()?);
        }
        if spec.answer_data {
            made.answer_data = Some(AnswerData::new(&std::collections::BTreeMap::from([("for", user.0)]))?);
        }
        Ok(made)
    }

    fn named(&self, user: User, spec: &Spec) -> Result<Vec<EndpointRef>, Error> {
        let theirs = |of: User| match spec.named {
            Named::Nothing => false,
            Named::Own => of == user,
            Named::Foreign => of != user,
        };
        let totp = self.totp.iter().map(|it| (it.user, ChallengeType::Totp, it.id.to_string()));
        let webauthn = self.webauthn.iter().map(|it| (it.user, ChallengeType::Webauthn, it.id.to_string()));
        let endpoints = self.endpoints.iter().map(|(of, kind, id)| (*of, *kind, id.to_string()));
        let all = totp.chain(webauthn).chain(endpoints);
        let named = all.filter(|(of, kind, _)| theirs(*of) && spec.types.contains(kind));
        named.map(|(_, kind, id)| Ok(EndpointRef::from_parts(Some(&id), Some(kind))?)).collect()
    }
}

/// Returns a secret that can both allow and decline.
pub(super) fn both_ways(kind: ChallengeType, secret: &str) -> [(AnswerType, bool, String); 2] {
    [true, false].map(|allowed| (AnswerType::Challenge(kind), allowed, secret.to_owned()))
}

fn http_action(path: &str) -> Result<HttpAction, Error> {
    Ok(HttpAction::new("POST", format!("https://actions.example/{path}"))?.with_body("{}")?)
}
