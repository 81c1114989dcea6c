-- One row per day, country and test: how much was measured. A day without a row was not measured, which is not the same as fine.
--
-- day: The day, in UTC.
-- probe_cc: Country of the probes.
-- test_name: Name of the test.
-- n: Measurements.
-- networks: Distinct networks that measured, where they are known.
-- inputs: Distinct inputs that were tested.
SELECT date_trunc('day', measurement_start_time) AS day, probe_cc, test_name,
       count(*) AS n,
       count(DISTINCT probe_asn) AS networks,
       count(DISTINCT input) AS inputs
FROM measurements
GROUP BY date_trunc('day', measurement_start_time), probe_cc, test_name
