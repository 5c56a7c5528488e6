-- What each series cost; a fork's money is its series'.
CREATE VIEW cost_by_series AS
SELECT series, count(DISTINCT stream) AS episodes,
  sum(calls) AS calls, sum(cost) AS cost,
  round(1.0 * sum(cost) / nullif(sum(calls) - sum(unknown), 0), 3) AS mean,
  sum(reserved) AS reserved, sum(in_doubt) AS in_doubt, sum(doubts) AS doubts, sum(unknown) AS unknown,
  sum(estimated) AS estimated, sum(reused) AS reused, sum(reused_paid) AS reused_paid
FROM ledger_total GROUP BY series;
