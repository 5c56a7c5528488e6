-- What each billed call was quoted at, and what it cost.
CREATE VIEW quote_vs_actual AS
SELECT ledger.position AS position, event.at AS at, day, ledger.series AS series, ledger.episode AS episode,
  ledger.stream AS stream, route AS model, substr(route, 1, instr(route || ':', ':') - 1) AS provider,
  capability, stage, purpose, subject, quote, ceiling, cost, cost - quote AS difference,
  round(1.0 * cost / nullif(quote, 0), 4) AS ratio
FROM ledger LEFT JOIN event ON event.position = ledger.position
WHERE state IN ('returned', 'failed') AND quote IS NOT NULL AND cost IS NOT NULL AND NOT estimated;
