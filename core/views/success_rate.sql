-- Of each model's calls that ended, how many brought an answer, and one that could be used.
CREATE VIEW success_rate AS
SELECT route AS model, sum(ended) AS ended, sum(answered) AS answered, sum(rejected) AS rejected,
  sum(attempts) AS attempts, round(1.0 * sum(answered) / nullif(sum(ended), 0), 6) AS success,
  round(1.0 * (sum(answered) - sum(rejected)) / nullif(sum(ended), 0), 6) AS usable
FROM ledger_total GROUP BY route;
