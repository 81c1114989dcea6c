//! The figures of detectors as tables.

use parallax_detect::evaluation::events::{Detector, EventFigure, Unit};

use crate::output::{Listing, count, plural};

/// For people: a figure in a row, a detector in a column.
pub fn side_by_side(scored: &[(Detector, Vec<EventFigure>)]) -> Listing {
    // What nobody could be asked about is left to programs.
    let is_asked =
        |figure: &&EventFigure| figure.n > 0 || scored.iter().any(|(_, all)| all.iter().any(|each| is_same(each, figure) && each.n > 0));
    let names: Vec<&EventFigure> = scored.first().map_or(Vec::new(), |(_, figures)| figures.iter().filter(is_asked).collect());
    let listing = Listing::new()
        .text("figure", names.iter().map(|each| each.figure.replace('_', " ")))
        .text("of", names.iter().map(|each| each.of.as_str()));
    scored.iter().fold(listing, |listing, (detector, figures)| {
        let find = |asked: &&EventFigure| figures.iter().find(|each| is_same(each, asked));
        listing.text(detector.as_str(), names.iter().map(|name| find(name).map_or_else(String::new, in_words)))
    })
}

fn is_same(a: &EventFigure, b: &EventFigure) -> bool {
    (a.figure, &a.of) == (b.figure, &b.of)
}

/// For programs: a figure of a detector in a row.
pub fn every_row(scored: &[(Detector, Vec<EventFigure>)]) -> Listing {
    let rows: Vec<(&Detector, &EventFigure)> =
        scored.iter().flat_map(|(detector, figures)| figures.iter().map(move |each| (detector, each))).collect();
    Listing::new()
        .text("detector", rows.iter().map(|(detector, _)| detector.as_str()))
        .text("figure", rows.iter().map(|(_, each)| each.figure))
        .text("of", rows.iter().map(|(_, each)| each.of.as_str()))
        .fraction("value", rows.iter().map(|(_, each)| each.value))
        .fraction("low", rows.iter().map(|(_, each)| each.low))
        .fraction("high", rows.iter().map(|(_, each)| each.high))
        .number("count", rows.iter().map(|(_, each)| each.count))
        .number("n", rows.iter().map(|(_, each)| each.n))
}

fn in_words(figure: &EventFigure) -> String {
    let n = format!("{} of {}", count(figure.count), count(figure.n));
    match (figure.unit, figure.value) {
        (_, None) if figure.n == 0 => "-".to_owned(),
        (Unit::Hours, None) => format!("never (found {n})"),
        (Unit::Hours, Some(hours)) => format!("{hours} h (found {n})"),
        (Unit::Share, value) => format!("{:.1}% ({n})", 100.0 * value.unwrap_or_default()),
        (Unit::PerYear, value) => format!("{:.4} ({} in {})", value.unwrap_or_default(), count(figure.count), plural(figure.n, "year")),
    }
}
