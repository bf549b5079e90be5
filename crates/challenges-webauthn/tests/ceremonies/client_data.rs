//! The steps of both ceremonies for client data: steps 5 to 11 of section 7.1, steps 8 to 14 of section 7.2.

use challenges_core::webauthn::Rejected;
use challenges_testkit::webauthn::{ClientData, SecurityKey};
use challenges_webauthn::Webauthn;
use serde_json::{Value, json};

use crate::ceremony::{Ceremony, relying_party};

type Change = fn(&mut ClientData);

/// Changes to client data, and the step that rejects each.
const CHANGES: &[(&str, Change, Rejected)] = &[
    ("no type", |data| data.remove("type"), Rejected::ClientData),
    ("no challenge", |data| data.remove("challenge"), Rejected::ClientData),
    ("no origin", |data| data.remove("origin"), Rejected::ClientData),
    ("a type that is no text", |data| data.set("type", 1), Rejected::ClientData),
    ("a challenge that is no text", |data| data.set("challenge", json!([])), Rejected::ClientData),
    ("an origin that is null", |data| data.set("origin", Value::Null), Rejected::ClientData),
    ("crossOrigin as text", |data| data.set("crossOrigin", "false"), Rejected::ClientData),
    ("crossOrigin as a number", |data| data.set("crossOrigin", 0), Rejected::ClientData),
    ("crossOrigin null", |data| data.set("crossOrigin", Value::Null), Rejected::ClientData),
    ("topOrigin as a number", |data| data.set("topOrigin", 0), Rejected::ClientData),
    ("topOrigin null", |data| data.set("topOrigin", Value::Null), Rejected::ClientData),
    ("type twice", |data| twice(data, "type"), Rejected::ClientData),
    ("challenge twice", |data| twice(data, "challenge"), Rejected::ClientData),
    ("origin twice", |data| twice(data, "origin"), Rejected::ClientData),
    ("crossOrigin twice", |data| twice(data, "crossOrigin"), Rejected::ClientData),
    ("topOrigin twice", |data| added_twice(data, "topOrigin", "https://example.com".into()), Rejected::ClientData),
    ("tokenBinding twice", |data| added_twice(data, "tokenBinding", json!({"status": "x"})), Rejected::ClientData),
    ("an unknown member twice", |data| added_twice(data, "later", 1.into()), Rejected::ClientData),
    ("the other ceremony", |data| swap_type(data), Rejected::Type),
    ("no ceremony", |data| data.set("type", ""), Rejected::Type),
    ("a ceremony in capitals", |data| upper_type(data), Rejected::Type),
    ("a ceremony that starts right", |data| append(data, "type", " "), Rejected::Type),
    ("another challenge", |data| data.set("challenge", "A".repeat(43)), Rejected::Challenge),
    ("no challenge at all", |data| data.set("challenge", ""), Rejected::Challenge),
    ("a padded challenge", |data| append(data, "challenge", "="), Rejected::Challenge),
    ("a longer challenge", |data| append(data, "challenge", "A"), Rejected::Challenge),
    ("a challenge with stray bits at its end", |data| last_digit(data), Rejected::Challenge),
    ("a shorter challenge", |data| shorten(data, "challenge"), Rejected::Challenge),
    ("another origin", |data| data.set("origin", "https://example.com"), Rejected::Origin),
    ("http", |data| data.set("origin", "http://example.org"), Rejected::Origin),
    ("a subdomain", |data| data.set("origin", "https://www.example.org"), Rejected::Origin),
    ("a domain that starts right", |data| append(data, "origin", ".example.com"), Rejected::Origin),
    ("a domain that ends right", |data| data.set("origin", "https://badexample.org"), Rejected::Origin),
    ("a port", |data| append(data, "origin", ":444"), Rejected::Origin),
    ("the default port", |data| append(data, "origin", ":443"), Rejected::Origin),
    ("a slash behind the origin", |data| append(data, "origin", "/"), Rejected::Origin),
    ("a path behind the origin", |data| append(data, "origin", "/login"), Rejected::Origin),
    ("the origin in capitals", |data| data.set("origin", "https://EXAMPLE.org"), Rejected::Origin),
    ("a dot behind the origin", |data| append(data, "origin", "."), Rejected::Origin),
    ("user information before the origin", |data| data.set("origin", "https://a@example.org"), Rejected::Origin),
    ("a NUL behind the origin", |data| append(data, "origin", "\0"), Rejected::Origin),
    ("a look-alike letter", |data| data.set("origin", "https://ex\u{430}mple.org"), Rejected::Origin),
    ("an app", |data| data.set("origin", "android:apk-key-hash:YQ"), Rejected::Origin),
    ("an opaque origin", |data| data.set("origin", "null"), Rejected::Origin),
    ("a frame", |data| data.set("crossOrigin", true), Rejected::CrossOrigin),
    ("a frame of a page", |data| frame(data, "https://example.com"), Rejected::CrossOrigin),
    ("a page without a frame", |data| data.set("topOrigin", "https://example.com"), Rejected::TopOrigin),
    ("a page of its own", |data| data.set("topOrigin", "https://example.org"), Rejected::TopOrigin),
];

