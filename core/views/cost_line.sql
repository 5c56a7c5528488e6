-- One line for each call, and for each answer that was used again: its money, on the day of its admission.
CREATE VIEW cost_line AS
SELECT ledger.position AS position, event.at AS at, day, ledger.series AS series, ledger.episode AS episode,
  ledger.stream AS stream, route AS model, substr(route, 1, instr(route || ':', ':') - 1) AS provider,
  capability, stage, purpose, subject, revision, take, state, cost,
  CASE WHEN state = 'open' THEN coalesce(ceiling, 0) ELSE 0 END AS reserved,
  CASE WHEN state IN ('doubted', 'superseded') THEN coalesce(ceiling, 0) ELSE 0 END AS in_doubt,
  CASE WHEN state IN ('reused', 'not accepted') THEN 0
    WHEN state IN ('open', 'doubted', 'superseded') THEN ceiling IS NULL ELSE cost IS NULL END AS unknown,
  estimated, state = 'reused' AS reused, paid AS reused_paid, reused_from
FROM ledger LEFT JOIN event ON event.position = ledger.position;
