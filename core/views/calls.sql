-- Every call that the core let go: whom it went to and why, what it was to cost and did, how it ended.
CREATE VIEW calls AS
SELECT ledger.position AS position, admitted.at AS at, answer.at AS answered_at, day, ledger.series AS series,
  ledger.episode AS episode, ledger.stream AS stream, route AS model,
  substr(route, 1, instr(route || ':', ':') - 1) AS provider,
  capability, stage, purpose, subject, revision, take, request, outcome, doubt, state, rejected,
  json_extract(admitted.body, '$.rule') AS rule, json_extract(admitted.body, '$.reason') AS reason,
  quote, ceiling, cost, billing, estimated, attempts, latency_ms,
  json_extract(answer.body, '$.bill.vendor_id') AS vendor_id
FROM ledger LEFT JOIN event AS admitted ON admitted.position = ledger.position
  LEFT JOIN event AS answer ON answer.position = ledger.outcome
WHERE state <> 'reused';
