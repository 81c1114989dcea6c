//! What a likelihood ratio means in words.

/// The reading of log10 of a likelihood ratio. The words follow H. Jeffreys, Theory of Probability (1961), appendix B, carried on where the
/// many series that were looked at demand more.
pub fn reading(strength: f64) -> &'static str {
    match strength {
        _ if strength < 4.0 => "weak: chance among the many series that were looked at could do this",
        _ if strength < 7.0 => "substantial: chance alone would do this in few of the series in a year",
        _ if strength < 12.0 => "strong: chance alone would not do this in any of a thousand series in a year",
        _ => "decisive: chance is out of the question; what remains are causes that all measurements share",
    }
}
