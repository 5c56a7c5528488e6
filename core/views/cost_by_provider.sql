-- What each provider cost.
CREATE VIEW cost_by_provider AS
SELECT substr(route, 1, instr(route || ':', ':') - 1) AS provider,
  sum(calls) AS calls, sum(cost) AS cost,
  round(1.0 * sum(cost) / nullif(sum(calls) - sum(unknown), 0), 3) AS mean,
  sum(reserved) AS reserved, sum(in_doubt) AS in_doubt, sum(doubts) AS doubts, sum(unknown) AS unknown,
  sum(estimated) AS estimated, sum(reused) AS reused, sum(reused_paid) AS reused_paid
FROM ledger_total GROUP BY substr(route, 1, instr(route || ':', ':') - 1);
