#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[kind][..], &length, body].concat()
}

#[test]
fn requests_are_found_however_split() {
    let start = [message(0, &SSL_REQUEST), message(0, b"\0\x03\0\0user\0a\0\0")].map(|message| message[1..].to_vec());
    let [parse, bind, query, sync] =
        [(PARSE, &b"s\0SELECT 'BQS'\0"[..]), (BIND, b"abc"), (QUERY, b"SELECT 1\0"), (SYNC, b"")]
            .map(|(kind, body)| message(kind, body));
    let all = [start.concat(), parse.clone(), sync.clone(), bind.clone(), sync.clone()].concat();
    let all = [all, sync.clone(), query, parse, bind, sync].concat();
    let expected = [Request::Prepare, Request::Run, Request::Ping, Request::Run, Request::Run];
    for size in [1, 3, 7, 1_000] {
        let mut frames = Frames::default();
        let found: Vec<_> = all.chunks(size).flat_map(|chunk| frames.requests(chunk)).collect();
        assert_eq!(found, expected, "{size}");
    }
}
