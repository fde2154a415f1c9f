"""What every floor above stands on: the opened account, settings, jobs, events, outcomes."""
