//! E-mails, as mail servers receive them.
#![cfg(feature = "smtp")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::Courier as _;
use challenges_core::outbox::{Errand, Failure, Message, Retry};
use challenges_delivery::{
    Delivery, DeliveryError, Email, EmailMessage, EmailTemplate, Mailer, SmtpMailer, SmtpMailerBuilder,
};

use crate::certificates::Authority;
use crate::host::{ID, SECRET, job, link, perform, unwrap_failure};
use crate::mail_server::{Fault, MailServer, Offer};

const ADDRESS: &str = "Alice.Liddell@example.org";
const PASSWORD: &str = "CANARYpasswordCANARY";

fn mail(message: Message) -> Errand {
    Errand::Email { to: ADDRESS.parse().unwrap(), message }
}

fn with_code() -> Message {
    let Message::Link { link, origin, remaining, .. } = link() else { panic!() };
    Message::Link { link, code: Some("123456".into()), origin, remaining }
}

/// Configures a mailer that trusts the test authority only.
fn builder(server: &MailServer) -> SmtpMailerBuilder {
    SmtpMailer::builder("localhost", "Example <login@example.com>")
        .port(server.port)
        .without_system_roots()
        .root_certificate(Authority::get().root.clone())
        .credentials("relay", PASSWORD.into())
}

fn by(builder: SmtpMailerBuilder) -> Delivery {
    Delivery::new().email(Email::new(builder.build().unwrap()))
}

