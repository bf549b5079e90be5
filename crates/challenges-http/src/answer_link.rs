//! Links by which an actor approves or declines a one-time-use action.

use challenges_core::store::Id;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::fault::Fault;

/// The longest answer link, in characters: the limit of the API's clients.
const MAX_LINK: usize = 1_024;
const MAX_BASE: usize = 512;
/// The length of a link's secret, in characters.
const SECRET: usize = 22;

/// Keeps the unreserved characters of RFC 3986 section 2.3 and encodes all others, including `+`.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The base of a link: an absolute http(s) URL of at most 512 ASCII characters, without user info, query or fragment.
#[derive(Debug)]
pub(crate) struct Base(String);

impl Base {
    /// Parses a base. Returns `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        let http = text.starts_with("https://") || text.starts_with("http://");
        if !http || text.len() > MAX_BASE || !text.bytes().all(plain) || text.contains(['?', '#', '@']) {
            return None;
        }
        let authority = text.split('/').nth(2)?;
        let url = Url::parse(text).ok()?;
        (url.has_host() && !authority.is_empty()).then(|| Self(text.to_owned()))
    }
}

/// The target of the links of one-time-use actions.
#[derive(Debug)]
pub(crate) enum AnswerLinks {
    /// The API itself: opening a link decides the action.
    Api(Base),
    /// A page of the host that asks the actor and posts the answer.
    Page(Base),
}

impl AnswerLinks {
    pub(crate) const fn lead_to_a_page(&self) -> bool {
        matches!(self, Self::Page(_))
    }

    /// Returns the link by which an actor approves (`allowed`) or declines.
    pub(crate) fn answer(&self, id: &str, secret: &str, user_id: &str, allowed: bool) -> String {
        let user_id = utf8_percent_encode(user_id, COMPONENT);
        let parameters = format!(
            "challenge_answer={secret}&challenge_uid={user_id}&allowed={allowed}&challenge_type=one_time_use_action"
        );
        match self {
            Self::Api(Base(base)) => {
                format!("{}/v1/challenges/{id}/answers?{parameters}", base.trim_end_matches('/'))
            }
            Self::Page(Base(page)) => format!("{page}?{parameters}&challenge_id={id}"),
        }
    }

    /// Checks that the links of an actor fit in [`MAX_LINK`].
    pub(crate) fn check(&self, user_id: &str) -> Result<(), Fault> {
        let longest = self.answer(&"0".repeat(Id::LENGTH), &"0".repeat(SECRET), user_id, false);
        if longest.len() <= MAX_LINK { Ok(()) } else { Err(Fault::LinkTooLong) }
    }
}

#[cfg(test)]
mod tests;
