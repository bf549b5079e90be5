//! Messages on standard output, in place of a gateway and a mail server. The output contains secrets, so this is for
//! development only.

use std::io::{self, Write as _};

use async_trait::async_trait;
use challenges_core::outbox::Failure;
use challenges_delivery::{EmailMessage, Mailer, SmsGateway, TextMessage};

/// Prints messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printed;

#[async_trait]
impl SmsGateway for Printed {
    async fn send(&self, message: &TextMessage<'_>) -> Result<Option<u16>, Failure> {
        print(&format!("text message to {}: {}", message.to.as_str(), message.text));
        Ok(None)
    }
}

#[async_trait]
impl Mailer for Printed {
    async fn send(&self, message: &EmailMessage<'_>) -> Result<Option<u16>, Failure> {
        print(&format!("e-mail to {}: {}\n{}", message.to.as_str(), message.subject, message.text));
        Ok(None)
    }
}

/// Prints a text, with later lines indented. Ignores errors, since the output may be closed.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", text.trim_end().replace('\n', "\n  "));
    let _ = out.flush();
}
