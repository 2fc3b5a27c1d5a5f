// What every signer here signs, with nothing that only one library could tell.
export const transaction = {
  chainId: 1337, nonce: 3, to: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", value: 5n, data: "0xa9059cbb",
  maxFeePerGas: 9n, maxPriorityFeePerGas: 1n,
};

export const domain = {
  name: "Ether Mail", version: "1", chainId: 1337, verifyingContract: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
};

export const types = {
  Person: [{ name: "name", type: "string" }, { name: "wallets", type: "address[]" }],
  Mail: [{ name: "from", type: "Person" }, { name: "contents", type: "string" }, { name: "amount", type: "uint256" }],
};

export const message = {
  from: { name: "Cow", wallets: ["0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"] }, contents: "Grüße", amount: 2n ** 200n,
};
