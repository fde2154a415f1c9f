"""The fixed elements of Signal's zero-knowledge systems.

Each is independent of the others because it was hashed from a label; here they are constants in both forms of
:class:`sigcli.crypto.ristretto.RistrettoPoint` (its encoding, and the Edwards encoding of its half), so that nothing
needs to be decoded. A unit test derives them again from their labels.
"""

from __future__ import annotations

from sigcli.crypto.ristretto import RistrettoPoint


def _point(encoding: str, half: str) -> RistrettoPoint:
    return RistrettoPoint.from_half(bytes.fromhex(half), bytes.fromhex(encoding))


# Profile key credentials (``zkgroup``'s own credential system). M5 carries the expiration.
CREDENTIAL_W = _point(
    "9ae7c8e5ed779b114ae7708aa2f794670adda324987b659913122c35505b105e",
    "b6f96c6424ba9ea46ea0a7f2f4157e50654cdf97cb27c5327d472b256032cc72",
)
CREDENTIAL_W_PRIME = _point(
    "6ca31025d2d76be7fd34944f98f7fa0e37babb2c8b98bbbdbd3dd1bf130cca2c",
    "1e850e7f5dfc6bffbcedbc3a31294468d3f41c1d630ba7257d32335c7ed9d9ae",
)
CREDENTIAL_X0 = _point(
    "8a9a3bdfaaa2b6b322d46b93eca7b0d51c86a3c839e11466358258a6c10c577f",
    "781655cc60d993e8ef7946796ae5f75dc9cfcff7ab156f602f33f159341ee149",
)
CREDENTIAL_X1 = _point(
    "c2bffd34cd99164c9a6cd29fab55d91ff9269322ec3458603cc96a0d47f70405",
    "593d9b56f8ea43a89fdc09e44ff9e9f896b3673d25dc85ede2e6d31c993f80ca",
)
CREDENTIAL_Y1 = _point(
    "8288f62ee0acedb8aa23242121d98965a9bb2991250c11758095ece0fd2b3328",
    "fe62a37f50904499db392a94d94d524d2a4fa58d5abaa18a22d0aa4a7410c937",
)
CREDENTIAL_Y2 = _point(
    "5286fe1fcb056103b6081744b975f550d08521568dd3d8618f25c140375a0f40",
    "bd3a86fbb7ac22f37f091d4534af63da3afb2ab8cde27e52bf3ffe28950a76ee",
)
CREDENTIAL_Y3 = _point(
    "24c3aa23bdfffb27fbd982208d3ecd1fd3bcb7ac0c3a14b109804fc748d7fa45",
    "cd7e18e4c0fdcf828b2b7faaa0d81979e136aff42327782173669d3b249c029c",
)
CREDENTIAL_Y4 = _point(
    "6cffb4934f980b6e09a248a60f44a6150ae6c13d7e3c06261d7e4eed37f39f60",
    "6baad3aa0a9e1376be7a64d30af42f97fcda90d9d5a481a9f161fa39d710d968",
)
CREDENTIAL_Y5 = _point(
    "b04dd9d607fd357012274d3c63dbb38e7378599c9e97dfbb28842694891d5f0d",
    "a4f6e174d5fcb1401b05fab0ed825e2e6d92ef07481c8e6d43d7c57c8c777e95",
)
CREDENTIAL_Y6 = _point(
    "dc729919b798b4131503408cc57a9c532f4427632c88f54cea53861a5bc44c61",
    "8cb3cd333fbe94a6c14f9516479a989d2174a564d153c6c86b8dc03ba980814d",
)
CREDENTIAL_M5 = _point(
    "dc0bd02a7f277add240f639ac16801e81574afb4683edff63b9a01e93dbd867a",
    "13455e0b1d6b92e8bfd0fb39768c2b6416339252d097b37daa245e14b682b90d",
)
CREDENTIAL_V = _point(
    "04b616c706c80c756c11a3016bbfb60977f4648b5f2395a4b428b7211940813e",
    "522f1368ccca663cff661885f715a41b0df86a0402d2d741127ef108a3debc48",
)

# Encryption of service ids.
UID_A1 = _point(
    "a6324c368df734691147981348b6e7eb42c3307e711b6c7eccd3032d45693f5a",
    "5283d7e853c4f299fb2043463099fb57df7bcf08f10903af6068672389dfa726",
)
UID_A2 = _point(
    "048013525b76124bf2640c5e9369c76efbe80aba2a24aa5d8e18a98eba14f837",
    "3ea0b855c5d2227d7bd25a23362805f8d6b6e2016bec0a36ba7832b5a6fc163e",
)

# Encryption of profile keys.
PROFILE_KEY_B1 = _point(
    "f6baa317ce1839c93d617e0cd837d19da9c8a4c520bf7c51b1e6c2cb2a049c61",
    "8e5dbf0114b9ce5d8e10282c066d791a1b1c040593a202fc5b0d75572020be78",
)
PROFILE_KEY_B2 = _point(
    "2e0175894c8730b203ab3bd98ecb2d81abacb65f8a6124f49771d14a9852120c",
    "4b3995005d8c17595de467be67d4b19d4f4e55bb2b772ac77fdb2e718e082b85",
)

