"""The time of zkgroup's operations beside the official library's, in one run.

    python -m tests.bench.zkgroup [MEMBERS …]

Prints a table of milliseconds; the official figures are taken inside Node, so they include the
crossing into native code and nothing of the way between the processes. MEMBERS are the group sizes whose
endorsements are measured.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup.auth_credentials import (
    AuthCredentialPresentation,
    AuthCredentialWithPniResponse,
    issue_auth_credential,
)
from sigcli.zkgroup.endorsements import (
    GroupSendDerivedKeyPair,
    GroupSendEndorsement,
    GroupSendEndorsementsResponse,
    ReceivedEndorsements,
)
from sigcli.zkgroup.groups import ProfileKeyCiphertext, UuidCiphertext, _derive
from sigcli.zkgroup.profile_credentials import (
    ExpiringProfileKeyCredentialResponse,
    ProfileKeyCredentialRequestContext,
    issue_expiring_profile_key_credential,
)
from sigcli.zkgroup.usernames import Username, verify_proof
from tests.interop.oracle import Oracle
from tests.interop.zkgroup_objects import EXPIRATION_S, NOW_MS, NOW_S, World

GROUP_SIZES = [20, 100, 1000]
_MEASURE = """
    const measure = (work) => {
        let best = Infinity;
        for (let round = 0; round < 5; round++) {
            const start = performance.now();
            for (let i = 0; i < 20; i++) work();
            best = Math.min(best, (performance.now() - start) / 20);
        }
        return best;
    };
"""
_SCRIPT = """
    const response = serverAuth.issueAuthCredentialWithPniZkc(aci, pni, nowS);
    const credential = clientAuth.receiveAuthCredentialWithPniAsServiceId(aci, pni, nowS, response);
    const presentation = clientAuth.createAuthCredentialWithPniPresentation(group, credential);
    const encrypted = cipher.encryptServiceId(aci), encryptedKey = cipher.encryptProfileKey(key, aci);
    const context = clientProfile.createProfileKeyCredentialRequestContext(aci, key);
    const commitment = key.getCommitment(aci);
    const issue = () => serverProfile.issueExpiringProfileKeyCredential(
        context.getRequest(), aci, commitment, expirationS);
    const issued = issue();
    const profile = clientProfile.receiveExpiringProfileKeyCredential(context, issued, now);
    const hash = lib.usernames.hash("signal_user.42");
    const proof = lib.usernames.generateProof("signal_user.42");
    const master = group.getMasterKey();
    return {
        "derive group params": measure(() => zk.GroupSecretParams.deriveFromMasterKey(master)),
        "encrypt service id": measure(() => cipher.encryptServiceId(aci)),
        "decrypt service id": measure(() => cipher.decryptServiceId(encrypted)),
        "encrypt profile key": measure(() => cipher.encryptProfileKey(key, aci)),
        "decrypt profile key": measure(() => cipher.decryptProfileKey(encryptedKey, aci)),
        "profile key commitment": measure(() => key.getCommitment(aci)),
        "auth: issue": measure(() => serverAuth.issueAuthCredentialWithPniZkc(aci, pni, nowS)),
        "auth: receive": measure(
            () => clientAuth.receiveAuthCredentialWithPniAsServiceId(aci, pni, nowS, response)),
        "auth: present": measure(
            () => clientAuth.createAuthCredentialWithPniPresentation(group, credential)),
        "auth: verify": measure(
            () => serverAuth.verifyAuthCredentialPresentation(groupPublic, presentation, now)),
        "profile: request": measure(
            () => clientProfile.createProfileKeyCredentialRequestContext(aci, key)),
        "profile: issue": measure(issue),
        "profile: receive": measure(
            () => clientProfile.receiveExpiringProfileKeyCredential(context, issued, now)),
        "profile: present": measure(
            () => clientProfile.createExpiringProfileKeyCredentialPresentation(group, profile)),
        "username hash": measure(() => lib.usernames.hash("signal_user.42")),
        "username proof": measure(() => lib.usernames.generateProof("signal_user.42")),
        "username proof: verify": measure(() => lib.usernames.verifyProof(proof, hash)),
    };
"""
_ENDORSEMENTS = """
    const members = ciphertexts.map((bytes) => new zk.UuidCiphertext(bytes));
    const response = new zk.GroupSendEndorsementsResponse(bytes);
    let best = Infinity;
    for (let round = 0; round < 5; round++) {
        const start = performance.now();
        response.receiveWithCiphertexts(members, members[0], serverPublic, now);
        best = Math.min(best, performance.now() - start);
    }
    return best;
"""


def measure_ms(work: Callable[[], object], repetitions: int = 10) -> float:
    """The best mean of five rounds, in milliseconds."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(repetitions):
            work()
        best = min(best, (time.perf_counter() - start) / repetitions)
    return best * 1000


