//! A route: method, path and handler.

use std::future::Future;
use std::pin::Pin;

use http::Method;

use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;

/// A handler's future.
pub(crate) type Work<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;

/// A route below the prefix. Each domain lists its own; the OpenAPI document is made from the same list.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) method: Verb,
    /// The path below the prefix, for example `account/totp/{id}/remove`.
    pub(crate) path: &'static str,
    /// An imperative phrase for the OpenAPI document.
    pub(crate) summary: &'static str,
    /// `true` if the request changes something even as a GET, such as sending messages. Prefetches are refused.
    pub(crate) consumes: bool,
    pub(crate) handler: for<'a> fn(&'a Pages, &'a Incoming) -> Work<'a>,
}

/// The methods of the pages, which are the methods of HTML forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

impl Verb {
    pub(crate) fn matches(self, method: &Method) -> bool {
        match self {
            Self::Get => *method == Method::GET || *method == Method::HEAD,
            Self::Post => *method == Method::POST,
        }
    }
}
