//! The links with which an actor decides a one-time-use action.

use challenges_core::Id;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::fault::Fault;

/// Characters of an answer link: what the API's clients accept.
const MAX_LINK: usize = 1_024;
const MAX_BASE: usize = 512;
/// Characters of a link's secret, as core makes them.
const SECRET: usize = 22;

/// What RFC 3986 calls unreserved stays; everything else, `+` included, is encoded.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where links begin: an absolute http(s) URL that is written plainly, without a query.
#[derive(Debug)]
pub(crate) struct Base(String);

impl Base {
    /// Reads one; `None` for anything else.
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

/// Where the links of one-time-use actions lead.
#[derive(Debug)]
pub(crate) enum AnswerLinks {
    /// To the API, below its public base: opening one decides.
    Api(Base),
    /// To a page that asks, and posts the answer.
    Page(Base),
}

impl AnswerLinks {
    pub(crate) const fn lead_to_a_page(&self) -> bool {
        matches!(self, Self::Page(_))
    }

    /// The link with which that actor approves or declines.
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

    /// Whether the links of that actor will fit.
    pub(crate) fn check(&self, user_id: &str) -> Result<(), Fault> {
        let longest = self.answer(&"0".repeat(Id::LENGTH), &"0".repeat(SECRET), user_id, false);
        if longest.len() <= MAX_LINK { Ok(()) } else { Err(Fault::LinkTooLong) }
    }
}

#[cfg(test)]
mod tests;
