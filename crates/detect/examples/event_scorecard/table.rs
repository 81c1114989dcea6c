//! Figures with their n and intervals.

/// Median and 90th percentile of what was found, with how many were.
pub fn delays(found: &[Option<u32>]) -> String {
    let mut known: Vec<u32> = found.iter().flatten().copied().collect();
    known.sort_unstable();
    if known.is_empty() {
        return format!("none of {} found", found.len());
    }
    // What was not found counts as later than all that was.
    let at = |share: f64| known.get(((found.len() - 1) as f64 * share) as usize).map_or("never".into(), |hours| format!("{hours} h"));
    format!("{} found, median {}, p90 {}", share(known.len(), found.len()), at(0.5), at(0.9))
}

/// A share with its 95 % interval (Wilson).
pub fn share(hits: usize, all: usize) -> String {
    if all == 0 {
        return "none of 0".into();
    }
    let (n, p, z) = (all as f64, hits as f64 / all as f64, 1.96_f64);
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / (1.0 + z * z / n);
    format!("{p:.3} ({hits} of {all}; {:.3} to {:.3})", (middle - half).max(0.0), (middle + half).min(1.0))
}

/// Events a year with their exact-enough 95 % Poisson interval (square-root transform).
pub fn rate(events: usize, years: f64) -> String {
    let count = events as f64;
    let low = if events == 0 { 0.0 } else { (count.sqrt() - 0.98).powi(2) };
    let high = if events == 0 { 3.0 } else { ((count + 1.0).sqrt() + 0.98).powi(2) };
    format!("{:.5} ({events} in {years:.0}; {:.5} to {:.5})", count / years, low / years, high / years)
}
