//! The frame of a measurement: everything around `test_keys`, and the truth about each target.

use rand::Rng;
use serde::Serialize;

use crate::Error;
use crate::nettests::{Inputs, Nettest};
use crate::ooni::{Annotations, Backend, Extensions, Measurement, TestHelpers};
use crate::path::Path;
use crate::probe::Probe;
use crate::schedule::Slot;
use crate::trouble::TroubleKind;
use crate::truth::{Outcome, Truth, judge};
use crate::world::World;
use crate::{rng, time};

/// Six years and some months: what a device without a battery believes after it was switched off.
const CLOCK_ERROR_SECONDS: i64 = 200_000_000;

/// A measurement that is being made.
pub(crate) struct Report<'w> {
    pub world: &'w World,
    pub path: Path<'w>,
    pub slot: Slot,
    /// What it was asked to measure; a nettest that works it out says so before it judges.
    pub input: Option<String>,
    /// Who is asked for comparison.
    pub backend: Option<Backend>,
    uid: String,
    start_time: String,
    /// Troubles that concern the whole measurement, as indexes.
    whole: Vec<usize>,
    truths: Vec<Truth>,
}

/// A measurement as it is submitted, with the truth about it.
pub(crate) struct Finished {
    pub json: String,
    pub truths: Vec<Truth>,
}

/// Makes a measurement. Where bad luck kept it from meeting a censor, the truth says so: the same measurement is made once more without.
pub(crate) fn measure(world: &World, slot: Slot) -> Result<Finished, Error> {
    let run = slot.nettest.info().run;
    let report = Report::new(world, slot.clone());
    let is_unlucky = report.path.is_unlucky();
    let mut finished = run(report)?;
    if is_unlucky {
        let mut lucky = Report::new(world, slot);
        lucky.path.end_bad_luck();
        let lucky = run(lucky)?.truths;
        finished.truths.iter_mut().for_each(|truth| truth.compare_with_luck(&lucky));
    }
    Ok(finished)
}

impl<'w> Report<'w> {
    fn new(world: &'w World, slot: Slot) -> Self {
        let mut rng = rng::measurement(world.seed, slot.number);
        let now = slot.micros.div_euclid(1_000_000);
        let digest: u64 = rng.random();
        let cc = &world.countries[world.networks[slot.network].country].cc;
        let nettest = slot.nettest.file_name();
        let uid = format!("{}.{:06}_{cc}_{nettest}_{digest:016x}", time::uid(now), slot.micros.rem_euclid(1_000_000));
        let probe = Probe::new(world, slot.network, slot.probe, slot.nettest != Nettest::WebConnectivity04);
        let path = Path::new(world, slot.network, probe, now, rng);
        let claimed = if path.has(TroubleKind::ClockError) { now - CLOCK_ERROR_SECONDS } else { now };
        let input = input(world, &slot);
        let backend = slot.nettest.is_web().then_some(Backend::Https("https://0.th.ooni.org/"));
        Self { world, path, slot, input, backend, uid, start_time: time::ooni(claimed), whole: Vec::new(), truths: Vec::new() }
    }

