-- Calls that cost something which nobody knows; they are in no sum, and never counted as 0.
CREATE VIEW cost_unpriced AS
SELECT ledger.position AS position, event.at AS at, day, ledger.series AS series, ledger.episode AS episode,
  ledger.stream AS stream, route AS model, substr(route, 1, instr(route || ':', ':') - 1) AS provider,
  capability, stage, purpose, subject, state, ceiling
FROM ledger LEFT JOIN event ON event.position = ledger.position
WHERE CASE WHEN state IN ('reused', 'not accepted') THEN 0
  WHEN state IN ('open', 'doubted', 'superseded') THEN ceiling IS NULL ELSE cost IS NULL END;
