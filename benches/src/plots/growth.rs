use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{COLOURS, INK, Plot, WIDTH, drawn, text};
use crate::growth::Grown;
use crate::report::thousands;

const HEIGHT: u32 = 420;
/// The width of the labels, in pixels.
const NAMES: u32 = 190;
/// The minimum distance between two labels, in pixels.
const APART: i32 = 17;
/// The gap between a line and its label, in pixels.
const BESIDE: i32 = 10;

/// Plots the time per call against the number of stored challenges.
pub(crate) fn of_growth(grown: &Grown) -> Plot {
    let title = format!("{}: microseconds of a call, by live challenges", grown.kind.name);
    let svg = drawn(HEIGHT, |area| draw(area, grown, &title));
    Plot { file: format!("growth-{}.svg", grown.kind.name), title, svg }
}

fn draw(area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>, grown: &Grown, title: &str) {
    let all = || grown.tasks.iter().flat_map(|(_, seconds)| seconds).map(|seconds| seconds * 1e6);
    let lowest = 10_f64.powf(all().fold(f64::MAX, f64::min).log10().floor());
    let highest = 10_f64.powf(all().fold(0.0, f64::max).log10().ceil());
    let (first, last) = (grown.sizes[0] as f64, grown.sizes[grown.sizes.len() - 1] as f64);
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_right(NAMES)
        .caption(title, text(HPos::Center, 17, INK))
        .x_label_area_size(32)
        .y_label_area_size(58)
        .build_cartesian_2d((first..last).log_scale(), (lowest..highest).log_scale())
        .unwrap();
    chart
        .configure_mesh()
        .axis_style(INK)
        .bold_line_style(INK.mix(0.35))
        .light_line_style(INK.mix(0.12))
        .label_style(text(HPos::Center, 14, INK))
        .x_labels(grown.sizes.len())
        .x_label_formatter(&|size| thousands(*size))
        .y_label_formatter(&|micros| if *micros < 1.0 { format!("{micros}") } else { thousands(*micros) })
        .draw()
        .unwrap();
    let mut names = Vec::new();
    for ((task, seconds), colour) in grown.tasks.iter().zip(COLOURS) {
        let points: Vec<_> = grown.sizes.iter().zip(seconds).map(|(size, s)| (*size as f64, s * 1e6)).collect();
        chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(2))).unwrap();
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, colour.filled()))).unwrap();
        names.push((chart.backend_coord(&points[points.len() - 1]).1, task.name(), colour));
    }
    names.sort_unstable_by_key(|(height, ..)| *height);
    let mut free = i32::MIN;
    for (height, name, colour) in names {
        let height = height.max(free);
        free = height + APART;
        let x = i32::try_from(WIDTH - NAMES).unwrap() + BESIDE;
        area.draw(&Text::new(name, (x, height), text(HPos::Left, 14, colour))).unwrap();
    }
}