# Commitments to profile keys.
COMMITMENT_J1 = _point(
    "a8ca0bbd1148c466725860640ac53d2772b14eeae0170a38c62c7b3dd29c3e4a",
    "53ea7286889cebcca82b0f5db88c837ad57aad2b39101b32bd0aed89cf5e7ad2",
)
COMMITMENT_J2 = _point(
    "14b9462d948f059450799f4cc2a06e55dec807735670b94a5ce80f59f1950861",
    "3ceb2e746c47581896d146c471d724375536f6ac1f799f784edafac95cbf3509",
)
COMMITMENT_J3 = _point(
    "b0c0f7b91f6ef9c7556093d8930a86bd36188cec740554657d92dcd86aad251c",
    "ab29f413d9f05103f94a75c5fd738b997bc82484fbb67597b1b701c01ce4c22e",
)
COMMITMENT_MINUS_J1 = _point(
    "5ea148c5e75f2a542a1fe645bd80a775d186bb23080d430b2ae086c6fb04a609",
    "53ea7286889cebcca82b0f5db88c837ad57aad2b39101b32bd0aed89cf5e7a52",
)
COMMITMENT_MINUS_J2 = _point(
    "76dc2bdf7684c47a2a91e12dd980d9f58319844cc7324714a840872b3f17e26c",
    "3ceb2e746c47581896d146c471d724375536f6ac1f799f784edafac95cbf3589",
)

# Generic credentials (``zkcredential``).
GENERIC_W = _point(
    "589c8718e8263a53a78932b6212a46e7fd52de3ad157b5bb277dba494cfd3471",
    "31e85c8e173cefca5b5362dcdb82fc8380d9757c77d8ed5b19c4f3b42b36a633",
)
GENERIC_W_PRIME = _point(
    "d4cc5f90685952917b33366efcce0512a1f8d70f974758266cb04fc424346d37",
    "9c89fbaaf6ca247eb8c9b4a053d4c6e3cad99189adfad8ceb891ebd2c027583a",
)
GENERIC_X0 = _point(
    "b20f49cb2a081c94b1771fd8c172ae21785c61ea2c7e31947ce351e7b5ff0702",
    "1e7d2f514dbd3408a6050c56dc67cca51c3e67e4ac4272b74344e213edac3f75",
)
GENERIC_X1 = _point(
    "8c5329beb87b317ffcd981e440819d91136c988d6d9fbea4a87e55ed24a5993a",
    "cc5db2f455b5e244b577f54553ca339a340b3c3fda6c4ee1612d4d92ad872dcc",
)
GENERIC_V = _point(
    "a02f688ab1d3bd19056f94c8a44b8faddfa3c9c79c95ad44311a7bf00e5e862e",
    "0e6e59843ccf09b7d891cba4d1957e583b5c16a166a7512ec800e61fba1b90d5",
)
GENERIC_Y0 = _point(
    "92cfd982321d1f9be4b21fe6a0214306023d6a05d0d23f67ddc1c0400e5e0a5e",
    "ac850acea3121740ebd9c367ab4284aad9061951f641e29e84e3d6d3d09c7d0d",
)
GENERIC_Y1 = _point(
    "92d17595131b7a095e740b884b8c9bb0226a39cfd027c769c4f4677c51f21b24",
    "723234eeac818ae2c8ce1eef375d9149a71730e29c27dd5ebb34cd57a4aab4ae",
)
GENERIC_Y2 = _point(
    "da81fb2bd1356a9d0650f6a63fcc90d93bd74a954ba6f75f0e9fca47a6d21734",
    "6c4aab89ad4b361831778711ec2c0e581eaa218acf72fecd2d826972aa7a479d",
)
GENERIC_Y3 = _point(
    "bce7b28f06b76ef2c44d20a07026534e586eb8e1038874a93e44de362ce7bc08",
    "d5e048bfa7a1cd89653df0388ab505fb4b12ebe467aaa4bce9ab3852ef10d779",
)
GENERIC_Y4 = _point(
    "44bffc88e390c62519e281aa6fd53ff9ddd1d9ba303cf70004278ea2ae66ce05",
    "88f56a1f2e6d180197848d983de48e972f739de9d2741f28b2797150fdb3f2a7",
)
GENERIC_Y5 = _point(
    "a2749d29eba56f3efe99e42902825c473dfc3c154c3762d2e76bd103f629d250",
    "7109d7b07b110395bf9b3bd8321e925b23db8c439791d317e52fef6caf7d4092",
)
GENERIC_Y6 = _point(
    "b2d9d5c243a4cf8f3be21a84f153f44e2733a105cf780a20f03d84fe1ebbeb0e",
    "db0ed6c7b17c343c940f9edc0f107989ac2fd6d849075cf07b1fd6e4a2a47f70",
)

# Username hashes.
USERNAME_1 = _point(
    "60b993663a3daecc4c852f533547e305388c2a50a58393ea277de4abf3de543a",
    "870554e54ced066ae8afded0f70b1370cc6855d863acd84d34433de8af8c28f7",
)
USERNAME_2 = _point(
    "f2b6f1c826fa3640206f3b58b2286bdefdfda6a54ff902f204a72de737d26157",
    "b28aad457dfc340ab8f9cac2e87e395ecff844ce0b97f7c6c2c762875a416ee4",
)
USERNAME_3 = _point(
    "0606bd3abfce4e9617d448fb2caeb6cc028ec9a2b62b10b3d9eb2948da6f3f53",
    "bb5e8714a93f3cd3ab8a755aebdc591508f25aca2e91e257cf21ef2c5b8f51ae",
)
