"""sigcli for Python programs: an account kept open, what it sends and receives as typed objects.

What is public is named in ``sigcli.__all__``; see ``docs/library.md``.
"""
