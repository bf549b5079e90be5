use super::{Finding, Findings, inspect_info};

const GOOD: &str = "redis_version:7.0.15\r\nrole:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n";

fn findings(from: &str, to: &str) -> Vec<Finding> {
    let mut findings = Findings::default();
    inspect_info(&GOOD.replace(from, to), &mut findings);
    findings.as_slice().to_vec()
}

/// R56: every unsafe line of `INFO` is a finding.
#[test]
fn unsafe_info_lines_are_found() {
    assert_eq!(findings("", ""), []);
    for version in ["5.0.14", "6.0.20", "6.1.240"] {
        assert_eq!(findings("7.0.15", version), [Finding::TooOld(version.to_owned())]);
    }
    for version in ["6.2.0", "7.4.1", "10.0.0", "255.255.255"] {
        assert_eq!(findings("7.0.15", version), []);
    }
    assert_eq!(findings("master", "slave"), [Finding::Replica]);
    assert_eq!(findings("noeviction", "allkeys-lru"), [Finding::Evicts("allkeys-lru".to_owned())]);
    assert_eq!(findings("noeviction", "volatile-ttl"), [Finding::EvictsExpiring("volatile-ttl".to_owned())]);
    assert_eq!(findings("aof_enabled:1", "aof_enabled:0"), [Finding::NotDurable]);
}

#[test]
fn missing_info_line_is_unreadable() {
    for line in ["redis_version", "maxmemory_policy", "aof_enabled"] {
        assert_eq!(findings(line, "other"), [Finding::Unreadable], "{line}");
    }
}

#[test]
fn findings_give_advice() {
    let mut all = Findings::default();
    inspect_info("redis_version:5.0.0\nrole:slave\nmaxmemory_policy:allkeys-lru\naof_enabled:0\n", &mut all);
    let text = all.to_string();
    for advice in ["upgrade", "URL of the primary", "maxmemory-policy noeviction", "appendonly yes"] {
        assert!(text.contains(advice), "{text}");
    }
}
