use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{INK, Plot, colour, drawn, text};
use crate::backend::Kind;
use crate::comparison::{Compared, Measured};
use crate::measure::Spread;
use crate::operation::Operation;

/// The height of a group of bars, in pixels.
const GROUP: u32 = 58;
/// The maximum ratio shown.
const FURTHEST: f64 = 1.25;

/// Plots the ratios to the floor, for a single caller and for many.
pub(crate) fn of_floors(compared: &[Compared]) -> [Plot; 2] {
    let alone = |compared: &Compared| Some(compared.alone);
    [
        plot(compared, "floors-1.svg", "1 caller", alone),
        plot(compared, "floors-64.svg", "64 callers", |compared| compared.many),
    ]
}

fn plot(compared: &[Compared], file: &str, callers: &str, of: impl Fn(&Compared) -> Option<Measured>) -> Plot {
    let title = format!("Speed in per cent of the floor, {callers}");
    let mut shares: Vec<(Operation, Vec<(&Kind, Spread)>)> = Vec::new();
    for operation in Operation::ALL {
        let here = compared.iter().filter(|compared| compared.operation == operation);
        let here: Vec<_> = here.filter_map(|compared| Some((compared.kind, of(compared)?.share))).collect();
        if !here.is_empty() {
            shares.push((operation, here));
        }
    }
    let height = 90 + GROUP * u32::try_from(shares.len()).unwrap();
    let svg = drawn(height, |area| draw(area, &shares, &title));
    Plot { file: file.to_owned(), title, svg }
}

fn draw(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    shares: &[(Operation, Vec<(&Kind, Spread)>)],
    title: &str,
) {
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_left(160)
        .margin_right(80)
        .caption(title, text(HPos::Center, 17, INK))
        .x_label_area_size(28)
        .build_cartesian_2d(0.0..FURTHEST, shares.len() as f64..0.0)
        .unwrap();
    chart
        .configure_mesh()
        .axis_style(INK)
        .bold_line_style(INK.mix(0.25))
        .light_line_style(TRANSPARENT)
        .disable_y_mesh()
        .label_style(text(HPos::Center, 14, INK))
        .x_labels(6)
        .x_label_formatter(&|share| format!("{:.0} %", share * 100.0))
        .draw()
        .unwrap();
    for (number, (operation, of)) in shares.iter().enumerate() {
        let top = number as f64;
        for (place, (kind, Spread { low, median, high })) in of.iter().enumerate() {
            let bar =
                |share: f64, at: f64| (share.min(FURTHEST), top + 0.12 + (place as f64 + at) * 0.78 / of.len() as f64);
            let colour = colour(kind);
            let filled = Rectangle::new([bar(0.0, 0.08), bar(*median, 0.92)], colour.filled());
            chart.draw_series([filled]).unwrap();
            let spread = PathElement::new([bar(*low, 0.5), bar(*high, 0.5)], INK.stroke_width(2));
            chart.draw_series([spread]).unwrap();
            let (x, y) = chart.backend_coord(&bar(median.max(*high), 0.5));
            let label = format!("{} {:.0} %", kind.name, median * 100.0);
            area.draw(&Text::new(label, (x + 6, y), text(HPos::Left, 13, colour))).unwrap();
        }
        let (x, y) = chart.backend_coord(&(0.0, top + 0.5));
        area.draw(&Text::new(operation.name(), (x - 8, y), text(HPos::Right, 14, INK))).unwrap();
    }
    let floor = PathElement::new([(1.0, 0.0), (1.0, shares.len() as f64)], INK.stroke_width(2));
    chart.draw_series([floor]).unwrap();
}
