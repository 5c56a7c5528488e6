-- What each model cost.
CREATE VIEW cost_by_model AS
SELECT route AS model,
  sum(calls) AS calls, sum(cost) AS cost,
  round(1.0 * sum(cost) / nullif(sum(calls) - sum(unknown), 0), 3) AS mean,
  sum(reserved) AS reserved, sum(in_doubt) AS in_doubt, sum(doubts) AS doubts, sum(unknown) AS unknown,
  sum(estimated) AS estimated, sum(reused) AS reused, sum(reused_paid) AS reused_paid
FROM ledger_total GROUP BY route;
