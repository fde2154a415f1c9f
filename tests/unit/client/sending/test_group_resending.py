from __future__ import annotations

from sigcli.client.base.account import Account
from sigcli.client.sending.group_resending import for_group_member
from sigcli.client.sending.sender_key_distribution import MAX_SENDER_KEY_AGE_MS, own_distribution
from sigcli.store.send_log import SentMessage
from sigcli.wire.addresses import ProtocolAddress
from sigcli.wire.content import Content, DataMessage, decode_content, encode_content
from tests.unit.client.account.groups.test_updating import made
from tests.unit.client.group_world import NOW_MS

CONTENT = encode_content(Content(data_message=DataMessage(timestamp_ms=1, body="hello")))


def test_what_a_member_could_not_read_comes_again_with_the_key(
    alice: Account, bob: Account, carol: Account
) -> None:
    group = made(alice, bob)
    with alice.database.transaction() as transaction:
        distribution = own_distribution(alice, transaction, group, ())
    sent = SentMessage(1, CONTENT, 0, True, group.group_id)
    again = for_group_member(alice, ProtocolAddress(bob.aci, 1), sent)
    assert again is not None
    content = decode_content(again.content)
    assert content.sender_key_distribution_message == distribution.message
    assert content.data_message == DataMessage(timestamp_ms=1, body="hello")
    assert for_group_member(alice, ProtocolAddress(carol.aci, 1), sent) is None
    private = SentMessage(1, CONTENT, 0, True)
    assert for_group_member(alice, ProtocolAddress(carol.aci, 1), private) == private


def test_a_sender_key_is_not_used_for_ever(alice: Account, bob: Account) -> None:
    group = made(alice, bob)
    with alice.database.transaction() as transaction:
        first = own_distribution(alice, transaction, group, ())
        assert own_distribution(alice, transaction, group, ()).chain_id == first.chain_id
    alice.now_ms = lambda: NOW_MS + MAX_SENDER_KEY_AGE_MS
    with alice.database.transaction() as transaction:
        second = own_distribution(alice, transaction, group, ())
    assert (second.id, second.chain_id != first.chain_id) == (first.id, True)
