//! How far a share of a sample can be from the share of everything.

/// Two-sided 95 % of a normal distribution.
pub const Z: f64 = 1.959_963_984_540_054;

/// The Wilson score interval of `count` of `n` at 95 % (E. B. Wilson 1927; recommended by Brown, Cai and DasGupta 2001 for small n and shares
/// near 0 and 1). Of nothing, everything is possible.
pub fn wilson(count: u64, n: u64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (k, n) = (count.min(n) as f64, n as f64);
    let share = k / n;
    let centre = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    let low = if count == 0 { 0.0 } else { (centre - half) / scale };
    let high = if k >= n { 1.0 } else { (centre + half) / scale };
    (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_gives_the_values_of_the_textbook() {
        // Newcombe 1998, table I: 81 of 263, and 0 of 20.
        let (low, high) = wilson(81, 263);
        assert!((low - 0.2553).abs() < 1e-4 && (high - 0.3662).abs() < 1e-4, "{low} {high}");
        let (low, high) = wilson(0, 20);
        assert!(low == 0.0 && (high - 0.1611).abs() < 1e-4, "{low} {high}");
    }

    proptest! {
        #[test]
        fn the_share_lies_within_and_more_evidence_narrows(n in 1_u64..10_000, part in 0.0_f64..=1.0) {
            let count = (part * n as f64).floor() as u64;
            let (low, high) = wilson(count, n);
            let share = count as f64 / n as f64;
            prop_assert!((0.0..=share + 1e-12).contains(&low) && (share - 1e-12..=1.0).contains(&high));
            let (narrow_low, narrow_high) = wilson(count * 10, n * 10);
            prop_assert!(narrow_high - narrow_low <= high - low + 1e-12);
        }
    }
}
