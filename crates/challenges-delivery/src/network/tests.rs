#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::IpAddr;

use super::{embedded_ipv4, is_public};

const PUBLIC: [&str; 12] = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "2a00:1450:4001:81b::200e",
];

/// The first and last address of each range, and addresses of cloud platforms.
const SPECIAL: [&str; 59] = [
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.0",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
];

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// R33: Special-purpose addresses are not public.
#[test]
fn special_addresses_are_not_public() {
    for text in SPECIAL {
        assert!(!is_public(address(text)), "{text}");
    }
    for text in PUBLIC {
        assert!(is_public(address(text)), "{text}");
    }
}

/// R33: Mapped and translated IPv4 addresses are recognized.
#[test]
fn embedded_ipv4_addresses_are_found() {
    for text in ["::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1", "64:ff9b::127.0.0.1"] {
        assert_eq!(embedded_ipv4(address(text)), Some(address("127.0.0.1")), "{text}");
    }
    for text in ["127.0.0.1", "::1", "64:ff9b:1::7f00:1", "2001:db8::1"] {
        assert_eq!(embedded_ipv4(address(text)), None, "{text}");
    }
}
