-- Every revision of an episode: why it was made, and how often its parts were made again.
CREATE VIEW revisions AS
WITH made AS (
  SELECT stream, position, at, 1 AS revision, 'opened' AS why FROM event WHERE kind = 'episode_opened'
  UNION ALL
  SELECT stream, position, at, json_extract(body, '$.revision'), json_extract(body, '$.why')
  FROM event WHERE kind = 'episode_revised'
  UNION ALL
  SELECT stream, position, at, coalesce((SELECT max(json_extract(earlier.body, '$.revision'))
      FROM event AS earlier WHERE earlier.stream = json_extract(forked.body, '$.source')
        AND earlier.kind = 'episode_revised' AND earlier.position <= json_extract(forked.body, '$.at')), 1),
    'forked from ' || json_extract(body, '$.source') || ' at ' || json_extract(body, '$.at')
  FROM event AS forked WHERE kind = 'episode_forked'),
named AS (SELECT *, CASE WHEN stream GLOB 'episode/*' THEN substr(stream, 9)
    WHEN stream GLOB 'fork/*' THEN 'fork ' || substr(stream, 6) ELSE stream END AS episode FROM made)
SELECT episode, stream, revision, position, at, why,
  (SELECT count(*) FROM ledger WHERE ledger.episode = named.episode AND ledger.stream = named.stream
    AND ledger.revision = named.revision AND state <> 'reused') AS calls,
  (SELECT coalesce(sum(cost), 0) FROM ledger WHERE ledger.episode = named.episode
    AND ledger.stream = named.stream AND ledger.revision = named.revision) AS cost,
  (SELECT count(*) FROM ledger WHERE ledger.episode = named.episode AND ledger.stream = named.stream
    AND ledger.revision = named.revision AND state <> 'reused' AND take > 1) AS retakes,
  (SELECT count(*) FROM ledger WHERE ledger.episode = named.episode AND ledger.stream = named.stream
    AND ledger.revision = named.revision AND state <> 'reused' AND rejected) AS rejected,
  (SELECT count(*) FROM event WHERE event.stream = named.stream AND kind = 'repair_asked'
    AND json_extract(body, '$.revision') = named.revision) AS repairs,
  (SELECT min(event.at) FROM event WHERE event.stream = named.stream AND kind = 'episode_delivered'
    AND json_extract(body, '$.revision') = named.revision) AS delivered_at
FROM named;
