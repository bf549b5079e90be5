use http::Method;
use percent_encoding::percent_decode_str;

/// An operation of the API.
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
    ListTrustedDevices,
    DeleteTrustedDevices,
    DeleteTrustedDevice,
}

/// A resource of the API, named by a path.
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
    TrustedDevices,
    TrustedDevice,
}

impl Resource {
    /// All resources. If a path matches two, the first one wins.
    const ALL: [Self; 10] = [
        Self::Challenges,
        Self::OneTimeUseActions,
        Self::Challenge,
        Self::Answers,
        Self::TotpEnrollments,
        Self::TotpEnrollment,
        Self::WebauthnEnrollments,
        Self::WebauthnEnrollment,
        Self::TrustedDevices,
        Self::TrustedDevice,
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
            Self::TrustedDevices => "/v1/challenge_enrollment/trusted_devices",
            Self::TrustedDevice => "/v1/challenge_enrollment/trusted_devices/{device_id}",
        }
    }

    /// Returns the resource at a path, and the percent-decoded id in the path.
    pub(crate) fn find(path: &str) -> Option<(Self, Option<String>)> {
        Self::ALL.into_iter().find_map(|resource| Some((resource, resource.id_in(path)?)))
    }

    fn id_in(self, path: &str) -> Option<Option<String>> {
        let mut id = None;
        let mut segments = path.split('/');
        for wanted in self.template().split('/') {
            let segment = segments.next()?;
            if wanted.starts_with('{') {
                // Replacement characters never form a valid id, so invalid UTF-8 is reported as not found.
                id = Some(percent_decode_str(segment).decode_utf8_lossy().into_owned()).filter(|id| !id.is_empty());
                id.as_ref()?;
            } else if segment != wanted {
                return None;
            }
        }
        segments.next().is_none().then_some(id)
    }

    /// Returns the methods of the resource, as the value of an `Allow` header.
    pub(crate) fn allow(self) -> String {
        let methods = ROUTES.iter().filter(|route| route.resource == self).map(|route| route.method.as_str());
        methods.collect::<Vec<_>>().join(", ")
    }
}

/// A method of a resource and its operation.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) resource: Resource,
    pub(crate) operation: Operation,
    /// The operation's name in the OpenAPI document.
    pub(crate) operation_id: &'static str,
    pub(crate) bearer: Bearer,
}

/// The use of a bearer token by an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bearer {
    /// The operation requires a token.
    Required,
    /// The challenge's id is enough; a token adds rights.
    Optional,
    /// The challenge's id is the capability, and a token is ignored.
    Unused,
}

impl Route {
    pub(crate) fn find(resource: Resource, method: &Method) -> Option<&'static Self> {
        ROUTES.iter().find(|route| route.resource == resource && route.method == method)
    }

    /// Returns the maximum size of a body in bytes. One-time-use actions contain the bodies of their HTTP requests.
    pub(crate) const fn body_limit(&self) -> usize {
        match self.operation {
            Operation::CreateOneTimeUseAction => 4 * 1024 * 1024,
            _ => 64 * 1024,
        }
    }
}

const fn bearer(method: Method, resource: Resource, operation: Operation, operation_id: &'static str) -> Route {
    Route { method, resource, operation, operation_id, bearer: Bearer::Required }
}

const fn open(method: Method, resource: Resource, operation: Operation, operation_id: &'static str) -> Route {
    Route { method, resource, operation, operation_id, bearer: Bearer::Unused }
}

const fn optional(method: Method, resource: Resource, operation: Operation, operation_id: &'static str) -> Route {
    Route { method, resource, operation, operation_id, bearer: Bearer::Optional }
}

/// All routes of the API. HEAD is absent on purpose: the HEAD request of a mail scanner must not decide anything.
pub(crate) static ROUTES: [Route; 20] = {
    use {Operation as O, Resource as R};
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const DELETE: Method = Method::DELETE;
    [
        bearer(POST, R::Challenges, O::CreateChallenge, "create_challenge"),
        bearer(POST, R::OneTimeUseActions, O::CreateOneTimeUseAction, "create_one_time_use_action"),
        open(GET, R::Challenge, O::GetChallenge, "get_challenge"),
        optional(PUT, R::Challenge, O::ReplaceChallenge, "replace_challenge"),
        optional(DELETE, R::Challenge, O::DeleteChallenge, "delete_challenge"),
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
        bearer(GET, R::TrustedDevices, O::ListTrustedDevices, "list_trusted_devices"),
        bearer(DELETE, R::TrustedDevices, O::DeleteTrustedDevices, "delete_trusted_devices"),
        bearer(DELETE, R::TrustedDevice, O::DeleteTrustedDevice, "delete_trusted_device"),
    ]
};

#[cfg(test)]
mod tests;
