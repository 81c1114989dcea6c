//! Every view: a query with a name, in a file of its own, over the tables of the archive.
//!
//! A view's file begins with comment lines that are its documentation: what one row is, an empty comment line, and each column as
//! `-- name: what it is`. A new view is one file and one line in [`ALL`].

pub struct View {
    pub name: &'static str,
    source: &'static str,
}

/// Their order is the order of the documentation.
pub const ALL: &[&View] = &[
    &View { name: "anomalies", source: include_str!("anomalies.sql") },
    &View { name: "states_by_network", source: include_str!("states_by_network.sql") },
    &View { name: "mechanisms_by_network", source: include_str!("mechanisms_by_network.sql") },
    &View { name: "rules_by_state", source: include_str!("rules_by_state.sql") },
    &View { name: "cells", source: include_str!("cells.sql") },
    &View { name: "coverage_by_day", source: include_str!("coverage_by_day.sql") },
    &View { name: "rejects_by_reason", source: include_str!("rejects_by_reason.sql") },
];

pub fn find(name: &str) -> Option<&'static View> {
    ALL.iter().find(|view| view.name == name).copied()
}

impl View {
    /// What one row is.
    pub fn doc(&self) -> String {
        self.comments().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Every column with its documentation, in order.
    pub fn columns(&self) -> Vec<(&'static str, &'static str)> {
        self.comments().skip_while(|line| !line.is_empty()).filter_map(|line| line.split_once(": ")).collect()
    }

    /// The query behind the view.
    pub fn query(&self) -> &'static str {
        let comments: usize = self.source.split_inclusive('\n').take_while(|line| line.starts_with("--")).map(str::len).sum();
        self.source[comments..].trim()
    }

    fn comments(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.source.lines().map_while(|line| line.strip_prefix("--")).map(str::trim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Options};

    #[test]
    fn every_view_says_what_each_of_its_columns_is() {
        let engine = Engine::empty(&Options::default()).unwrap();
        for view in ALL {
            assert!(view.doc().ends_with('.'), "{}", view.name);
            let schema = engine.schema_of(&format!("SELECT * FROM {}", view.name)).unwrap();
            let documented: Vec<_> = view.columns().into_iter().map(|(name, _)| name).collect();
            let actual: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            assert_eq!(actual, documented, "{}", view.name);
        }
    }

    #[test]
    fn a_view_that_counts_says_how_many_rows_stand_behind_a_figure() {
        for view in ALL.iter().filter(|view| view.name.contains("_by_")) {
            assert!(view.columns().iter().any(|(name, _)| *name == "n"), "{}", view.name);
        }
    }
}
