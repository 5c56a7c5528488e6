-- Calls whose money bought nothing that is in use: failed, rejected, or a take replaced.
CREATE VIEW cost_wasted AS
WITH answer AS (
  SELECT first, capability, take, position, revision, rejected, stream, purpose, subject,
    max(revision) OVER (PARTITION BY stream, capability, purpose, subject) AS newest
  FROM ledger WHERE state IN ('returned', 'reused')),
current AS (
  SELECT first, capability, row_number() OVER (
    PARTITION BY stream, capability, purpose, subject ORDER BY take DESC, position DESC) AS place
  FROM answer WHERE revision = newest AND NOT rejected),
in_use AS (SELECT DISTINCT first FROM current WHERE first IS NOT NULL AND (capability = 'chat' OR place = 1))
SELECT ledger.position AS position, event.at AS at, day, ledger.series AS series, ledger.episode AS episode,
  ledger.stream AS stream, route AS model, substr(route, 1, instr(route || ':', ':') - 1) AS provider,
  capability, stage, purpose, subject, revision, take, cost,
  CASE WHEN state = 'failed' THEN 'failed' WHEN rejected THEN 'rejected' ELSE 'replaced' END AS why
FROM ledger LEFT JOIN event ON event.position = ledger.position
WHERE state = 'failed' OR state = 'returned' AND (rejected OR outcome NOT IN (SELECT first FROM in_use));
