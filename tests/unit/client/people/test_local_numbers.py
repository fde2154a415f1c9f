"""Numbers without a country code, read with the own number's."""

from __future__ import annotations

import pytest

from sigcli.client.people.local_numbers import country_code, international_number


@pytest.mark.parametrize(
    ("word", "own", "number"),
    [
        ("15550101", "+15550100", "+15550101"),
        ("12125550101", "+12125550100", "+12125550101"),
        ("2125550101", "+12125550100", "+12125550101"),
        ("(212) 555-0101", "+12125550100", "+12125550101"),
        ("011 49 30 1234567", "+12125550100", "+49301234567"),
        ("0151 2345678", "+4915112345678", "+491512345678"),
        ("4915112345679", "+4915112345678", "+4915112345679"),
        ("0043 1 5880", "+4915112345678", "+4315880"),
        ("06 1234567", "+39061234568", "+39061234567"),
        ("0912345678", "+351912345677", "+351912345678"),
        ("+15550101", "+15550100", None),
        ("Bob 2", "+15550100", None),
        ("12", "+15550100", None),
        ("15550101", None, None),
        ("", "+15550100", None),
    ],
)
def test_a_number_gets_the_country_of_the_own(
    word: str, own: str | None, number: str | None
) -> None:
    assert international_number(word, own) == number


def test_country_codes_are_told_by_their_first_digits() -> None:
    codes = [country_code(number) for number in ("15550100", "7901", "49151", "351912", "590590")]
    assert codes == ["1", "7", "49", "351", "590"]
