-- Every measurement of a check, and whether a person let it pass.
CREATE VIEW checks AS
SELECT position, at, CASE WHEN stream GLOB 'episode/*' THEN substr(stream, 9)
    WHEN stream GLOB 'fork/*' THEN 'fork ' || substr(stream, 6) ELSE stream END AS episode,
  stream, json_extract(body, '$.revision') AS revision, json_extract(body, '$.check') AS check_name,
  json_extract(body, '$.subject') AS subject, json_extract(body, '$.verdict') AS verdict,
  json_extract(body, '$.value') AS value, json_extract(body, '$.limit') AS threshold,
  json_extract(body, '$.unit') AS unit, json_extract(body, '$.why') AS why,
  json_extract(body, '$.film') AS film,
  EXISTS(SELECT 1 FROM event AS waiver WHERE waiver.stream = event.stream AND waiver.kind = 'check_waived'
    AND json_extract(waiver.body, '$.check') = json_extract(event.body, '$.check')
    AND json_extract(waiver.body, '$.subject') = json_extract(event.body, '$.subject')
    AND json_extract(waiver.body, '$.film') = json_extract(event.body, '$.film')) AS waived
FROM event WHERE kind = 'check_measured';
