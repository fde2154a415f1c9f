"""Remote attestation of Intel SGX enclaves (DCAP): that a key belongs to the enclave it should, on a sound machine."""
