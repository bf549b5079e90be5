//! SVG plots of the tables.
//!
//! Plots have no background and mid-tone colours, so that they are readable on light and dark pages. Drawn by `plotters`,
//! which is four small crates with the SVG backend alone. `poloto` is smaller, but lacks logarithmic axes.

mod floors;
mod growth;

pub(crate) use floors::of_floors;
pub(crate) use growth::of_growth;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::backend::Kind;

/// A plot: file name, title and content.
pub(crate) struct Plot {
    pub(crate) file: String,
    pub(crate) title: String,
    pub(crate) svg: String,
}

const WIDTH: u32 = 800;
const INK: RGBColor = RGBColor(0x76, 0x7c, 0x86);
const BLUE: RGBColor = RGBColor(0x3b, 0x82, 0xf6);
const ORANGE: RGBColor = RGBColor(0xd9, 0x77, 0x06);
const GREEN: RGBColor = RGBColor(0x16, 0xa3, 0x4a);
const PURPLE: RGBColor = RGBColor(0xa8, 0x55, 0xf7);
const RED: RGBColor = RGBColor(0xe1, 0x4d, 0x55);
const COLOURS: [RGBColor; 5] = [BLUE, ORANGE, GREEN, PURPLE, RED];

fn colour(kind: &Kind) -> RGBColor {
    COLOURS[kind.position() % COLOURS.len()]
}

/// Returns a text style with the given alignment.
fn text(at: HPos, size: u32, colour: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&colour).pos(Pos::new(at, VPos::Center))
}

/// Draws on an empty page of the given height, and returns the SVG.
fn drawn(height: u32, draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, plotters::coord::Shift>)) -> String {
    let mut svg = String::new();
    draw(&SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area());
    svg
}
