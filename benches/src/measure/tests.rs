use std::cell::RefCell;
use std::time::Duration;

use super::{Runs, Slices, alternate, quantile};

fn run(slices: &[[u64; 2]]) -> Slices<2> {
    Slices(slices.iter().map(|turn| turn.map(Duration::from_millis)).collect())
}

#[test]
fn share_is_median_of_runs_with_range() {
    // A stall of one slice changes neither the rate nor the share.
    let all = [run(&[[10, 5], [10, 5], [900, 5]]), run(&[[10, 6], [10, 6], [10, 900]]), run(&[[10, 8]; 3])];
    let mut all = all.into_iter();
    let runs = Runs::of(3, |_| all.next().unwrap());
    let share = runs.share(0, 1);
    let percent = [share.low, share.median, share.high].map(|share| (share * 100.0).round());
    assert_eq!(percent, [50.0, 60.0, 80.0]);
    assert_eq!([runs.rate(0, 10).round(), runs.rate(1, 12).round()], [1_000.0, 2_000.0]);
}

#[test]
fn every_side_is_first_equally_often() {
    let order = RefCell::new(String::new());
    let side = |name: char| {
        order.borrow_mut().push(name);
        Duration::from_millis(1)
    };
    alternate(3, [&mut || side('a'), &mut || side('b'), &mut || side('c')]);
    assert_eq!(order.into_inner(), "abc abc bca cab".replace(' ', ""));
}

#[test]
fn quantile_covers_its_part_of_values() {
    let values: Vec<f64> = (1..=101).map(f64::from).collect();
    assert_eq!([0.0, 0.5, 0.99, 1.0].map(|part| quantile(&values, part)), [1.0, 51.0, 100.0, 101.0]);
}