pub(crate) async fn tls(faults: impl IntoIterator<Item = (&'static str, Fault)>) -> (MailServer, Delivery) {
    let server = MailServer::start(Offer::Tls, faults).await;
    let delivery = by(builder(&server));
    (server, delivery)
}

#[tokio::test]
async fn smtp_server_receives_the_email() {
    let (server, delivery) = tls([]).await;
    assert_eq!(perform(&delivery, mail(link())).await.unwrap(), Some(250));
    let [mail] = &server.mails()[..] else { panic!("one e-mail") };
    assert_eq!((mail.from.as_str(), &mail.to[..]), ("login@example.com", &[ADDRESS.to_owned()][..]));
    assert!(mail.is_encrypted);
    assert_eq!(mail.header("From"), Some("Example <login@example.com>"));
    assert_eq!(mail.header("To"), Some(ADDRESS));
    assert_eq!(mail.header("Subject"), Some("Is this you at https://shop.example.org?"));
    assert_eq!(mail.header("Message-ID"), Some(format!("<{ID}@example.com>").as_str()));
    assert_eq!(mail.header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(mail.header("Content-Type"), Some("text/plain; charset=utf-8"));
    assert_eq!(mail.header("Content-Transfer-Encoding"), Some("quoted-printable"));
    assert!(mail.header("Date").is_some());
    let text = "https://shop.example.org asks for your confirmation. Open this page within 9 minutes:\r\n\r\n\
        https://login.example.org/answer?challenge_answer=CANARYsecretCANARY1234\r\n\r\n\
        If this is not you, ignore this message.\r\n";
    assert_eq!(mail.text(), text);
    assert!(server.commands().iter().any(|line| line == "EHLO example.com"), "{:?}", server.commands());
    assert!(server.commands().iter().any(|line| line.starts_with("AUTH PLAIN ")));
}

#[tokio::test]
async fn codes_are_in_the_text_and_never_in_the_subject() {
    let (server, delivery) = tls([]).await;
    perform(&delivery, mail(with_code())).await.unwrap();
    let code = Message::Confirmation { code: "654321".into(), remaining: Duration::from_secs(600) };
    perform(&delivery, mail(code)).await.unwrap();
    let [of_link, of_address] = &server.mails()[..] else { panic!("two e-mails") };
    assert!(of_link.text().contains("Your code is 123456,") && of_link.text().contains(SECRET));
    assert!(of_link.text().trim_end().ends_with("\r\n\r\n@shop.example.org #123456"), "{}", of_link.text());
    assert!(of_address.text().starts_with("654321 is your code to confirm this e-mail address"));
    for mail in [of_link, of_address] {
        let subject = mail.header("Subject").unwrap();
        assert!(!subject.contains("123456") && !subject.contains("654321") && !subject.contains(SECRET), "{subject}");
    }
}

#[tokio::test]
async fn texts_of_the_host_may_be_in_any_script() {
    let (server, _) = tls([]).await;
    let template = EmailTemplate::new(("Anmeldung \u{fc}ber {origin}", "\u{d6}ffnen: {link}"), ("Code", "{code}"));
    let email = Email::new(builder(&server).build().unwrap()).template(template.unwrap());
    perform(&Delivery::new().email(email), mail(link())).await.unwrap();
    let [mail] = &server.mails()[..] else { panic!("one e-mail") };
    assert!(mail.data.is_ascii(), "no extension of SMTP is needed");
    assert!(mail.header("Subject").unwrap().contains("=?utf-8?"), "{}", mail.data);
    assert!(mail.data.contains("quoted-printable") && mail.data.contains("=C3=96ffnen"), "{}", mail.data);
}

#[tokio::test]
async fn starttls_encrypts_before_anything_is_said() {
    let server = MailServer::start(Offer::StartTls, []).await;
    perform(&by(builder(&server).starttls()), mail(link())).await.unwrap();
    assert!(server.mails()[0].is_encrypted);
    let commands = server.commands();
    let first = |name: &str| commands.iter().position(|line| line.starts_with(name)).unwrap();
    assert!(first("STARTTLS") < first("AUTH") && first("AUTH") < first("MAIL"));
}

/// R26: neither the password nor the e-mail is sent without encryption, unless the host says so.
#[tokio::test]
async fn server_without_encryption_receives_nothing() {
    let server = MailServer::start(Offer::PlainText, []).await;
    let (then, _, _) = unwrap_failure(perform(&by(builder(&server).starttls()), mail(link())).await);
    assert_eq!(then, Retry::Later(None));
    let sent = |name: &str| server.commands().iter().any(|line| line.starts_with(name));
    assert!(sent("EHLO") && !sent("AUTH") && !sent("MAIL"), "{:?}", server.commands());
    perform(&by(builder(&server).danger_plain_text()), mail(link())).await.unwrap();
    assert!(!server.mails()[0].is_encrypted, "control");
}

#[tokio::test]
async fn certificate_must_be_trusted_and_of_the_host() {
    let server = MailServer::start(Offer::Tls, []).await;
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let stranger = SmtpMailer::builder("localhost", "login@example.com")
        .port(server.port)
        .without_system_roots()
        .root_certificate(other.cert.der().to_vec());
    let other_name = SmtpMailer::builder("127.0.0.1", "login@example.com")
        .port(server.port)
        .without_system_roots()
        .root_certificate(Authority::get().root.clone());
    for refused in [stranger, other_name] {
        let (then, status, text) = unwrap_failure(perform(&by(refused), mail(link())).await);
        assert_eq!((then, status), (Retry::Later(None), None), "{text}");
    }
    assert!(server.commands().is_empty(), "{:?}", server.commands());
    perform(&by(builder(&server)), mail(link())).await.unwrap();
}

/// R53, R26: the reply decides, and the failure repeats neither address nor secret.
#[tokio::test]
async fn replies_decide_the_outcome() {
    let cases = [
        ("EHLO", "421 4.3.2 shutting down", Retry::Later(None), 421),
        ("AUTH", "454 4.7.0 temporary authentication failure", Retry::Later(None), 454),
        ("AUTH", "535 5.7.8 bad credentials for relay CANARYpasswordCANARY", Retry::Never, 535),
        ("MAIL", "451 4.3.0 try again", Retry::Later(None), 451),
        ("MAIL", "550 5.7.1 sender refused", Retry::Never, 550),
        ("RCPT", "450 4.2.1 <Alice.Liddell@example.org>: greylisted", Retry::Later(None), 450),
        ("RCPT", "550 5.1.1 <Alice.Liddell@example.org>: Alice.Liddell unknown", Retry::Never, 550),
        ("RCPT", "553-5.1.3 two lines\r\n553 5.1.3 of Alice.Liddell@example.org", Retry::Never, 553),
        ("DATA", "452 4.3.1 no space", Retry::Later(None), 452),
        (".", "554 5.7.1 spam: CANARYsecretCANARY1234", Retry::Never, 554),
        (".", "451 4.7.1 wait", Retry::Later(None), 451),
    ];
    for (at, reply, then, code) in cases {
        let (server, delivery) = tls([(at, Fault::Reply(reply))]).await;
        let outcome = unwrap_failure(perform(&delivery, mail(link())).await);
        assert_eq!((outcome.0, outcome.1), (then, Some(code)), "{reply}");
        assert!(outcome.2.contains(&format!("SMTP reply code {code}")) && outcome.2.contains("says"), "{}", outcome.2);
        for secret in [ADDRESS, "Liddell", SECRET, PASSWORD] {
            assert!(!outcome.2.contains(secret), "{}", outcome.2);
        }
        // The fault is over, and the refused connection is not used again.
        perform(&delivery, mail(link())).await.unwrap();
        assert_eq!(server.connections(), 2, "{reply}");
    }
}

/// R53: an accepted e-mail whose reply was lost is sent again, under the same id.
#[tokio::test]
async fn lost_reply_repeats_the_message_id() {
    let (server, delivery) = tls([(".", Fault::Drop)]).await;
    let (then, status, _) = unwrap_failure(perform(&delivery, mail(link())).await);
    assert_eq!((then, status), (Retry::Later(None), None));
    perform(&delivery, mail(link())).await.unwrap();
    let [first, second] = &server.mails()[..] else { panic!("two e-mails") };
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
}

#[tokio::test]
async fn malformed_reply_is_a_broken_conversation() {
    let (_server, delivery) = tls([("RCPT", Fault::Reply("hello Alice.Liddell@example.org"))]).await;
    let failure = perform(&delivery, mail(link())).await.unwrap_err();
    assert_eq!((failure.then, failure.status), (Retry::Later(None), None));
    let text = format!("{failure} {:?}", failure.reason);
    assert!(!text.contains("Liddell"), "{text}");
}

/// R53: the reply to a given-up e-mail is never taken for the reply to the next one.
#[tokio::test]
async fn given_up_conversation_is_never_continued() {
    for at in ["RCPT", "."] {
        let (server, delivery) = tls([(at, Fault::Silence)]).await;
        let mut silent = job(mail(link()));
        silent.timeout = Duration::from_secs(2);
        let failure = delivery.perform(&silent).await.unwrap_err();
        assert_eq!((failure.then, failure.status), (Retry::Later(None), None));
        perform(&delivery, mail(link())).await.unwrap();
        assert_eq!(server.mails().last().unwrap().connection, 1, "another connection after {at}");
    }
}

#[tokio::test]
async fn connections_are_used_again_while_they_work() {
    let (server, delivery) = tls([("NOOP", Fault::Reply("250 fine")), ("NOOP", Fault::Drop)]).await;
    for _ in 0..3 {
        perform(&delivery, mail(link())).await.unwrap();
    }
    let used: Vec<_> = server.mails().iter().map(|mail| mail.connection).collect();
    assert_eq!(used, [0, 0, 1]);
}

#[tokio::test]
async fn unreachable_server_is_retried() {
    let server = MailServer::start(Offer::Tls, []).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (then, status, _) = unwrap_failure(perform(&by(builder(&server).port(closed)), mail(link())).await);
    assert_eq!((then, status), (Retry::Later(None), None));
}

#[tokio::test]
async fn malformed_settings_are_refused() {
    let make = |host: &str, from: &str| SmtpMailer::builder(host, from).danger_plain_text().build();
    assert!(make("mail.example.com", "Example <login@example.com>").is_ok());
    for from in ["", "login", "login@", "a@b@c", "login@example.com\r\nBcc: eve@example.org"] {
        assert!(matches!(make("mail.example.com", from), Err(DeliveryError::Sender)), "{from}");
    }
    for host in ["", "mail example", "mail.example.com:25", "https://mail.example.com"] {
        assert!(matches!(make(host, "login@example.com"), Err(DeliveryError::SmtpHost)), "{host}");
    }
    let unnamed = SmtpMailer::builder("mail.example.com", "login@example.com").hello_name("a b").danger_plain_text();
    assert!(matches!(unnamed.build(), Err(DeliveryError::SmtpHost)));
    let rootless = SmtpMailer::builder("mail.example.com", "login@example.com").without_system_roots();
    assert!(matches!(rootless.build(), Err(DeliveryError::NoRootCertificates)));
}

/// R26: no setting shows the password.
#[tokio::test]
async fn mailer_prints_no_credentials() {
    let server = MailServer::start(Offer::Tls, []).await;
    let builder = builder(&server);
    let printed = format!("{builder:?}") + &format!("{:?}", by(builder));
    assert!(printed.contains("localhost") && !printed.contains(PASSWORD) && !printed.contains("relay"), "{printed}");
}

/// A custom mailer that records e-mails.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Mailer for Recorder {
    async fn send(&self, message: &EmailMessage<'_>) -> Result<Option<u16>, Failure> {
        let EmailMessage { id, attempt, to, subject, .. } = message;
        self.0.lock().unwrap().push(format!("{id} {attempt} {} {subject} {message:?}", to.as_str()));
        Ok(None)
    }
}

#[tokio::test]
async fn own_mailer_receives_the_idempotency_key() {
    let recorder = Recorder::default();
    perform(&Delivery::new().email(Email::new(recorder.clone())), mail(link())).await.unwrap();
    let seen = recorder.0.lock().unwrap().concat();
    assert!(seen.starts_with(&format!("{ID} 1 {ADDRESS} Is this you")) && !seen.contains(SECRET), "{seen}");
    let missing = unwrap_failure(perform(&Delivery::new(), mail(link())).await);
    assert!(missing.0 == Retry::Never && missing.2.contains("e-mails"), "{}", missing.2);
}
