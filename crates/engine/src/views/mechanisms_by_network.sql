-- One row per network, target and mechanism that was found there at least once.
--
-- probe_cc: Country of the probes.
-- probe_asn: Network of the probes; null when not known.
-- target: The target.
-- mechanism: How it was done, as deep as the evidence reaches.
-- n: Judgements that name the mechanism.
-- first_seen: When the first of these measurements began, leaving out probes whose clock is known to be wrong.
-- last_seen: When the last of these measurements began, leaving out the same.
-- witness: One of these measurements, to open.
SELECT probe_cc, probe_asn, target, mechanism,
       count(*) AS n,
       min(measurement_start_time) FILTER (WHERE right_clock) AS first_seen,
       max(measurement_start_time) FILTER (WHERE right_clock) AS last_seen,
       min(measurement_uid) AS witness
FROM (SELECT probe_cc, probe_asn, target, unnest(mechanisms) AS mechanism, measurement_start_time, measurement_uid,
             NOT array_has(instrument, 'clock') AS right_clock
      FROM judgements)
GROUP BY probe_cc, probe_asn, target, mechanism
