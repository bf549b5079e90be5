use http::Method;
use percent_encoding::percent_decode_str;

/// Something that the API can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateChallenge,
    CreateOneTimeUseAction,
    GetChallenge,
    ReplaceChallenge,
    DeleteChallenge,
    GetAnswer,
    PostAnswer,
    CreateTotpEnrollment,
    ListTotpEnrollment,
    GetTotpEnrollment,
    UpdateTotpEnrollment,
    DeleteTotpEnrollment,
    CreateWebauthnEnrollment,
    ListWebauthnEnrollments,
    GetWebauthnEnrollment,
    UpdateWebauthnEnrollment,
    DeleteWebauthnEnrollment,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Challenges,
    OneTimeUseActions,
    Challenge,
    Answers,
    TotpEnrollments,
    TotpEnrollment,
    WebauthnEnrollments,
    WebauthnEnrollment,
}

impl Resource {
    /// Every resource; where a path fits two, the first counts.
    const ALL: [Self; 8] = [
        Self::Challenges,
        Self::OneTimeUseActions,
        Self::Challenge,
        Self::Answers,
        Self::TotpEnrollments,
        Self::TotpEnrollment,
        Self::WebauthnEnrollments,
        Self::WebauthnEnrollment,
    ];

    pub(crate) const fn template(self) -> &'static str {
        match self {
            Self::Challenges => "/v1/challenges",
            Self::OneTimeUseActions => "/v1/challenges/one_time_use_actions",
            Self::Challenge => "/v1/challenges/{challenge_id}",
            Self::Answers => "/v1/challenges/{challenge_id}/answers",
            Self::TotpEnrollments => "/v1/challenge_enrollment/totp",
            Self::TotpEnrollment => "/v1/challenge_enrollment/totp/{totp_id}",
            Self::WebauthnEnrollments => "/v1/challenge_enrollment/webauthn",
            Self::WebauthnEnrollment => "/v1/challenge_enrollment/webauthn/{webauthn_id}",
        }
    }

    /// What that path leads to, and the id in it, decoded.
    pub(crate) fn find(path: &str) -> Option<(Self, Option<String>)> {
        Self::ALL.into_iter().find_map(|resource| Some((resource, resource.id_in(path)?)))
    }

    fn id_in(self, path: &str) -> Option<Option<String>> {
        let mut id = None;
        let mut segments = path.split('/');
        for wanted in self.template().split('/') {
            let segment = segments.next()?;
            if wanted.starts_with('{') {
                // A segment that is not UTF-8 once decoded is no id, as none that it could be is.
                id = Some(percent_decode_str(segment).decode_utf8_lossy().into_owned()).filter(|id| !id.is_empty());
                id.as_ref()?;
            } else if segment != wanted {
                return None;
            }
        }
        segments.next().is_none().then_some(id)
    }

    /// The methods that it has, as an `Allow` header lists them.
    pub(crate) fn allow(self) -> String {
        let methods = ROUTES.iter().filter(|route| route.resource == self).map(|route| route.method.as_str());
        methods.collect::<Vec<_>>().join(", ")
    }
}

/// A method of a resource, and the operation behind it.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) resource: Resource,
    pub(crate) operation: Operation,
    /// The operation's name in the OpenAPI document.
    pub(crate) operation_id: &'static str,
    /// Whether the challenge's id is all the authority that it takes.
    pub(crate) open: bool,
}

impl Route {
    pub(crate) fn find(resource: Resource, method: &Method) -> Option<&'static Self> {
        ROUTES.iter().find(|route| route.resource == resource && route.method == method)
    }

    /// The most bytes of a body. Actions carry bodies of their own.
    pub(crate) const fn body_limit(&self) -> usize {
        match self.operation {
            Operation::CreateOneTimeUseAction => 4 * 1024 * 1024,
            _ => 64 * 1024,
        }
    }
}

const fn bearer(method: Method, resource: Resource, operation: Operation, operation_id: &'static str) -> Route {
    Route { method, resource, operation, operation_id, open: false }
}

const fn open(method: Method, resource: Resource, operation: Operation, operation_id: &'static str) -> Route {
    Route { method, resource, operation, operation_id, open: true }
}

/// The whole API. HEAD is deliberately nowhere: a mail scanner's HEAD of a link must not decide anything.
pub(crate) static ROUTES: [Route; 17] = {
    use {Operation as O, Resource as R};
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const DELETE: Method = Method::DELETE;
    [
        bearer(POST, R::Challenges, O::CreateChallenge, "create_challenge"),
        bearer(POST, R::OneTimeUseActions, O::CreateOneTimeUseAction, "create_one_time_use_action"),
        open(GET, R::Challenge, O::GetChallenge, "get_challenge"),
        open(PUT, R::Challenge, O::ReplaceChallenge, "replace_challenge"),
        open(DELETE, R::Challenge, O::DeleteChallenge, "delete_challenge"),
        open(GET, R::Answers, O::GetAnswer, "get_answer"),
        open(POST, R::Answers, O::PostAnswer, "post_answer"),
        bearer(POST, R::TotpEnrollments, O::CreateTotpEnrollment, "create_totp_enrollment"),
        bearer(GET, R::TotpEnrollments, O::ListTotpEnrollment, "list_totp_enrollment"),
        bearer(GET, R::TotpEnrollment, O::GetTotpEnrollment, "get_totp_enrollment"),
        bearer(POST, R::TotpEnrollment, O::UpdateTotpEnrollment, "update_totp_enrollment"),
        bearer(DELETE, R::TotpEnrollment, O::DeleteTotpEnrollment, "delete_totp_enrollment"),
        bearer(POST, R::WebauthnEnrollments, O::CreateWebauthnEnrollment, "create_webauthn_enrollment"),
        bearer(GET, R::WebauthnEnrollments, O::ListWebauthnEnrollments, "list_webauthn_enrollments"),
        bearer(GET, R::WebauthnEnrollment, O::GetWebauthnEnrollment, "get_webauthn_enrollment"),
        bearer(POST, R::WebauthnEnrollment, O::UpdateWebauthnEnrollment, "update_webauthn_enrollment"),
        bearer(DELETE, R::WebauthnEnrollment, O::DeleteWebauthnEnrollment, "delete_webauthn_enrollment"),
    ]
};

#[cfg(test)]
mod tests;
