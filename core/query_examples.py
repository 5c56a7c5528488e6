"""Questions that can be put to every log, each with its query."""

from __future__ import annotations

__all__ = ["EXAMPLES"]

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("What did each episode cost, in dollars?",
     "select episode, calls, cost / 1e6 as dollars from cost_by_episode order by cost desc"),
    ("What did each model cost in each episode?",
     "select episode, model, sum(cost) / 1e6 as dollars from cost_total group by 1, 2 order by 3 desc"),
    ("What did each series cost?", "select series, episodes, cost / 1e6 as dollars from cost_by_series"),
    ("What was spent on each day?", "select day, calls, cost / 1e6 as dollars from cost_by_day order by day"),
    ("Which calls bought nothing that is in use?",
     "select why, model, count(*) as calls, sum(cost) / 1e6 as dollars from cost_wasted group by 1, 2"),
    ("What is in doubt?", "select episode, model, subject, in_doubt / 1e6 as dollars, why from cost_doubted"),
    ("What cost something that nobody knows?", "select episode, model, subject, state from cost_unpriced"),
    ("How far off were the quotes?",
     "select model, count(*) as calls, avg(ratio) as ratio, sum(difference) / 1e6 as dollars "
     "from quote_vs_actual group by model"),
    ("How fast is each model?", "select model, answered, p50_ms, p95_ms from latency order by p95_ms desc"),
    ("How often does each model answer?", "select model, ended, success, usable from success_rate"),
    ("How often is a shot made again?",
     "select episode, revision, calls, retakes, round(1.0 * retakes / nullif(calls, 0), 3) as rate, why "
     "from revisions order by position"),
    ("Which checks fail?",
     "select check_name, verdict, count(*) as times from checks group by 1, 2 order by 1, 2"),
    ("Why did each call go to its model?",
     "select position, episode, subject, model, rule, reason from calls order by position desc limit 20"),
    ("What happened last?",
     'select position, at, episode, kind, plugin from events order by position desc limit 20'),
)  # fmt: skip
"""Questions and their queries: each runs on every log."""
