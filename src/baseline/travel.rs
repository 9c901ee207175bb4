//! How fast somebody would have to travel between two calls (`detection.md` 2.8): great circles and speeds, pure
//! functions. It must not know networks: whether a place can be trusted is the caller's to say.

use crate::model::Timestamp;
use crate::model::time::HOUR;
use serde::{Deserialize, Serialize};

/// Mean radius of the Earth in kilometres.
const RADIUS_KM: f64 = 6_371.0;
/// What geolocation may be wrong by, in kilometres: it is taken off the distance.
pub const SLACK_KM: f64 = 100.0;
/// Faster than an airliner, in kilometres per hour.
pub const LIMIT_KMH: f64 = 900.0;
/// Calls closer than this count as so far apart: the same instant has no speed.
const LEAST_MS: i64 = 1_000;

/// A place on the Earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Latitude, −90 to 90.
    pub lat: f64,
    /// Longitude, −180 to 180.
    pub lon: f64,
}

impl Place {
    /// A place from optional coordinates; `None` where one is missing or outside its range: travel is then not observable.
    pub fn of(lat: Option<f64>, lon: Option<f64>) -> Option<Self> {
        let (lat, lon) = (lat?, lon?);
        ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon)).then_some(Self { lat, lon })
    }

    /// Great-circle distance in kilometres (haversine).
    pub fn distance_km(self, other: Self) -> f64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let (dlat, dlon) = (b - a, (other.lon - self.lon).to_radians());
        let (s, t) = (libm::sin(dlat / 2.0), libm::sin(dlon / 2.0));
        let h = s * s + libm::cos(a) * libm::cos(b) * t * t;
        2.0 * RADIUS_KM * libm::asin(libm::sqrt(h.clamp(0.0, 1.0)))
    }
}

/// Speed in km/h between two calls after 100 km are taken off; 0 for places closer than that. Which call came first does
/// not matter.
pub fn speed_kmh(from: (Timestamp, Place), to: (Timestamp, Place)) -> f64 {
    let distance = (from.1.distance_km(to.1) - SLACK_KM).max(0.0);
    let ms = to.0.since(from.0).saturating_abs().max(LEAST_MS);
    distance * HOUR as f64 / ms as f64
}

/// The speed where nobody travels so fast (> 900 km/h); `None` where it is possible or a place is not known.
pub fn impossible(from: (Timestamp, Option<Place>), to: (Timestamp, Option<Place>)) -> Option<f64> {
    let speed = speed_kmh((from.0, from.1?), (to.0, to.1?));
    (speed > LIMIT_KMH).then_some(speed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BERLIN: Place = Place { lat: 52.52, lon: 13.405 };
    const PARIS: Place = Place { lat: 48.8566, lon: 2.3522 };
    const SYDNEY: Place = Place { lat: -33.8688, lon: 151.2093 };

    #[test]
    fn distances_that_are_known() {
        let pole = Place { lat: 90.0, lon: 0.0 };
        let (zero, anti) = (Place { lat: 0.0, lon: 0.0 }, Place { lat: 0.0, lon: 180.0 });
        for (a, b, km, within) in [
            (BERLIN, PARIS, 878.0, 2.0),
            (BERLIN, SYDNEY, 16_094.0, 60.0),
            (BERLIN, BERLIN, 0.0, 1e-6),
            (zero, anti, 20_015.1, 0.1),
            (pole, zero, 10_007.5, 0.1),
            (Place { lat: 0.0, lon: 179.5 }, Place { lat: 0.0, lon: -179.5 }, 111.2, 0.1),
        ] {
            assert!((a.distance_km(b) - km).abs() <= within, "{a:?} {b:?}: {}", a.distance_km(b));
        }
    }

    #[test]
    fn what_nobody_travels() {
        let t = |h: f64| Timestamp((h * HOUR as f64) as i64);
        for (name, from, to, hours, found) in [
            ("a flight", BERLIN, PARIS, 2.0, false),
            ("in ten minutes", BERLIN, PARIS, 1.0 / 6.0, true),
            ("a day to Sydney", BERLIN, SYDNEY, 24.0, false),
            ("an hour to Sydney", BERLIN, SYDNEY, 1.0, true),
            ("the next town at once", BERLIN, Place { lat: 52.4, lon: 13.06 }, 0.0, false),
            ("Sydney at once", BERLIN, SYDNEY, 0.0, true),
        ] {
            assert_eq!(impossible((t(0.0), Some(from)), (t(hours), Some(to))).is_some(), found, "{name}");
            assert_eq!(impossible((t(hours), Some(to)), (t(0.0), Some(from))).is_some(), found, "{name}, told backwards");
        }
        assert_eq!(impossible((t(0.0), None), (t(0.0), Some(PARIS))), None, "not observable");
        assert_eq!(Place::of(Some(91.0), Some(0.0)), None);
        assert_eq!(Place::of(Some(f64::NAN), Some(0.0)), None);
        assert_eq!(Place::of(None, Some(0.0)), None);
    }

    proptest! {
        #[test]
        fn a_distance_is_one(a in (-90.0f64..90.0, -180.0f64..180.0), b in (-90.0f64..90.0, -180.0f64..180.0)) {
            let (a, b) = (Place { lat: a.0, lon: a.1 }, Place { lat: b.0, lon: b.1 });
            let d = a.distance_km(b);
            prop_assert!((0.0..=20_016.0).contains(&d));
            prop_assert!((d - b.distance_km(a)).abs() < 1e-6);
        }
    }
}
