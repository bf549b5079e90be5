#![allow(clippy::unwrap_used, clippy::panic)]

use super::Address;
use crate::AddressError;

#[test]
fn cluster_hosts_share_user_and_password() {
    let Address::Cluster(nodes) = Address::parse("redis+cluster://me:p%40ss@one,two:7001,[::1]:7002/").unwrap() else {
        panic!("a cluster");
    };
    let hosts: Vec<_> = nodes.iter().map(|node| node.addr().to_string()).collect();
    assert_eq!(hosts, ["one:6379", "two:7001", "::1:7002"]);
    for node in nodes {
        assert_eq!((node.redis_settings().username(), node.redis_settings().password()), (Some("me"), Some("p@ss")));
    }
}

#[test]
fn sentinel_url_names_primary_and_its_password() {
    let url = "redis+sentinel://:pw@one:26379,two:26380/shop/3";
    let Address::Sentinel(sentinels) = Address::parse(url).unwrap() else { panic!("sentinels") };
    assert_eq!(sentinels.primary, "shop");
    assert_eq!((sentinels.login.db(), sentinels.login.password(), sentinels.tls), (3, Some("pw"), false));
    let hosts: Vec<_> = sentinels.sentinels.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["one:26379", "two:26380"]);
}

#[test]
fn valkey_and_socket_urls_are_servers() {
    for url in ["redis://h", "valkey://h", "redis+unix:///s", "unix:///s?db=2", "redis://u:p@h:1/2"] {
        assert!(matches!(Address::parse(url), Ok(Address::Server(_))), "{url}");
    }
}

#[test]
fn tls_is_refused_without_feature_or_when_insecure() {
    for url in ["rediss://h", "rediss+cluster://h", "rediss+sentinel://h/name"] {
        let is_there = cfg!(feature = "tls");
        assert_eq!(Address::parse(url).is_ok(), is_there, "{url}");
        assert!(matches!(Address::parse(&format!("{url}#insecure")), Err(AddressError::Tls)), "{url}");
    }
    assert!(matches!(Address::parse("rediss+unix:///s"), Err(AddressError::Tls | AddressError::Scheme)));
}
