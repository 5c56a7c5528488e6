-- The sums that all cost_by_ views add up: a row for each episode, day, model and stage.
CREATE VIEW cost_total AS
SELECT series, episode, stream, day, route AS model, substr(route, 1, instr(route || ':', ':') - 1) AS provider, stage,
  calls, cost, reserved, in_doubt, doubts, unknown, estimated, reused, reused_paid, ended, answered, rejected,
  attempts
FROM ledger_total;