/// Changes that every step accepts.
const TOLERATED: &[(&str, Change)] = &[
    ("nothing", |_| {}),
    ("no crossOrigin", |data| data.remove("crossOrigin")),
    ("an unknown member", |data| data.set("later", json!({"a": [1.5, null, "\u{1f511}"]}))),
    ("tokenBinding of Level 1", |data| data.set("tokenBinding", json!({"status": "supported"}))),
    ("tokenBinding as text", |data| data.set("tokenBinding", "unused")),
    ("tokenBinding null", |data| data.set("tokenBinding", Value::Null)),
    ("tokenBinding without a status", |data| data.set("tokenBinding", json!({"id": 1}))),
    ("another order", |data| data.members.reverse()),
];

type Garble = fn(&str) -> Vec<u8>;

/// Malformed variants of a JSON object.
const MALFORMED: &[(&str, Garble)] = &[
    ("nothing", |_| Vec::new()),
    ("a byte that is not of UTF-8", |json| {
        json.replace('}', ",\"a\":\"\u{7f}\"}")
            .replace('\u{7f}', "?")
            .bytes()
            .map(|byte| if byte == b'?' { 0xff } else { byte })
            .collect()
    }),
    ("UTF-8 in more bytes than it takes", |json| {
        [&json.as_bytes()[..json.len() - 1], b",\"a\":\"\xc0\xaf\"}"].concat()
    }),
    ("half a surrogate pair in UTF-8", |json| {
        [&json.as_bytes()[..json.len() - 1], b",\"a\":\"\xed\xa0\x80\"}"].concat()
    }),
    ("UTF-16", |json| json.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ("a member twice, one of them escaped", |json| json.replacen('{', "{\"\\u0074ype\":\"a\",", 1).into()),
    ("an unknown member twice, one of them escaped", |json| json.replace('}', ",\"a\":1,\"\\u0061\":1}").into()),
    ("the challenge twice, one of them escaped", |json| {
        json.replace('}', ",\"challen\\u0067e\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\"}").into()
    }),
    ("a line break within text", |json| json.replace('}', ",\"a\":\"\n\"}").into()),
    ("quotes of another sort", |json| json.replace('"', "'").into()),
    ("a byte order mark", |json| format!("\u{feff}{json}").into()),
    ("something behind", |json| format!("{json}x").into()),
    ("another object behind", |json| format!("{json}{{}}").into()),
    ("an array", |json| format!("[{json}]").into()),
    ("text", |json| Value::from(json).to_string().into()),
    ("a comma at the end", |json| json.replace('}', ",}").into()),
    ("a comment", |json| json.replace('}', "/* */}").into()),
    ("a NUL behind", |json| format!("{json}\0").into()),
    ("a number out of range", |json| json.replace('}', ",\"a\":1e999}").into()),
    ("half a surrogate pair", |json| json.replace('}', ",\"a\":\"\\ud800\"}").into()),
    ("too deep", |json| json.replace('}', &format!(",\"a\":{}{}}}", "[".repeat(200), "]".repeat(200))).into()),
];

fn twice(data: &mut ClientData, name: &str) {
    let member = data.members.iter().find(|(other, _)| other == name).unwrap().clone();
    data.members.push(member);
}

fn added_twice(data: &mut ClientData, name: &str, value: Value) {
    data.members.extend([(name.to_owned(), value.clone()), (name.to_owned(), value)]);
}

fn text<'a>(data: &'a ClientData, name: &str) -> &'a str {
    data.members.iter().find(|(other, _)| other == name).unwrap().1.as_str().unwrap()
}

fn append(data: &mut ClientData, name: &str, suffix: &str) {
    data.set(name, format!("{}{suffix}", text(data, name)));
}

fn shorten(data: &mut ClientData, name: &str) {
    let text = text(data, name);
    data.set(name, text[..text.len() - 1].to_owned());
}

/// Changes the last digit of the challenge so that a lenient decoder reads the same bytes.
fn last_digit(data: &mut ClientData) {
    let challenge = text(data, "challenge");
    let (start, end) = challenge.split_at(42);
    assert_eq!(end, "E");
    data.set("challenge", format!("{start}F"));
}

fn swap_type(data: &mut ClientData) {
    let other = if text(data, "type") == "webauthn.get" { "webauthn.create" } else { "webauthn.get" };
    data.set("type", other);
}

fn upper_type(data: &mut ClientData) {
    data.set("type", text(data, "type").to_uppercase());
}

