use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use challenges_http::BodyTooLarge;
use futures_core::Stream as _;
use http_body::Frame;

/// The streamed body of a request.
pub(crate) struct Body(pub(crate) Payload);

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let chunk = Pin::new(&mut self.0).poll_next(context);
        chunk.map_ok(Frame::data).map_err(|error| match error {
            PayloadError::Overflow => BodyTooLarge.into(),
            error => error.into(),
        })
    }
}
