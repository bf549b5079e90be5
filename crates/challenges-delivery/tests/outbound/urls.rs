//! R33, R34: Hostile URLs, in every spelling.

use challenges_core::approvals::HttpAction;
use challenges_core::endpoints::PushSubscription;
use challenges_core::outbox::Retry;
use challenges_delivery::{Blocked, Delivery, DeliveryError, Guard, VapidKey, WebPush};

use crate::browser::Browser;
use crate::host::{Addresses, act, actions, builder, perform, push, unwrap_failure};

/// Hosts that are private addresses.
const ADDRESSES: [&str; 44] = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0x7f.0.0.1",
    "0X7F000001",
    "2130706433",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "0xa.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::169.254.169.254]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fd00:ec2::254]",
    "[fc00::1]",
    "[fe80::1]",
    "[ff02::1]",
];

/// The minimum number of hostile URLs that core accepts and leaves to the guard.
const PLAINLY_WRITTEN: usize = 30;

/// URLs, and the reason why each is blocked.
const OTHERS: [(&str, Blocked); 37] = [
    ("", Blocked::Malformed),
    ("hooks.example.test", Blocked::Malformed),
    ("//hooks.example.test/", Blocked::Malformed),
    ("https:/127.0.0.1/", Blocked::Malformed),
    ("https:///127.0.0.1/", Blocked::Malformed),
    ("https:\\\\127.0.0.1/", Blocked::Malformed),
    ("https://hooks.example.test\\@127.0.0.1/", Blocked::Malformed),
    (" https://hooks.example.test/", Blocked::Malformed),
    ("https://hooks.example.test/\n", Blocked::Malformed),
    ("https://hooks.exa\tmple.test/", Blocked::Malformed),
    ("https://hooks.example.test/a b", Blocked::Malformed),
    ("https://１２７.0.0.1/", Blocked::Malformed),
    ("https://ex\u{e4}mple.test/", Blocked::Malformed),
    ("https://hooks.example\u{3002}test/", Blocked::Malformed),
    ("https://[fe80::1%25eth0]/", Blocked::Malformed),
    ("https://[::1/", Blocked::Malformed),
    ("https://256.256.256.256/", Blocked::Malformed),
    ("https://1.2.3.4.5/", Blocked::Malformed),
    ("https://xn--/", Blocked::Malformed),
    ("https://hooks.example.test:99999/", Blocked::Malformed),
    ("https://hooks.example.test:x/", Blocked::Malformed),
    ("javascript:alert(1)", Blocked::Malformed),
    ("data:text/html,x", Blocked::Malformed),
    ("file:///etc/passwd", Blocked::Malformed),
    ("http://hooks.example.test/", Blocked::Scheme),
    ("ftp://hooks.example.test/", Blocked::Scheme),
    ("gopher://127.0.0.1:6379/_", Blocked::Scheme),
    ("ws://hooks.example.test/", Blocked::Scheme),
    ("https://user@hooks.example.test/", Blocked::UserInfo),
    ("https://user:pw@hooks.example.test/", Blocked::UserInfo),
    ("https://@hooks.example.test/", Blocked::UserInfo),
    ("https://hooks.example.test@127.0.0.1/", Blocked::UserInfo),
    ("https://hooks.example.test:443@127.0.0.1/", Blocked::UserInfo),
    ("https://hooks.example.test./", Blocked::Host),
    ("https://localhost./", Blocked::Host),
    ("https://hooks.example.test:22/", Blocked::Port(22)),
    ("https://hooks.example.test:6379/", Blocked::Port(6379)),
];

fn all() -> impl Iterator<Item = String> {
    let addresses = ADDRESSES.iter().map(|host| format!("https://{host}/latest/meta-data/"));
    addresses.chain(OTHERS.iter().map(|(url, _)| (*url).to_owned()))
}

/// R33: Each hostile URL is blocked for the expected reason.
#[test]
fn hostile_urls_are_blocked_with_their_reason() {
    let guard = Guard::any_host();
    for host in ADDRESSES {
        let refused = guard.check(&format!("https://{host}/"));
        assert!(matches!(refused, Err(Blocked::Address(_))), "{host}: {refused:?}");
    }
    for (url, why) in OTHERS {
        assert_eq!(guard.check(url), Err(why), "{url}");
    }
}

/// R33: An action that core accepts but that has a hostile URL causes no look-up.
#[tokio::test]
async fn no_action_reaches_a_hostile_url() {
    let resolver = Addresses::new([&["127.0.0.1"]]);
    let delivery = actions(builder(Guard::any_host()).resolver(resolver.clone()).build().unwrap());
    let mut refused = 0;
    for uri in all() {
        if HttpAction::new("POST", uri.as_str()).is_err() {
            continue;
        }
        let failure = perform(&delivery, act(&uri)).await.expect_err(&uri);
        assert_eq!((failure.then, failure.status), (Retry::Never, None), "{uri}");
        let reason = failure.reason.downcast_ref::<DeliveryError>().unwrap();
        assert!(matches!(reason, DeliveryError::Blocked(_)), "{uri}: {reason}");
        refused += 1;
    }
    assert!(refused >= PLAINLY_WRITTEN, "{refused}");
    assert_eq!(resolver.lookups(), 0);
}

/// R34: A push message to a hostile URL causes no look-up.
#[tokio::test]
async fn no_push_message_reaches_a_hostile_url() {
    let resolver = Addresses::new([&["127.0.0.1"]]);
    let client = builder(Guard::any_host()).resolver(resolver.clone()).build().unwrap();
    let subject = "mailto:push@example.com".parse().unwrap();
    let delivery = Delivery::new().web_push(WebPush::new(client, VapidKey::generate().unwrap(), subject));
    let browser = Browser::new();
    let mut refused = 0;
    for endpoint in all() {
        let subscription = browser.subscription("https://push.example.test/");
        if PushSubscription::new(&endpoint, subscription.p256dh(), subscription.auth()).is_err() {
            continue;
        }
        let (then, status, words) = unwrap_failure(perform(&delivery, push(browser.subscription(&endpoint))).await);
        assert_eq!((then, status), (Retry::Never, None), "{endpoint}: {words}");
        refused += 1;
    }
    assert!(refused >= PLAINLY_WRITTEN, "{refused}");
    assert_eq!(resolver.lookups(), 0);
}
