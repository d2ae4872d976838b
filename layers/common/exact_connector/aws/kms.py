"""Data keys of KMS, for the envelope encryption of token pairs in a table."""

from __future__ import annotations

from collections.abc import Mapping

from exact_connector.aws import clients
from exact_connector.aws.faults import passing_faults


class KmsDataKeys:
    """Makes and unwraps data keys under the deployment's key, bound to a context."""

    def __init__(self, key_id: str) -> None:
        self._client = clients.kms()
        self._key_id = key_id

    def generate(self, context: Mapping[str, str]) -> tuple[bytes, bytes]:
        """Return a new 32-byte data key, plain and wrapped."""
        with passing_faults("KMS"):
            answer = self._client.generate_data_key(
                KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=dict(context)
            )
        return answer["Plaintext"], answer["CiphertextBlob"]

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Return the plain data key."""
        with passing_faults("KMS"):
            answer = self._client.decrypt(KeyId=self._key_id, CiphertextBlob=wrapped, EncryptionContext=dict(context))
        return answer["Plaintext"]
