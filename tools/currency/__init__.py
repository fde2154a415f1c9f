"""Whether sigcli keeps up with Signal's own packages: versions, constants, schemas, and the tests against them."""
