//! The tray's icons, drawn by the program: five states, each of another shape and another colour.

use ksni::Icon;

/// What the icon says at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// Nothing is known yet, or there is nothing to watch: a ring.
    Unknown,
    /// No certificate needs anything: a disc with a tick.
    Well,
    /// One must be renewed: a triangle with an exclamation mark.
    Due,
    /// One must be renewed soon: an octagon with an exclamation mark.
    Urgent,
    /// One has expired: a square with a cross.
    Expired,
}

impl Face {
    /// Every face.
    pub const ALL: [Self; 5] = [
        Self::Unknown,
        Self::Well,
        Self::Due,
        Self::Urgent,
        Self::Expired,
    ];

    /// The icon in the sizes of panels, in pixels: usual ones and those of dense displays.
    #[must_use]
    pub fn icons(self) -> Vec<Icon> {
        [16, 22, 24, 32, 48].map(|side| self.icon(side)).into()
    }

    /// The icon, `side` pixels square: ARGB, 8 bits each, the highest first.
    #[must_use]
    pub fn icon(self, side: u8) -> Icon {
        let mut data = Vec::with_capacity(usize::from(side).pow(2) * 4);
        for y in 0..side {
            for x in 0..side {
                data.extend(self.pixel(x, y, side));
            }
        }
        Icon {
            width: side.into(),
            height: side.into(),
            data,
        }
    }

    /// The mean of what is at 8 × 8 points of a pixel.
    fn pixel(self, x: u8, y: u8, side: u8) -> [u8; 4] {
        let mut sum = [0_u32; 4];
        for step_x in 0..POINTS {
            for step_y in 0..POINTS {
                let at = |pixel: u8, step: u8| {
                    let place = f32::from(pixel) + (f32::from(step) + 0.5) / f32::from(POINTS);
                    place / f32::from(side) * 2.0 - 1.0
                };
                if let Some(colour) = self.at(at(x, step_x), at(y, step_y)) {
                    sum[0] += 255;
                    for (sum, part) in sum[1..].iter_mut().zip(colour) {
                        *sum += u32::from(part);
                    }
                }
            }
        }
        let points = u32::from(POINTS).pow(2);
        let covered = sum[0] / 255;
        // Not multiplied by the cover: that is how the specification's pixels are.
        let mean = |part: u32| u8::try_from(part / covered.max(1)).unwrap_or(u8::MAX);
        let cover = u8::try_from(sum[0] / points).unwrap_or(u8::MAX);
        [cover, mean(sum[1]), mean(sum[2]), mean(sum[3])]
    }

    /// The colour at a point, from -1 to 1 to the right and down; `None` outside.
    fn at(self, x: f32, y: f32) -> Option<Colour> {
        let distance = x.hypot(y);
        match self {
            Self::Unknown => (0.55..0.85).contains(&distance).then_some(GREY),
            Self::Well => {
                let tick = on_line((x, y), (-0.45, 0.02), (-0.12, 0.36), 0.13)
                    || on_line((x, y), (-0.12, 0.36), (0.45, -0.32), 0.13);
                (distance < 0.92).then_some(if tick { WHITE } else { GREEN })
            }
            Self::Due => {
                let inside = in_triangle(x, y);
                inside.then_some(if in_mark(x, y - 0.2, 0.62) {
                    BLACK
                } else {
                    AMBER
                })
            }
            Self::Urgent => {
                let (wide, high) = (x.abs(), y.abs());
                let inside = wide.max(high) < 0.92 && wide + high < 1.3;
                inside.then_some(if in_mark(x, y, 0.85) { WHITE } else { RED })
            }
            Self::Expired => {
                let cross = on_line((x, y), (-0.42, -0.42), (0.42, 0.42), 0.15)
                    || on_line((x, y), (-0.42, 0.42), (0.42, -0.42), 0.15);
                let inside = x.abs().max(y.abs()) < 0.84;
                inside.then_some(if cross { WHITE } else { PURPLE })
            }
        }
    }
}

/// Red, green, blue.
type Colour = [u8; 3];

// Each at least 3 to 1 against black and white panels alike, and against what is drawn on it.
const GREY: Colour = [0x80, 0x86, 0x8b];
const GREEN: Colour = [0x1e, 0x8e, 0x3e];
const AMBER: Colour = [0xf9, 0xab, 0x00];
const RED: Colour = [0xd9, 0x30, 0x25];
const PURPLE: Colour = [0x7b, 0x3f, 0x9e];
const WHITE: Colour = [0xff, 0xff, 0xff];
const BLACK: Colour = [0x20, 0x21, 0x24];

const POINTS: u8 = 8;

/// Whether a point is within `half` of the line from one point to another, round at its ends.
fn on_line((x, y): (f32, f32), from: (f32, f32), to: (f32, f32), half: f32) -> bool {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = ((x - from.0) * dx + (y - from.1) * dy) / (dx * dx + dy * dy);
    let along = along.clamp(0.0, 1.0);
    (x - from.0 - along * dx).hypot(y - from.1 - along * dy) < half
}

/// A triangle that stands on its side, with round corners.
fn in_triangle(x: f32, y: f32) -> bool {
    const ROUND: f32 = 0.14;
    let (top, bottom, wide) = (-0.72, 0.72, 0.8);
    let part = (y - top) / (bottom - top);
    let inside = (0.0..=1.0).contains(&part) && x.abs() <= wide * part;
    let corners = [(0.0, top), (wide, bottom), (-wide, bottom)];
    inside || (0..3).any(|side| on_line((x, y), corners[side], corners[(side + 1) % 3], ROUND))
}

/// An exclamation mark about the middle, `size` of the whole high.
fn in_mark(x: f32, y: f32, size: f32) -> bool {
    let (x, y) = (x / size, y / size);
    on_line((x, y), (0.0, -0.58), (0.0, 0.12), 0.16) || x.hypot(y - 0.55) < 0.18
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each pixel is mostly covered.
    fn shape(face: Face, side: u8) -> Vec<bool> {
        let pixels = face.icon(side).data;
        pixels.chunks(4).map(|pixel| pixel[0] > 127).collect()
    }

    #[test]
    fn faces_differ_in_shape_at_every_size() {
        for side in [16, 22, 32] {
            for (place, one) in Face::ALL.into_iter().enumerate() {
                for other in &Face::ALL[place + 1..] {
                    let (one_shape, other_shape) = (shape(one, side), shape(*other, side));
                    let pairs = one_shape.iter().zip(&other_shape);
                    let different = pairs.filter(|(one, other)| one != other).count();
                    let least = usize::from(side).pow(2) / 40;
                    assert!(
                        different > least,
                        "{one:?} and {other:?} differ in {different} of {side}² pixels"
                    );
                }
            }
        }
    }

    #[test]
    fn an_icon_has_its_pixels() {
        for icon in Face::Due.icons() {
            assert_eq!(icon.data.len(), (icon.width * icon.height * 4) as usize);
        }
    }
}
