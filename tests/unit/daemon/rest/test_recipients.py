from __future__ import annotations

import base64

import pytest

from sigcli.daemon.rest.group_ids import external_id
from sigcli.daemon.rest.recipients import Meant, person, read_recipients
from sigcli.daemon.routes.refusing import Refused

GROUP = base64.b64encode(bytes(range(32))).decode()
UUID = "b1ff9d4c-8f0e-4a0b-9d0c-2f4a1f0e6a11"


def test_each_kind() -> None:
    words = [external_id(GROUP), "+49 151 123", UUID, "some.01", "group.42", "  "]
    assert read_recipients(words) == Meant(
        people=("+49151123", UUID), groups=(GROUP,), usernames=("some.01", "group.42")
    )


def test_a_damaged_group_is_refused() -> None:
    with pytest.raises(Refused):
        read_recipients(["group." + "x" * 60])


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("49151123", "+49151123"),
        ("0049151123", "+49151123"),
        ("0151123", "international"),
        (GROUP, external_id(GROUP)),
    ],
)
def test_other_forms_are_explained(word: str, hint: str) -> None:
    with pytest.raises(Refused) as caught:
        read_recipients([word])
    assert hint in caught.value.message


def test_a_number_as_an_address_book_has_it() -> None:
    words = ["tel:+49-151-123", "\u202a+49151124\u202c"]
    assert read_recipients(words).people == ("+49151123", "+49151124")


def test_one_person() -> None:
    assert person("+49151") == "+49151"
    assert person("some.01") == "u:some.01"
    with pytest.raises(Refused):
        person(external_id(GROUP))
