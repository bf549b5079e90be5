/// The class of each guess and its time in nanoseconds.
pub(crate) type Measured = [(bool, f64)];

/// Fractions of the measurements to compare, fastest first. Slow measurements were probably interrupted.
const PARTS: [f64; 6] = [1.0, 0.99, 0.95, 0.9, 0.75, 0.5];

/// Returns Welch's t of the two classes, for the fraction with the largest |t|.
pub(crate) fn t(measured: &Measured) -> f64 {
    let all = sorted(measured.iter());
    let of_part = PARTS.map(|part| {
        let slowest = all[((all.len() - 1) as f64 * part) as usize];
        let side = |wanted| of_class(measured, wanted).filter(move |time| *time <= slowest);
        Side::of(side(true)).t(&Side::of(side(false)))
    });
    of_part.into_iter().max_by(|one, other| one.abs().total_cmp(&other.abs())).unwrap_or_default()
}

/// Returns the median time of a class.
pub(crate) fn median(measured: &Measured, class: bool) -> f64 {
    let times = sorted(measured.iter().filter(|(one, _)| *one == class));
    times[times.len() / 2]
}

fn of_class(measured: &Measured, class: bool) -> impl Iterator<Item = f64> + Clone {
    measured.iter().filter(move |(one, _)| *one == class).map(|(_, time)| *time)
}

fn sorted<'a>(measured: impl Iterator<Item = &'a (bool, f64)>) -> Vec<f64> {
    let mut times: Vec<f64> = measured.map(|(_, time)| *time).collect();
    times.sort_by(f64::total_cmp);
    times
}

struct Side {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Side {
    fn of(times: impl Iterator<Item = f64> + Clone) -> Self {
        let count = times.clone().count() as f64;
        let mean = times.clone().sum::<f64>() / count;
        let variance = times.map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Self { count, mean, variance }
    }

    fn t(&self, other: &Self) -> f64 {
        (self.mean - other.mean) / (self.variance / self.count + other.variance / other.count).sqrt()
    }
}

#[cfg(test)]
mod tests;
