"""JavaScript and values that the tests of zkgroup against libsignal share."""

from __future__ import annotations

from typing import Any

from sigcli.durations import DAY_S
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup.groups import GroupSecretParams
from sigcli.zkgroup.profile_key import ProfileKey
from sigcli.zkgroup.server_params import ServerSecretParams
from tests.interop.oracle import Oracle

NOW_S = 20_000 * DAY_S
NOW_MS = NOW_S * 1000
EXPIRATION_S = NOW_S + 3 * DAY_S
# In scope of every call: zk (the module), server keys, a group, ids, a profile key and times.
_SCOPE = """
    const zk = await import("@signalapp/libsignal-client/zkgroup.js");
    const aci = lib.Aci.parseFromServiceIdFixedWidthBinary(aciBytes);
    const pni = lib.Pni.parseFromServiceIdFixedWidthBinary(pniBytes);
    const serverSecret = zk.ServerSecretParams.generateWithRandom(random32);
    const serverPublic = serverSecret.getPublicParams();
    const group = zk.GroupSecretParams.deriveFromMasterKey(new zk.GroupMasterKey(masterKey));
    const groupPublic = group.getPublicParams();
    const cipher = new zk.ClientZkGroupCipher(group);
    const key = new zk.ProfileKey(profileKey);
    const clientAuth = new zk.ClientZkAuthOperations(serverPublic);
    const serverAuth = new zk.ServerZkAuthOperations(serverSecret);
    const clientProfile = new zk.ClientZkProfileOperations(serverPublic);
    const serverProfile = new zk.ServerZkProfileOperations(serverSecret);
    const now = new Date(nowS * 1000), expiration = new Date(expirationS * 1000);
"""


class World:
    """The same keys, ids and randomness on both sides, all from one seed."""

    def __init__(self, oracle: Oracle, seed: int) -> None:
        self._oracle = oracle
        self.random32 = bytes((seed * 7 + i) % 256 for i in range(32))
        self.aci = ServiceId.aci(bytes((seed * 31 + i * 5) % 256 for i in range(16)))
        self.pni = ServiceId.pni(bytes((seed * 17 + i * 3) % 256 for i in range(16)))
        self.profile_key = ProfileKey(bytes((seed * 99 + i * 11) % 256 for i in range(32)))
        self.group = GroupSecretParams.derive_from_master_key(bytes([seed]) * 32)
        self.server_secret = ServerSecretParams.generate(self.random)
        self.server_public = self.server_secret.get_public_params()

    def random(self, count: int) -> bytes:
        return self.random32[:count]

    def call(self, body: str, **arguments: Any) -> Any:
        """Run JavaScript on the official library in this world."""
        return self._oracle.call(
            _SCOPE + body,
            aciBytes=self.aci.to_fixed_width(),
            pniBytes=self.pni.to_fixed_width(),
            profileKey=self.profile_key.contents,
            masterKey=self.group.master_key,
            random32=self.random32,
            nowS=NOW_S,
            expirationS=EXPIRATION_S,
            **arguments,
        )
