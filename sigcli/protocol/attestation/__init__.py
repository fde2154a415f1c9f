"""Remote attestation of Intel SGX enclaves (DCAP): proof that a key belongs to the right enclave."""
