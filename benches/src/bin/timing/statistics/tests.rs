use super::{median, t};

/// Times of two classes, of which the one takes so much longer. Every fiftieth is interrupted, for as long as it may be.
fn measured(longer: f64) -> Vec<(bool, f64)> {
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let time = |number: u32| {
        let one = random() < 0.5;
        let time = 300.0 + 20.0 * random() + if one { longer } else { 0.0 };
        let interrupted = if number.is_multiple_of(50) { 100_000.0 * random() } else { 0.0 };
        (one, time + interrupted)
    };
    (0..100_000).map(time).collect()
}

#[test]
fn r24_the_statistic_notices_what_one_class_takes_longer_among_interruptions() {
    assert!(t(&measured(1.0)) > 10.0);
    assert!(t(&measured(-1.0)) < -10.0);
    let measured = measured(5.0);
    assert!((4.0..6.0).contains(&(median(&measured, true) - median(&measured, false))));
}

#[test]
fn r24_control_the_statistic_notices_nothing_where_there_is_nothing() {
    assert!(t(&measured(0.0)).abs() < 4.5);
}
