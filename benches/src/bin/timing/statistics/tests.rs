use super::{median, t};

/// Returns times of two classes, the first slower by `longer` nanoseconds. Every fiftieth has a random interruption.
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

/// R24: a difference of one nanosecond is detected despite interruptions.
#[test]
fn slower_class_is_detected_among_interruptions() {
    assert!(t(&measured(1.0)) > 10.0);
    assert!(t(&measured(-1.0)) < -10.0);
    let measured = measured(5.0);
    assert!((4.0..6.0).contains(&(median(&measured, true) - median(&measured, false))));
}

/// R24: control, equal classes are not reported.
#[test]
fn control_equal_classes_are_not_reported() {
    assert!(t(&measured(0.0)).abs() < 4.5);
}
