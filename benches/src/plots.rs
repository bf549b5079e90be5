//! The plots beside the tables, as SVG.
//!
//! They have no background, and their colours are of a middle tone, so that they can be read on a light page and a dark one.
//! `plotters` draws them: with the SVG backend alone it is four small crates, and it has logarithmic axes. `poloto` is
//! smaller still and takes its colours from style sheets, but has none.

mod floors;
mod growth;

pub(crate) use floors::of_floors;
pub(crate) use growth::of_growth;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::backend::Kind;

/// What is written, and what it shows.
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

const fn colour(kind: Kind) -> RGBColor {
    match kind {
        Kind::Memory => BLUE,
        Kind::Sqlite => ORANGE,
        Kind::Redis => GREEN,
    }
}

/// Text that ends, begins or has its middle at a point.
fn text(at: HPos, size: u32, colour: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&colour).pos(Pos::new(at, VPos::Center))
}

/// Draws on an empty page of that height.
fn drawn(height: u32, draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, plotters::coord::Shift>)) -> String {
    let mut svg = String::new();
    draw(&SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area());
    svg
}