def operations(world: World) -> dict[str, Callable[[], object]]:
    """The same operations as in the script above."""
    server, public, group = world.server_secret, world.server_public, world.group
    group_public, aci, key = group.get_public_params(), world.aci, world.profile_key
    response = issue_auth_credential(server, aci, world.pni, NOW_S).serialize()
    received = AuthCredentialWithPniResponse.deserialize(response)
    credential = received.receive(public, aci, world.pni, NOW_S)
    presentation = credential.present(public, group).serialize()
    encrypted = group.encrypt_service_id(aci).serialize()
    encrypted_key = group.encrypt_profile_key(key, aci).serialize()
    context = ProfileKeyCredentialRequestContext.create(aci, key)
    commitment = key.get_commitment(aci)
    issued = issue_expiring_profile_key_credential(
        server, context.get_request(), aci, commitment, EXPIRATION_S
    ).serialize()
    parse_issued = ExpiringProfileKeyCredentialResponse.deserialize
    profile = context.receive(public, parse_issued(issued), NOW_MS)
    username = Username.parse("signal_user.42")
    proof, username_hash = username.proof(), username.hash()
    return {
        "derive group params": lambda: _derive.__wrapped__(group.master_key),
        "encrypt service id": lambda: group.encrypt_service_id(aci).serialize(),
        "decrypt service id": lambda: group.decrypt_service_id(
            UuidCiphertext.deserialize(encrypted)
        ),
        "encrypt profile key": lambda: group.encrypt_profile_key(key, aci).serialize(),
        "decrypt profile key": lambda: group.decrypt_profile_key(
            ProfileKeyCiphertext.deserialize(encrypted_key), aci
        ),
        "profile key commitment": lambda: key.get_commitment(aci).serialize(),
        "auth: issue": lambda: issue_auth_credential(server, aci, world.pni, NOW_S).serialize(),
        "auth: receive": lambda: AuthCredentialWithPniResponse.deserialize(response).receive(
            public, aci, world.pni, NOW_S
        ),
        "auth: present": lambda: credential.present(public, group).serialize(),
        "auth: verify": lambda: AuthCredentialPresentation.deserialize(presentation).verify(
            server, group_public, NOW_MS
        ),
        "profile: request": lambda: ProfileKeyCredentialRequestContext.create(aci, key),
        "profile: issue": lambda: issue_expiring_profile_key_credential(
            server, context.get_request(), aci, commitment, EXPIRATION_S
        ).serialize(),
        "profile: receive": lambda: context.receive(public, parse_issued(issued), NOW_MS),
        "profile: present": lambda: profile.present(public, group).serialize(),
        "username hash": username.hash,
        "username proof": username.proof,
        "username proof: verify": lambda: verify_proof(proof, username_hash),
    }


def report(name: str, python_ms: float, native_ms: float | None = None) -> None:
    """Print one line."""
    beside = "" if native_ms is None else f"{native_ms:11.3f} {python_ms / native_ms:7.1f}x"
    print(f"{name:42}{python_ms:11.3f} {beside}".rstrip())


def endorsements(world: World, count: int, pool: ProcessPoolExecutor) -> None:
    """Measure what a client does with the endorsements of a group of this size."""
    members = [world.aci] + [ServiceId.aci(i.to_bytes(16, "big")) for i in range(1, count)]
    ciphertexts = [world.group.encrypt_service_id(member).serialize() for member in members]
    key_pair = GroupSendDerivedKeyPair.for_expiration(EXPIRATION_S, world.server_secret)
    data = GroupSendEndorsementsResponse.issue(ciphertexts, key_pair).serialize()
    parse = GroupSendEndorsementsResponse.deserialize

    def by_ciphertexts() -> ReceivedEndorsements:
        return parse(data).receive_with_ciphertexts(
            ciphertexts, ciphertexts[0], NOW_MS, world.server_public
        )

    def in_two_processes() -> ReceivedEndorsements:
        return parse(data).receive_with_ciphertexts(
            ciphertexts,
            ciphertexts[0],
            NOW_MS,
            world.server_public,
            map_chunks=pool.map,
            chunk_length=(count + 1) // 2,
        )

    def by_ids() -> ReceivedEndorsements:
        return parse(data).receive_with_service_ids(
            members, world.aci, NOW_MS, world.group, world.server_public
        )

    stored = [endorsement.serialize() for endorsement in by_ciphertexts().endorsements]

    def token() -> bytes:
        combined = GroupSendEndorsement.combine([*map(GroupSendEndorsement.deserialize, stored)])
        return combined.to_full_token(world.group, EXPIRATION_S).serialize()

    native_ms = world.call(_ENDORSEMENTS, ciphertexts=ciphertexts, bytes=data)
    report(f"endorsements of {count}", measure_ms(by_ciphertexts, 1), native_ms)
    report("  in two processes", measure_ms(in_two_processes, 1))
    report("  from service ids", measure_ms(by_ids, 1))
    report("  token from stored endorsements", measure_ms(token, 1))
    report(
        "  issue", measure_ms(lambda: GroupSendEndorsementsResponse.issue(ciphertexts, key_pair), 1)
    )


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or GROUP_SIZES
    with Oracle() as oracle, ProcessPoolExecutor(2) as pool:
        world = World(oracle, 1)
        native = world.call(_MEASURE + _SCRIPT)
        print(f"{'milliseconds':42}{'sigcli':>11} {'official':>11}")
        for name, work in operations(world).items():
            report(name, measure_ms(work), native[name])
        for count in sizes:
            endorsements(world, count, pool)


if __name__ == "__main__":
    main()
