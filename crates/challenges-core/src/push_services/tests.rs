use super::*;

#[test]
fn only_public_names_on_port_443_are_admitted() {
    for admitted in [
        "https://push.example/1",
        "https://push.example:443/1",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://localhost.example.com/",
        "https://my-internal.example.com/",
    ] {
        assert!(PublicPushServices.admits(admitted), "{admitted}");
    }
    for refused in [
        "https://localhost/1",
        "https://LOCALHOST/1",
        "https://push.localhost/",
        "https://localhost.localdomain/",
        "https://printer.local/",
        "https://push.corp.internal/",
        "https://push/",
        "https://push.example./",
        "https://127.0.0.1/",
        "https://127.0.0.1:443/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://push.example:8443/",
        "https://push.example:80/",
        "http://push.example/",
        "https://user@push.example/",
        "ftp://push.example/",
        "push.example",
        "",
    ] {
        assert!(!PublicPushServices.admits(refused), "{refused}");
    }
}
