"""What can be made to go wrong at the mock server."""

from __future__ import annotations

from typing import Any, Literal

from tests.support.mock_process import MockProcess
from tests.support.mock_values import MockDevice, MockPrimary

Corruption = Literal["content", "truncate", "empty", "envelope"]
Transport = Literal["websocket", "http"]


class FaultControl:
    """Faults in answers, sockets and delivery. All end with `MockServer.reset`."""

    process: MockProcess

    def fail_next(
        self,
        verb: str | None,
        path: str,
        status: int,
        *,
        headers: dict[str, str] | None = None,
        body: Any = None,
        times: int | None = 1,
        skip: int = 0,
        authenticated: bool | None = None,
        transport: Transport | None = None,
    ) -> int:
        """Answers the next matching requests with this status instead of handling them.

        `path` is a regular expression searched in path and query; `times` None means always; `skip` lets that many
        pass first; `authenticated` restricts it to identified or unidentified requests. `body` is JSON, a string or
        bytes. CDN, storage and group requests match as well (their paths start with /cdn3, /attachments, /cdn2,
        /storageService); verb "UPGRADE" refuses websockets. Returns the fault's number, for `fault_hits`.
        """
        return self._add_fault(
            verb=verb,
            path=path,
            times=times,
            skip=skip,
            action="respond",
            status=status,
            headers=headers or {},
            body=body,
            authenticated=authenticated,
            transport=transport,
        )

    def rate_limit_next(
        self, verb: str | None, path: str, retry_after_s: int, *, times: int | None = 1
    ) -> int:
        """Answers 429 with Retry-After."""
        headers = {"Retry-After": str(retry_after_s)}
        return self.fail_next(verb, path, 429, headers=headers, times=times)

    def cut_next(
        self,
        verb: str | None,
        path: str,
        *,
        after_handling: bool = False,
        times: int | None = 1,
        skip: int = 0,
    ) -> int:
        """Tears the connection down at the next matching request, before it is handled or after.

        After handling, the request took effect and its answer is lost.
        """
        action = "cutAfter" if after_handling else "cut"
        return self._add_fault(verb=verb, path=path, action=action, times=times, skip=skip)

    def ignore_next(self, verb: str | None, path: str, *, times: int | None = 1) -> int:
        """Never answers the next matching requests; the connection stays."""
        return self._add_fault(verb=verb, path=path, action="ignore", times=times)

    def delay_next(
        self, verb: str | None, path: str, delay_ms: int, *, times: int | None = 1
    ) -> int:
        """Handles the next matching requests late."""
        return self._add_fault(verb=verb, path=path, action="delay", delayMs=delay_ms, times=times)

    def break_transfer(self, verb: str, path: str, *, after_bytes: int, times: int = 1) -> int:
        """Breaks an upload or download at a CDN after that many bytes of its body."""
        return self._add_fault(
            verb=verb, path=path, action="partial", bytes=after_bytes, times=times
        )

    def fault_hits(self, fault: int) -> int:
        """How often a fault has struck."""
        hits: int = self.process.call("faultHits", id=fault)
        return hits

    def remove_fault(self, fault: int) -> None:
        """Ends a fault before its time."""
        self.process.call("removeFault", id=fault)

    def cut(self, device: MockDevice | None = None, *, code: int | None = None) -> int:
        """Ends the open websockets of a device, or all, now. Returns how many.

        Without a code the connection breaks; with one it is closed properly (4401, 4409, 1011, …).
        """
        closed: int = self.process.call(
            "cut",
            aci=None if device is None else device.aci,
            deviceId=None if device is None else device.device_id,
            code=code,
        )
        return closed

    def cut_after_messages(self, device: MockDevice, count: int, *, acknowledged: bool) -> None:
        """Breaks the reader's socket when `count` messages went out, or were acknowledged.

        In the first form no acknowledgement that is still under way counts.
        """
        name = "cutAfterAcks" if acknowledged else "cutAfter"
        self._delivery(device, **{name: count})

    def drop_acks(self, device: MockDevice, count: int) -> None:
        """Forgets the next `count` acknowledgements: those messages come again at the next login."""
        self._delivery(device, dropAcks=count)

    def duplicate_delivery(self, device: MockDevice, count: int) -> None:
        """Sends each of the next `count` messages twice on the same socket, with the same GUID."""
        self._delivery(device, duplicate=count)

    def corrupt_next(self, device: MockDevice, *modes: Corruption) -> None:
        """Damages the next messages that are delivered, one for each mode.

        "content" flips a bit of the ciphertext, "truncate" halves it, "empty" leaves it out, "envelope" replaces all
        by bytes that are no protobuf. A redelivered message stays damaged.
        """
        self._delivery(device, corrupt=list(modes or ("content",)))

    def delay_delivery(self, device: MockDevice, delay_ms: int) -> None:
        """Holds each message back for so long before it is sent."""
        self._delivery(device, delayMs=delay_ms)

    def limit_rate(self, source_aci: str, target_aci: str) -> None:
        """Identified sends of the pair are answered 428 with a challenge from now on."""
        self.process.call("rateLimit", source=source_aci, target=target_aci, limited=True)

    def stop_limiting_rate(self, source_aci: str, target_aci: str) -> int:
        """Ends that, and returns how many sends were refused."""
        refused: int = self.process.call(
            "rateLimit", source=source_aci, target=target_aci, limited=False
        )
        return refused

    def set_challenge_answer(self, status: int | None, data: Any = None) -> None:
        """What PUT /v1/challenge answers; None: 200."""
        self.process.call("setChallengeAnswer", status=status, data=data)

    def set_register_error(self, status: int | None, data: Any = None) -> None:
        """What POST /v1/registration answers, such as 423; None: as usual."""
        self.process.call("setRegisterError", status=status, data=data)

    def re_register(
        self,
        primary: MockPrimary,
        *,
        keep_identity: bool = False,
        new_registration_id: bool = True,
    ) -> MockPrimary:
        """Lets somebody come back on a new phone: new identity key, registration id and prekeys, no sessions."""
        return MockPrimary.parse(
            self.process.call(
                "reRegister",
                primary=primary.aci,
                keepIdentity=keep_identity,
                newRegistrationId=new_registration_id,
            )
        )

    def forget_sessions(self, primary: MockPrimary) -> None:
        """The primary loses its sessions: its next message is a prekey message, others to it fail."""
        self.process.call("forgetSessions", primary=primary.aci)

    def set_registered(self, primary: MockPrimary, registered: bool) -> None:
        """Takes an account off the service (404), or puts it back."""
        self.process.call("setRegistered", primary=primary.aci, registered=registered)

    def add_device(self, primary: MockPrimary) -> MockDevice:
        """A further device of a mock primary, whose messages vanish: sends without it are answered 409."""
        return MockDevice.parse(self.process.call("addDevice", primary=primary.aci))

    def remove_device(self, device: MockDevice) -> None:
        """Unlinks a device: its login fails from now on, open sockets close with 4401."""
        self.process.call("removeDevice", aci=device.aci, deviceId=device.device_id)

    def _add_fault(self, **rule: Any) -> int:
        fault: int = self.process.call("addFault", rule=rule)
        return fault

    def _delivery(self, device: MockDevice, **changes: Any) -> None:
        self.process.call(
            "setDeliveryFaults", aci=device.aci, deviceId=device.device_id, changes=changes
        )
