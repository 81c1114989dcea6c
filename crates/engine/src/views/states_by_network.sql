-- One row per network and target: how often each state was found there. Read `insufficient` as no answer, neither ok nor blocked.
--
-- probe_cc: Country of the probes.
-- probe_asn: Network of the probes; null when not known.
-- target: The target.
-- n: Judgements behind the row.
-- blocked: Judgements that say blocked.
-- likely_blocked: Judgements that say likely_blocked.
-- interfered: Judgements that say interfered.
-- impaired: Judgements that say impaired.
-- down: Judgements that say down.
-- ok: Judgements that say ok.
-- insufficient: Judgements with too little evidence.
-- first_seen: When the first of the measurements began, leaving out probes whose clock is known to be wrong.
-- last_seen: When the last of the measurements began, leaving out the same.
-- witness: One measurement to open: of those that accuse where there are any.
SELECT probe_cc, probe_asn, target,
       count(*) AS n,
       count(*) FILTER (WHERE state = 'blocked') AS blocked,
       count(*) FILTER (WHERE state = 'likely_blocked') AS likely_blocked,
       count(*) FILTER (WHERE state = 'interfered') AS interfered,
       count(*) FILTER (WHERE state = 'impaired') AS impaired,
       count(*) FILTER (WHERE state = 'down') AS down,
       count(*) FILTER (WHERE state = 'ok') AS ok,
       count(*) FILTER (WHERE state = 'insufficient') AS insufficient,
       min(measurement_start_time) FILTER (WHERE NOT array_has(instrument, 'clock')) AS first_seen,
       max(measurement_start_time) FILTER (WHERE NOT array_has(instrument, 'clock')) AS last_seen,
       coalesce(min(measurement_uid) FILTER (WHERE state IN ('blocked', 'likely_blocked', 'interfered')), min(measurement_uid)) AS witness
FROM judgements
GROUP BY probe_cc, probe_asn, target
