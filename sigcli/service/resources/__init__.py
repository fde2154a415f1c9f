"""The endpoints of the chat service, one file a subject: typed values in, typed values out."""
