-- One row per rule and state: how often the rule fired in judgements of that state, and how often it decided.
--
-- rule: The rule; `parallax rules` explains it.
-- state: State of the judgements in which it fired.
-- n: Judgements in which it fired.
-- decided: Judgements that it decided.
-- witness: One of the measurements, to open.
SELECT rule, state,
       count(*) AS n,
       count(*) FILTER (WHERE rule = deciding_rule) AS decided,
       min(measurement_uid) AS witness
FROM (SELECT unnest(rules_fired) AS rule, state, deciding_rule, measurement_uid FROM judgements)
GROUP BY rule, state
