-- One row per reason for which something could not be read.
--
-- reason: Short stable name of the reason.
-- scope: How much was lost each time: a part of a record, a record, or the rest of a file.
-- n: How often.
-- files: Distinct files in which it happened.
-- message: The reason in a sentence, of one example.
-- source_file: File of that example.
-- source_line: Line or number of the record in that file.
SELECT reason, scope,
       count(*) AS n,
       count(DISTINCT source_digest) AS files,
       first_value(message ORDER BY source_file, source_digest, source_line) AS message,
       first_value(source_file ORDER BY source_file, source_digest, source_line) AS source_file,
       first_value(source_line ORDER BY source_file, source_digest, source_line) AS source_line
FROM rejects
GROUP BY reason, scope
