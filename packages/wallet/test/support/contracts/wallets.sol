// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A contract wallet that answers for one key, and may come to answer for another (ERC-1271).
contract OwnedWallet {
    address public owner;

    constructor(address first) {
        owner = first;
    }

    function setOwner(address next) external {
        owner = next;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        require(signature.length == 65, "length");
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        address signer = ecrecover(hash, uint8(signature[64]), r, s);
        return signer != address(0) && signer == owner ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
}

/// Deploys wallets at addresses that are known before (EIP-1014).
contract WalletFactory {
    function deploy(address owner, bytes32 salt) external returns (address) {
        return address(new OwnedWallet{salt: salt}(owner));
    }
}

/// Vouches for what was approved on chain, as a Safe does: without a signature (ERC-1271).
contract ApprovingWallet {
    mapping(bytes32 => bool) public approved;

    function approve(bytes32 hash, bool yes) external {
        approved[hash] = yes;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return signature.length == 0 && approved[hash] ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
}

/// Answers whatever it was made with, to anything.
contract Parrot {
    bytes private answer;

    constructor(bytes memory words) {
        answer = words;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return answer;
    }
}
