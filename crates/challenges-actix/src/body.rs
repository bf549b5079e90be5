use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use futures_core::Stream as _;
use http_body::Frame;

/// The streamed body of a request.
pub(crate) struct Body(pub(crate) Payload);

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = PayloadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, PayloadError>>> {
        Pin::new(&mut self.0).poll_next(context).map_ok(Frame::data)
    }
}
