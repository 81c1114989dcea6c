-- One row per judgement that says somebody interfered: blocked, likely_blocked or interfered. Open one with `parallax explain`.
--
-- measurement_uid: The measurement judged.
-- measurement_start_time: When the measurement began.
-- probe_cc: Country of the probe.
-- probe_asn: Network of the probe.
-- test_name: Name of the test.
-- input: What the test was asked to test, as it was written.
-- target: The target: the hostname, or the service of an app.
-- target_role: Why the target was tested.
-- state: What the evidence says.
-- layers: The layers where interference was found.
-- mechanisms: How it was done, one path per layer.
-- locus: Who seems to act.
-- deciding_rule: The rule that decided.
-- control: What the target was compared with, or `none`.
-- source_file: Name of the file that the record came from.
-- source_line: Line or number of the record in its file, from 1.
SELECT measurement_uid, measurement_start_time, probe_cc, probe_asn, test_name, input, target, target_role, state, layers, mechanisms,
       locus, deciding_rule, control, source_file, source_line
FROM judgements
WHERE state IN ('blocked', 'likely_blocked', 'interfered')
