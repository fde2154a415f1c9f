"""What sigcli can be told to do: one declaration an operation, and what comes out of it.

An operation is a value whose fields are its parameters; it is run on an open account, or on the settings where no
account is needed, and gives a result that knows its JSON. The command line, the daemon and the library read the same
declaration.
"""
