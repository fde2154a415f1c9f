"""All of these tests run with Python's integers and with gmpy2's."""

from tests.support.arithmetic import arithmetic

__all__ = ["arithmetic"]
