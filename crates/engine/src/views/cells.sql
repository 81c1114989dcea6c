-- One row per combination of place, target, layer, hour, mechanism, software, rules and probe: how many measurements ended how. Events are found in these counts. An hour without a row was not measured.
--
-- probe_cc: Country of the probes.
-- probe_asn: Network of the probes; null when not known.
-- resolver_asn: Network of the probes' resolver; null when not known, and on every layer but dns.
-- target: The target.
-- layer: The layer.
-- hour: The hour, in UTC.
-- mechanism: How it was done; null where nobody is accused.
-- software: Name and version of the probes' software.
-- ruleset: Version of the rules and digest of the reference data that judged.
-- probe_id: The probe, in the few records that name it.
-- measurements: Verdicts behind the row, leaving out those whose time is in doubt: handed in more than 60 days later, or before they were made.
-- sessions: Distinct reports that they were submitted in; 0 when none has one.
-- insufficient: Verdicts with too little evidence.
-- ok: Verdicts that say ok.
-- impaired: Verdicts that say impaired.
-- down: Verdicts that say down.
-- interfered: Verdicts that say interfered.
-- likely_blocked: Verdicts that say likely_blocked.
-- blocked: Verdicts that say blocked.
-- control_failures: Measurements whose control could not be asked.
-- ipv6_only: Accusing or impaired verdicts of probes whose IPv6 is broken, when nothing failed over IPv4.
-- witness: One measurement to open, of those that accuse.
SELECT verdicts.probe_cc, verdicts.probe_asn,
       CASE WHEN layer = 'dns' THEN resolver_asn END AS resolver_asn,
       verdicts.target, layer,
       date_trunc('hour', verdicts.measurement_start_time) AS hour,
       CASE WHEN state IN ('interfered', 'likely_blocked', 'blocked') THEN mechanism END AS mechanism,
       concat_ws(' ', software_name, software_version) AS software,
       concat_ws(' ', ruleset_version, refdata_digest) AS ruleset,
       probe_id,
       count(*) AS measurements,
       count(DISTINCT report_id) AS sessions,
       count(*) FILTER (WHERE state = 'insufficient') AS insufficient,
       count(*) FILTER (WHERE state = 'ok') AS ok,
       count(*) FILTER (WHERE state = 'impaired') AS impaired,
       count(*) FILTER (WHERE state = 'down') AS down,
       count(*) FILTER (WHERE state = 'interfered') AS interfered,
       count(*) FILTER (WHERE state = 'likely_blocked') AS likely_blocked,
       count(*) FILTER (WHERE state = 'blocked') AS blocked,
       count(*) FILTER (WHERE control_failure IS NOT NULL) AS control_failures,
       count(*) FILTER (WHERE state IN ('impaired', 'interfered', 'likely_blocked', 'blocked') AND array_has(instrument, 'broken_ipv6')
                              AND over_ipv4.measurement_uid IS NULL) AS ipv6_only,
       min(verdicts.measurement_uid) FILTER (WHERE state IN ('interfered', 'likely_blocked', 'blocked')) AS witness
FROM verdicts
JOIN (SELECT measurement_uid, raw_digest, resolver_asn, software_name, software_version, probe_id, report_id, control_failure
      FROM measurements
      -- A name such as 20240304101500.123456_XA_… says when the record was received: not before it was made, and soon after.
      WHERE substr(measurement_uid, 15, 1) <> '.'
         OR substr(measurement_uid, 1, 8) BETWEEN to_char(measurement_start_time - INTERVAL '1 day', '%Y%m%d')
                                              AND to_char(measurement_start_time + INTERVAL '60 days', '%Y%m%d')) AS measurements
  ON verdicts.measurement_uid = measurements.measurement_uid AND verdicts.raw_digest = measurements.raw_digest
LEFT JOIN (SELECT DISTINCT measurement_uid, raw_digest, target
           FROM observations
           WHERE failure IS NOT NULL AND strpos(ip, ':') = 0) AS over_ipv4
  ON verdicts.measurement_uid = over_ipv4.measurement_uid AND verdicts.raw_digest = over_ipv4.raw_digest AND verdicts.target = over_ipv4.target
WHERE NOT array_has(instrument, 'clock')
GROUP BY verdicts.probe_cc, verdicts.probe_asn, CASE WHEN layer = 'dns' THEN resolver_asn END, verdicts.target, layer,
         date_trunc('hour', verdicts.measurement_start_time),
         CASE WHEN state IN ('interfered', 'likely_blocked', 'blocked') THEN mechanism END,
         concat_ws(' ', software_name, software_version), concat_ws(' ', ruleset_version, refdata_digest), probe_id
