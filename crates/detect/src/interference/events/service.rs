//! Which targets belong together: an app's services, and the app's own site.
//!
//! `telegram/dc_pool`, `telegram/web` and `telegram.org` are interfered with as one. Other hosts stand for themselves, whoever owns them.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::Cells;

/// A number for each target of the cells; those of one app have the same.
pub(super) fn services(cells: &Cells) -> Vec<u32> {
    let apps: BTreeSet<&str> = cells.targets.iter().filter_map(|target| app_of(target)).collect();
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut number = |target| {
        let next = numbers.len() as u32;
        *numbers.entry(service(target, &apps)).or_insert(next)
    };
    cells.targets.iter().map(|target| number(target)).collect()
}

/// The app that a target is a service of.
pub(crate) fn app_of(target: &str) -> Option<&str> {
    target.split_once('/').map(|(app, _)| app)
}

fn service<'t>(target: &'t str, apps: &BTreeSet<&str>) -> &'t str {
    if let Some(app) = app_of(target) {
        return app;
    }
    let owner = psl::domain_str(target).and_then(|domain| domain.split('.').next());
    owner.filter(|owner| apps.contains(owner)).unwrap_or(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_and_its_site_are_one_and_other_hosts_are_not() {
        let apps = BTreeSet::from(["telegram"]);
        for target in ["telegram/dc_pool", "telegram.org", "web.telegram.org"] {
            assert_eq!(service(target, &apps), "telegram");
        }
        assert_eq!(service("www.bbc.co.uk", &apps), "www.bbc.co.uk");
        assert_eq!(service("telegram.org", &BTreeSet::new()), "telegram.org");
    }
}
