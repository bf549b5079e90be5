use super::*;

#[test]
fn times_are_rfc_3339_until_year_9999() {
    let text = |millis| date_time(Timestamp::from_millis(millis));
    assert_eq!(text(0).as_deref(), Some("1970-01-01T00:00:00.000Z"));
    assert_eq!(text(1_700_000_000_123).as_deref(), Some("2023-11-14T22:13:20.123Z"));
    assert_eq!(text(253_402_300_799_999).as_deref(), Some("9999-12-31T23:59:59.999Z"));
    for millis in [253_402_300_800_000, i64::MAX.unsigned_abs(), u64::MAX] {
        assert_eq!(text(millis), None, "{millis}");
    }
}
