#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

const KEY: &[u8; 20] = b"12345678901234567890";

fn generator() -> Generator {
    Generator::new(KEY, Parameters::default())
}

fn code(step: u64) -> String {
    generator().totp.generate(step * PERIOD).to_string()
}

fn at(step: u64) -> Timestamp {
    Timestamp::from_seconds(step * PERIOD)
}

/// Returns the test vectors of the RFCs. Prints a notice and returns `None` if the file is missing.
fn vectors() -> Option<serde_json::Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/otp-rfc-vectors.json");
    match std::fs::read(path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(error) => {
            eprintln!("skipped: no test vectors at {path}: {error}");
            None
        }
    }
}

#[test]
fn steps_begin_every_thirty_seconds() {
    let number = |seconds| TimeStep::at(Timestamp::from_seconds(seconds)).number();
    assert_eq!([0, 29, 30, 119, 120].map(number), [0, 0, 1, 3, 4]);
}

#[test]
fn codes_match_rfc_4226_appendix_d() {
    let Some(vectors) = vectors() else { return };
    let rows = vectors["rfc4226_appendix_d"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 10);
    for row in rows {
        assert_eq!(code(row["count"].as_u64().unwrap()), row["hotp"].as_str().unwrap());
    }
}

fn parameters(digest: Digest, digits: u8, period: u64) -> Parameters {
    Parameters::new(digest, digits, period).unwrap()
}

/// R75: codes of each digest, compared at their time, and not with another digest.
#[test]
fn codes_match_rfc_6238_appendix_b() {
    let Some(vectors) = vectors() else { return };
    let vectors = &vectors["rfc6238_appendix_b"];
    let rows = vectors["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 6);
    let digests = [("SHA1", Digest::Sha1), ("SHA256", Digest::Sha256), ("SHA512", Digest::Sha512)];
    for (name, digest) in digests {
        let key = vectors[format!("secret_{}", name.to_lowercase())].as_str().unwrap();
        for row in rows {
            let now = Timestamp::from_seconds(row["time"].as_u64().unwrap());
            let step = TimeStep(u64::from_str_radix(row["T"].as_str().unwrap(), 16).unwrap());
            let code = row[name].as_str().unwrap();
            for (other, expected) in digests.map(|(_, other)| (other, (other == digest).then_some(step))) {
                let generator = Generator::new(key.as_bytes(), parameters(other, 8, 30));
                assert_eq!(generator.newest_match(code, now, 0, None), expected, "{name} as {other:?}: {row}");
            }
            let shorter = Generator::new(key.as_bytes(), parameters(digest, 7, 30));
            assert_eq!(shorter.newest_match(&code[1..], now, 0, None), Some(step), "seven digits of {row}");
            assert_eq!(shorter.newest_match(code, now, 0, None), None, "negative control: eight digits");
        }
    }
}

/// R75: window and mark count in steps of the period.
#[test]
fn steps_of_a_minute_have_own_window_and_mark() {
    let generator = Generator::new(KEY, parameters(Digest::Sha256, 6, 60));
    let code = |step: u64| generator.totp.generate(step * 60).to_string();
    let at = |seconds| Timestamp::from_seconds(seconds);
    let matched = |seconds, step, skew, mark: Option<u64>| {
        generator.newest_match(&code(step), at(seconds), skew, mark.map(TimeStep))
    };
    for seconds in [6_000, 6_030, 6_059] {
        assert_eq!(matched(seconds, 100, 0, None), Some(TimeStep(100)), "the code lasts a minute");
        assert_eq!(matched(seconds, 100, 0, Some(100)), None, "a code is used up for the whole minute");
        assert_eq!(matched(seconds, 99, 1, Some(98)), Some(TimeStep(99)));
        assert_eq!(matched(seconds, 98, 1, None), None, "outside of the window");
    }
    assert_eq!(matched(6_060, 100, 0, None), None, "the minute is over");
}

/// R17: the window is the skew and no wider.
#[test]
fn window_equals_skew() {
    let now = 1_000;
    for skew in 0..=2_u8 {
        for step in 990..=1_010_u64 {
            let matched = generator().newest_match(&code(step), at(now), skew, None);
            let within = step.abs_diff(now) <= u64::from(skew);
            assert_eq!(matched, within.then_some(TimeStep(step)), "skew {skew}, step {step}");
        }
    }
}

/// R2: no step up to the mark matches.
#[test]
fn used_steps_do_not_match() {
    for mark in 998..=1_002 {
        for step in 999..=1_001 {
            let matched = generator().newest_match(&code(step), at(1_000), 1, Some(TimeStep(mark)));
            assert_eq!(matched, (step > mark).then_some(TimeStep(step)), "mark {mark}, step {step}");
        }
    }
}

/// R2: a fresh code that equals an older one of the window counts as the newer step.
#[test]
fn equal_codes_count_as_newest_step() {
    // Two neighbouring steps share a code once in a million. This is the first pair under the key.
    let pair = 910_737;
    assert_eq!(code(pair), code(pair + 1));
    let matched = generator().newest_match(&code(pair), at(pair + 1), 1, Some(TimeStep(pair)));
    assert_eq!(matched, Some(TimeStep(pair + 1)));
}

/// R18: only six ASCII digits are a code.
#[test]
fn malformed_codes_do_not_match() {
    assert!(Parameters::default().is_well_formed("287082") && Parameters::default().is_well_formed("000000"));
    let malformed = [
        "",
        " 287082",
        "287082 ",
        "+87082",
        "-87082",
        "28708",
        "2870820",
        "2870 2",
        "28708a",
        "0x1234",
        "28708\0",
        "２８７０８２",
        "٢٨٧٠٨٢",
        "287082\n",
        "287,82",
    ];
    for text in malformed {
        assert!(!Parameters::default().is_well_formed(text), "{text:?}");
        assert_eq!(generator().newest_match(text, at(1), 1, None), None, "{text:?}");
    }
    assert_eq!(generator().newest_match("287082", at(1), 1, None), Some(TimeStep(1)));
}

/// R16.
#[test]
fn extreme_times_do_not_panic() {
    for time in [Timestamp::default(), Timestamp::MAX] {
        assert_eq!(generator().newest_match("abcdef", time, 2, None), None);
        let step = TimeStep::at(time);
        assert_eq!(generator().newest_match(&code(step.0), time, 2, None), Some(step));
    }
}
