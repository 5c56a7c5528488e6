-- Calls of which nobody knows what became, and the money that is in doubt for each.
CREATE VIEW cost_doubted AS
SELECT ledger.position AS position, doubt, doubted.at AS doubted_at, day, ledger.series AS series,
  ledger.episode AS episode, ledger.stream AS stream, route AS model,
  substr(route, 1, instr(route || ':', ':') - 1) AS provider, capability, stage, purpose, subject, state,
  coalesce(ceiling, 0) AS in_doubt, json_extract(doubted.body, '$.why') AS why,
  json_extract(doubted.body, '$.known') AS known
FROM ledger LEFT JOIN event AS doubted ON doubted.position = ledger.doubt
WHERE state IN ('doubted', 'superseded');
