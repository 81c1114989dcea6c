//! Where countries lie on the map: outlines from Natural Earth, made ready by `web/world.mjs`. Borders are drawn as they are held, which is
//! no statement about them.

use std::sync::LazyLock;

/// A country on the map, in pixels of the drawing.
#[derive(Debug)]
pub struct Land {
    pub code: &'static str,
    /// A point in it.
    pub x: f64,
    pub y: f64,
    /// A path of SVG; none where the country is too small to be seen.
    pub outline: Option<&'static str>,
}

#[derive(Debug)]
pub struct World {
    pub width: u32,
    pub height: u32,
    /// Sorted by code.
    pub lands: Vec<Land>,
}

impl World {
    pub fn land(&self, code: &str) -> Option<&Land> {
        self.lands.binary_search_by(|land| land.code.cmp(code)).ok().map(|index| &self.lands[index])
    }
}

pub static WORLD: LazyLock<World> =
    LazyLock::new(|| read(include_str!("assets/world.txt")).expect("the map is a file of ours, and a test reads it"));

/// The size, and then a line a country: code, point, outline.
fn read(text: &'static str) -> Option<World> {
    let mut lines = text.lines();
    let (width, height) = lines.next()?.split_once(' ')?;
    let land = |line: &'static str| {
        let mut words = line.splitn(4, ' ');
        let (code, x, y) = (words.next()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Land { code, x, y, outline: words.next().filter(|outline| *outline != "-") })
    };
    Some(World { width: width.parse().ok()?, height: height.parse().ok()?, lands: lines.map(land).collect::<Option<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_map_is_read() {
        assert!(WORLD.lands.len() > 200 && WORLD.lands.windows(2).all(|pair| pair[0].code < pair[1].code));
        for land in &WORLD.lands {
            assert!(land.x >= 0.0 && land.x <= f64::from(WORLD.width) && land.y >= 0.0 && land.y <= f64::from(WORLD.height), "{land:?}");
            assert!(crate::countries::name(land.code).is_some() || land.code == "XK", "{land:?}");
            assert!(land.outline.is_none_or(|path| path.bytes().all(|byte| b"MlzZ0123456789.,-".contains(&byte))), "{land:?}");
        }
        assert!(WORLD.land("IR").unwrap().outline.is_some() && WORLD.land("SG").unwrap().outline.is_none());
        assert!(WORLD.land("XA").is_none());
    }
}