    /// Whether the test helper fails this time; if so, how.
    pub fn control_failure(&mut self) -> Option<&'static str> {
        if let Some(shutdown) = self.path.offline() {
            self.whole.push(shutdown);
            return Some("generic_timeout_error");
        }
        if self.path.has(TroubleKind::CaptivePortal) {
            return Some("ssl_unknown_authority");
        }
        if self.path.has(TroubleKind::ClockError) {
            return Some("ssl_invalid_certificate");
        }
        // The way to the test helper leads over the same network; one of two tries gets through.
        let burst = self.path.burst();
        if let Some((burst, _)) = burst.filter(|(_, share)| self.path.rng.random_bool(share / 2.0)) {
            self.whole.push(burst);
            return Some("generic_timeout_error");
        }
        let (world, network, now) = (self.world, self.slot.network, self.path.now);
        for index in &world.troubles_of[network] {
            let trouble = &world.troubles[*index];
            let concerns = trouble.kind == TroubleKind::ControlDown && trouble.window.contains(now, world.utc_offset(network));
            if concerns && self.path.rng.random_bool(trouble.share) {
                self.whole.push(*index);
                return Some("generic_timeout_error");
            }
        }
        None
    }

    /// Adds the truth about one site, or about several that are one target together.
    pub fn judge(&mut self, sites: &[usize], outcome: Outcome) {
        let network = &self.world.networks[self.slot.network];
        let mut truth = Truth {
            measurement_uid: self.uid.clone(),
            input: self.input.clone(),
            target: self.world.sites[sites[0]].target().into(),
            target_role: "",
            test_name: self.slot.nettest.test_name(),
            probe_cc: self.world.countries[network.country].cc.clone(),
            probe_asn: network.asn,
            measurement_start_time: self.start_time.clone(),
            state: "",
            layers: Vec::new(),
            mechanisms: Vec::new(),
            may_also: Vec::new(),
            locus: "",
            instrument: Vec::new(),
            trouble: Vec::new(),
            share: None,
            fully_blocked: false,
            behind_trouble: Vec::new(),
            sources: Vec::new(),
        };
        judge(&self.path, &self.whole, |site| sites.contains(&site), outcome, &mut truth);
        self.truths.push(truth);
    }

    /// Writes the measurement with these `test_keys`; `runtime` is in seconds.
    pub fn finish(self, keys: impl Serialize, runtime: f64) -> Result<Finished, Error> {
        let Self { world, path, slot, input, backend, uid, start_time, truths, .. } = self;
        let network = &world.networks[slot.network];
        let (info, probe) = (slot.nettest.info(), &path.probe);
        let cc = &world.countries[network.country].cc;
        // As on the real network, a report says nothing about which probe it is from.
        let report = report_id(world, &slot, cc);
        let measurement = Measurement {
            annotations: Annotations {
                architecture: "arm64",
                engine_name: "ooniprobe-engine",
                engine_version: &probe.software_version,
                network_type: probe.network_type,
                platform: probe.platform,
            },
            data_format_version: "0.2.0",
            extensions: Extensions::default(),
            input: input.as_deref(),
            measurement_start_time: &start_time,
            measurement_uid: &uid,
            probe_asn: format!("AS{}", network.asn),
            probe_cc: cc,
            probe_ip: "127.0.0.1",
            probe_network_name: &network.name,
            report_id: report,
            resolver_asn: format!("AS{}", network.resolver_asn),
            resolver_ip: network.resolver_ip,
            resolver_network_name: &network.resolver_name,
            software_name: probe.software_name,
            software_version: &probe.software_version,
            test_helpers: backend.map(|backend| TestHelpers { backend }),
            test_keys: keys,
            test_name: info.test_name,
            test_runtime: crate::ooni::tick(runtime),
            test_start_time: &start_time,
            test_version: info.test_version,
        };
        let json = serde_json::to_string(&measurement).map_err(|error| Error::Record(error.into()))?;
        Ok(Finished { json, truths })
    }
}

/// What the nettest was asked to measure, where it is asked.
fn input(world: &World, slot: &Slot) -> Option<String> {
    match slot.nettest.info().inputs {
        Inputs::Urls => Some(world.targets[slot.target].input.clone()),
        Inputs::Names => Some(world.targets[slot.target].url.host.clone()),
        Inputs::These(inputs) => inputs.get(slot.target).map(|url| (*url).into()),
        Inputs::None => None,
    }
}

/// What the measurements of one nettest in one run share.
fn report_id(world: &World, slot: &Slot, cc: &str) -> String {
    let network = &world.networks[slot.network];
    let began = slot.micros.div_euclid(3_600_000_000) * 3600;
    let digest = rng::named(world.seed, &["report", &network.asn.to_string(), &slot.run.to_string(), &began.to_string()]);
    let digest: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}_{}_{cc}_{}_n1_{digest}", time::report(began), slot.nettest.file_name(), network.asn)
}
