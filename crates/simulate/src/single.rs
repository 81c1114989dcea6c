//! One measurement of one thing: fixtures for whoever needs a certain case and nothing else.

use crate::range::Range;
use crate::report;
use crate::schedule::Slot;
use crate::trouble::TroubleKind;
use crate::truth::Truth;
use crate::world::World;
use crate::world_file::{CensorFile, TroubleFile, WorldFile};
use crate::{Error, Mechanism, Nettest};

/// What is to be seen in a single measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Nobody does anything.
    Undisturbed,
    Censored(Mechanism),
    Troubled(TroubleKind),
}

/// Makes one measurement of `target` in a copy of the world where nothing but `case` happens, to this target and all the time.
///
/// `target` is the URL or host of a `[[target]]` for the web tests, and a role such as `telegram/dc_pool` or a host for the others. The
/// measurement is made by the world's first network; `number` draws another instance of the same case. Forgers need a censor whose
/// address they can vouch for: they get one that answers with a block page.
pub fn single(world: &World, nettest: Nettest, target: &str, case: Case, number: u64) -> Result<(String, Vec<Truth>), Error> {
    let lookup = world.targets.iter().position(|known| known.url.to_string() == target || known.url.host == target);
    let service = world.sites.iter().find(|site| site.target() == target || site.host == target);
    let (slot_target, name) = match (lookup, service) {
        (Some(index), _) if nettest.measures_targets() => (index, world.targets[index].url.host.clone()),
        (_, Some(site)) if !nettest.measures_targets() => {
            let input = nettest.inputs().iter().position(|url| url.contains(site.target()));
            (input.unwrap_or_default(), site.target().to_string())
        }
        _ => return Err(Error::NoSuchTarget(target.into())),
    };
    let alone = World::build(only(&world.file, &name, case), String::new())?;
    let micros = alone.start * 1_000_000 + (number as i64 % 1_000_000);
    let slot = Slot { micros, network: 0, probe: 0, nettest, target: slot_target, number, run: number };
    let finished = report::measure(&alone, slot)?;
    Ok((finished.json, finished.truths))
}

/// The world file with nothing in it but the case.
fn only(file: &WorldFile, target: &str, case: Case) -> WorldFile {
    let country = file.country.iter().take(1).map(|country| country.cc.clone()).collect::<Vec<_>>();
    let targets = vec![target.to_string()];
    let censor = |mechanism: Mechanism| CensorFile {
        mechanism: mechanism.as_str().into(),
        countries: country.clone(),
        targets: targets.clone(),
        ..CensorFile::default()
    };
    let mut file = WorldFile { censor: Vec::new(), trouble: Vec::new(), measurements: None, ..file.clone() };
    match case {
        Case::Undisturbed => {}
        Case::Censored(mechanism) => file.censor.push(censor(mechanism)),
        Case::Troubled(kind) => {
            if kind == TroubleKind::Forger {
                file.censor.push(censor(Mechanism::DnsInjectionBlockpage));
            }
            let moves = matches!(kind, TroubleKind::CdnChange | TroubleKind::SiteChange | TroubleKind::Shutdown);
            file.trouble.push(TroubleFile {
                kind: kind.as_str().into(),
                countries: country,
                targets,
                from: moves.then(|| "1970-01-01".into()),
                to: moves.then(|| "2100-01-01".into()),
                // Often enough and long enough that there is always one.
                per_day: Some(Range::just(100.0)),
                minutes: Some(Range::just(1440)),
                ..TroubleFile::default()
            });
        }
    }
    file
}