fn frame(data: &mut ClientData, page: &str) {
    data.set("crossOrigin", true);
    data.set("topOrigin", page);
}

/// Returns the verdicts on changed client data, at registration and at authentication. Both signatures are valid.
fn verdicts(webauthn: &Webauthn, change: impl Fn(ClientData) -> Vec<u8>) -> [Result<(), Rejected>; 2] {
    let ceremony = Ceremony::any(webauthn);
    let mut key = SecurityKey::new(1);
    let created = ceremony.create(&mut key);
    let credential = ceremony.register_signed(&created.sign()).unwrap();
    let signed = created.sign_bytes(change(created.client_data.clone()), created.authenticator_data.to_bytes());
    let registered = ceremony.register_signed(&signed).map(|again| assert_eq!(again, credential));

    let got = ceremony.get(&mut key, &credential);
    let signed = got.sign_bytes(change(got.client_data.clone()), got.authenticator_data.to_bytes());
    let authenticated =
        ceremony.authenticate_signed(&credential, &signed).map(|asserted| assert_eq!(asserted.sign_count, 1));
    [registered, authenticated]
}

fn changed(change: Change) -> impl Fn(ClientData) -> Vec<u8> {
    move |mut data| {
        change(&mut data);
        data.to_bytes()
    }
}

/// R44, R45: Each deviation of client data is rejected by its own step.
#[test]
fn each_client_data_step_detects_its_own_deviation() {
    for (name, change, rejected) in CHANGES {
        assert_eq!(verdicts(&Webauthn::new(), changed(*change)), [Err(*rejected); 2], "{name}");
    }
}

#[test]
fn tolerated_client_data_changes_pass() {
    for (name, change) in TOLERATED {
        assert_eq!(verdicts(&Webauthn::new(), changed(*change)), [Ok(()); 2], "{name}");
    }
}

/// The same JSON value in other bytes, which are the signed ones.
#[test]
fn equivalent_json_spellings_pass() {
    let spelled: [(&str, Garble); 4] = [
        ("spaces around", |json| format!(" \t{json}\r\n").into()),
        ("spaces within", |json| json.replace(':', " : ").replace("https : ", "https:").into()),
        ("a name with an escape", |json| json.replacen("\"type\"", "\"\\u0074ype\"", 1).into()),
        ("a value with an escape", |json| json.replace("https://", "https:\\/\\/").into()),
    ];
    for (name, change) in spelled {
        let change = |data: ClientData| change(&String::from_utf8(data.to_bytes()).unwrap());
        assert_eq!(verdicts(&Webauthn::new(), change), [Ok(()); 2], "{name}");
    }
}

/// R44: Client data is a single JSON object in UTF-8.
#[test]
fn client_data_must_be_one_json_object() {
    for (name, change) in MALFORMED {
        let change = |data: ClientData| change(&String::from_utf8(data.to_bytes()).unwrap());
        assert_eq!(verdicts(&Webauthn::new(), change), [Err(Rejected::ClientData); 2], "{name}");
    }
    let prefixes = |length: usize| move |data: ClientData| data.to_bytes()[..length].to_vec();
    for length in 0..100 {
        assert_eq!(verdicts(&Webauthn::new(), prefixes(length)), [Err(Rejected::ClientData); 2], "{length}");
    }
}

/// R45: Cross-origin frames pass only in pages of configured origins.
#[test]
fn frames_pass_in_configured_pages_only() {
    let pages = ["https://example.com".parse().unwrap(), "https://example.net:8443".parse().unwrap()];
    let webauthn = Webauthn::builder().top_origins(relying_party(), pages).build().unwrap();
    let cases: [(Change, _); 9] = [
        (|_| {}, Ok(())),
        (|data| data.set("crossOrigin", true), Ok(())),
        (|data| frame(data, "https://example.com"), Ok(())),
        (|data| frame(data, "https://example.net:8443"), Ok(())),
        (|data| frame(data, "https://example.net"), Err(Rejected::TopOrigin)),
        (|data| frame(data, "https://example.com/"), Err(Rejected::TopOrigin)),
        (|data| frame(data, "https://sub.example.com"), Err(Rejected::TopOrigin)),
        (|data| frame(data, "https://example.org"), Err(Rejected::TopOrigin)),
        (|data| data.set("topOrigin", "https://example.com"), Err(Rejected::TopOrigin)),
    ];
    for (change, verdict) in cases {
        assert_eq!(verdicts(&webauthn, changed(change)), [verdict; 2]);
    }
    // The configured pages of another relying party do not count.
    let others =
        Webauthn::builder().top_origins("example.net".parse().unwrap(), ["https://example.com".parse().unwrap()]);
    let verdict = verdicts(&others.build().unwrap(), changed(|data| frame(data, "https://example.com")));
    assert_eq!(verdict, [Err(Rejected::CrossOrigin); 2]);
}
