"""duanju (短剧): a screenplay in, a finished short-drama episode out, and a log that can account for it."""
