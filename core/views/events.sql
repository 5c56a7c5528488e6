-- Every record of the log, with the names that a person gives its stream.
CREATE VIEW events AS
SELECT position, id, stream, substr(rest, 1, instr(rest || '/', '/') - 1) AS series,
  CASE WHEN stream GLOB 'episode/*' THEN substr(stream, 9)
    WHEN stream GLOB 'fork/*' THEN 'fork ' || substr(stream, 6) ELSE stream END AS episode,
  version, kind, schema, body, cause, root,
  CASE WHEN instr(by, '.') THEN rtrim(rtrim(by, replace(by, '.', '')), '.') ELSE by END AS plugin,
  CASE WHEN instr(by, '.') THEN replace(by, rtrim(by, replace(by, '.', '')), '') ELSE '' END AS hook,
  at, substr(at, 1, 10) AS day
FROM (SELECT *, substr(stream, CASE WHEN stream GLOB 'episode/*' THEN 9 WHEN stream GLOB 'fork/*' THEN 6
    WHEN stream GLOB 'series/*' THEN 8 ELSE length(stream) + 1 END) AS rest FROM event);
