-- What is due is found, and what is claimed, without looking at what waits until somebody asks for it.
CREATE INDEX task_due ON task (due_ms);
CREATE INDEX task_claimed ON task (claimed_until_ms) WHERE claimed_until_ms > 0;
