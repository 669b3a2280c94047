-- What the worker's clock looks for each minute. From here on `next_attempt_at` is null for a mail that its message
-- sends, and else the moment from which the clock may send it.
create index deliveries_waiting on deliveries (next_attempt_at)
    where state in ('queued', 'failed') and next_attempt_at is not null;
