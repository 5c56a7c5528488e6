-- How long each model took to answer, in ms; a percentile is the nearest rank, so it is a time that was.
CREATE VIEW latency AS
SELECT route AS model, count(*) AS answered, min(latency_ms) AS least_ms,
  round(avg(latency_ms), 3) AS mean_ms,
  max(CASE WHEN place = (many * 50 + 99) / 100 THEN latency_ms END) AS p50_ms,
  max(CASE WHEN place = (many * 90 + 99) / 100 THEN latency_ms END) AS p90_ms,
  max(CASE WHEN place = (many * 95 + 99) / 100 THEN latency_ms END) AS p95_ms,
  max(CASE WHEN place = (many * 99 + 99) / 100 THEN latency_ms END) AS p99_ms,
  max(latency_ms) AS most_ms
FROM (SELECT route, latency_ms, row_number() OVER (PARTITION BY route ORDER BY latency_ms) AS place,
    count(*) OVER (PARTITION BY route) AS many
  FROM ledger WHERE state = 'returned' AND latency_ms > 0)
GROUP BY route;
