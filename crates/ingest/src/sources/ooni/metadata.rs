//! The row of `measurements`: who measured what, when, with what. The volunteer's address is not among it.

use std::borrow::Cow;

use parallax_model::Text;
use parallax_model::tables::Measurement;

use super::analysis;
use super::context::{Context, asn_of, moment};
use super::writer::Writer;
use crate::address::{canonical_ip, is_public_text};
use crate::fingerprints::NO_FINGERPRINTS;
use crate::json::Value;
use crate::text::{clip, clip_cow};

/// Names, versions and the like, in bytes.
const MAX_NAME_BYTES: usize = 256;
/// The input, in bytes: a URL may be long.
const MAX_INPUT_BYTES: usize = 4096;
/// Parts of an input that has several.
const MAX_INPUTS: usize = 64;
/// An anonymous name of a probe, in bytes.
const MAX_PROBE_ID_BYTES: usize = 128;

pub fn write(measurement: Value<'_>, context: &Context<'_>, writer: &mut Writer<'_>) {
    let place = *writer.place();
    let mut row = Measurement {
        measurement_uid: Cow::Borrowed(&context.measurement_uid),
        raw_digest: Cow::Borrowed(place.raw_digest),
        source_file: Cow::Borrowed(place.source_file),
        source_digest: Cow::Borrowed(place.source_digest),
        source_line: place.line,
        source_offset: place.offset,
        source_length: place.length,
        source: Cow::Borrowed("ooni"),
        test_name: Cow::Borrowed(context.test_name),
        measurement_start_time: context.start,
        probe_clock_error: context.clock_error.map(|seconds| seconds as f64),
        probe_cc: Cow::Borrowed(context.probe_cc),
        probe_asn: context.probe_asn,
        fingerprints_digest: Some(place.fingerprints.digest()).filter(|digest| *digest != NO_FINGERPRINTS).map(Cow::Borrowed),
        ..Default::default()
    };
    software(&mut row, measurement);
    surroundings(&mut row, measurement, context);
    row.input = input(measurement.get("input")).map(|text| context.scrub(text));
    control(&mut row, measurement, context);
    row.probe_analysis = analysis::probe_analysis(measurement.get("test_keys"), context);
    writer.measurement(&row);
}

fn software<'a>(row: &mut Measurement<'a>, measurement: Value<'a>) {
    let [version, name, software_version, format, runtime, test_start] =
        measurement.fields(["test_version", "software_name", "software_version", "data_format_version", "test_runtime", "test_start_time"]);
    row.test_version = name_of(version);
    row.software_name = name_of(name);
    row.software_version = name_of(software_version);
    row.data_format_version = name_of(format);
    row.test_runtime = runtime.number();
    row.test_start_time = moment(test_start);
}

fn surroundings<'a>(row: &mut Measurement<'a>, measurement: Value<'a>, context: &Context<'_>) {
    let [annotations, probe_id, network_name, report_id, resolver_asn, resolver_ip, resolver_name] = measurement.fields([
        "annotations",
        "probe_id",
        "probe_network_name",
        "report_id",
        "resolver_asn",
        "resolver_ip",
        "resolver_network_name",
    ]);
    let [network_type, platform] = annotations.fields(["network_type", "platform"]);
    row.platform = name_of(platform).map(|text| context.scrub(text));
    row.network_type = name_of(network_type).map(|text| context.scrub(text));
    row.probe_as_org_name = name_of(network_name).map(|text| context.scrub(text));
    row.report_id = name_of(report_id).map(|text| context.scrub(text));
    row.probe_id = probe_id.filled_text().filter(|id| is_anonymous_name(id)).map(Cow::Borrowed);
    row.resolver_asn = asn_of(resolver_asn);
    row.resolver_as_org_name = name_of(resolver_name).map(|text| context.scrub(text));
    let volunteer = context.volunteer().and_then(canonical_ip);
    row.resolver_ip = resolver_ip.text().filter(|ip| is_public_text(ip)).and_then(canonical_ip).filter(|ip| Some(ip) != volunteer.as_ref());
}

fn control<'a>(row: &mut Measurement<'a>, measurement: Value<'a>, context: &Context<'_>) {
    let backend = measurement.get("test_helpers").get("backend");
    row.test_helper = name_of(backend).or_else(|| name_of(backend.get("address"))).map(|text| context.scrub(text));
    let failure = measurement.get("test_keys").get("control_failure");
    row.control_failure = name_of(failure).map(|failure| context.scrub(failure));
}

fn name_of(value: Value<'_>) -> Option<Text<'_>> {
    value.filled_text().map(|text| Cow::Borrowed(clip(text, MAX_NAME_BYTES)))
}

/// An address is no anonymous name.
fn is_anonymous_name(id: &str) -> bool {
    id.len() <= MAX_PROBE_ID_BYTES && id.bytes().all(|byte| byte.is_ascii_graphic()) && canonical_ip(id).is_none()
}

/// The input as it was written; of several, all of them with a space between.
fn input(value: Value<'_>) -> Option<Text<'_>> {
    if value.is_array() {
        let inputs: Vec<_> =
            value.items().filter_map(Value::filled_text).take(MAX_INPUTS).map(|text| clip(text, MAX_INPUT_BYTES)).collect();
        return (!inputs.is_empty()).then(|| clip_cow(Cow::Owned(inputs.join(" ")), MAX_INPUT_BYTES));
    }
    value.filled_text().map(|text| Cow::Borrowed(clip(text, MAX_INPUT_BYTES)))
}
