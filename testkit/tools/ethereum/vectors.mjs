// Writes the vectors that access/src/test/resources/ethereum-vectors.json holds: node vectors.mjs > file, with ethers 6.
import { ethers } from "ethers";

let state = 1n;
const random = () => {
  state = BigInt(ethers.keccak256(ethers.toBeHex(state, 32)));
  return state;
};
const hex = (bytes) => ethers.dataSlice(ethers.toBeHex(random(), 32), 0, bytes);
const below = (limit) => Number(random() % BigInt(limit));

const transactions = [];
for (let i = 0; i < 90; i++) {
  const wallet = new ethers.Wallet(ethers.toBeHex(random(), 32));
  const type = i % 3;
  const transaction = {
    type,
    chainId: [1, 10, 137, 44787, 1099511627776][below(5)],
    nonce: below(3) === 0 ? 0 : below(1 << 30),
    gasLimit: 21000 + below(1 << 20),
    to: below(5) === 0 ? null : ethers.getAddress(hex(20)),
    value: below(4) === 0 ? 0n : random() >> BigInt(below(200)),
    data: "0x",
  };
  for (let n = below(4); n > 0; n--) transaction.data = ethers.concat([transaction.data, hex(1 + below(31))]);
  if (type === 2) {
    transaction.maxPriorityFeePerGas = random() >> 200n;
    transaction.maxFeePerGas = transaction.maxPriorityFeePerGas + (random() >> 210n);
  } else transaction.gasPrice = random() >> 190n;
  if (type !== 0) {
    transaction.accessList = [];
    for (let n = below(3); n > 0; n--) {
      const storageKeys = [];
      for (let k = below(3); k > 0; k--) storageKeys.push(hex(32));
      transaction.accessList.push({ address: ethers.getAddress(hex(20)), storageKeys });
    }
  }
  const raw = await wallet.signTransaction(transaction);
  const parsed = ethers.Transaction.from(raw);
  transactions.push({
    publicKey: wallet.signingKey.compressedPublicKey, from: wallet.address, raw,
    unsigned: parsed.unsignedSerialized, signingHash: parsed.unsignedHash, hash: parsed.hash,
  });
}

const messages = [];
for (const text of ["", "hello", "a".repeat(200), "Grüße aus Zürich"])
  messages.push({ message: ethers.hexlify(ethers.toUtf8Bytes(text)), digest: ethers.hashMessage(text) });

const person = [{ name: "name", type: "string" }, { name: "wallet", type: "address" }];
const cases = [
  [{ name: "Ether Mail", version: "1", chainId: 1, verifyingContract: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC" },
    { Person: person, Mail: [{ name: "from", type: "Person" }, { name: "to", type: "Person" }, { name: "contents", type: "string" }] },
    { from: { name: "Cow", wallet: "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826" },
      to: { name: "Bob", wallet: "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB" }, contents: "Hello, Bob!" }],
  [{ name: "Nested", salt: hex(32) },
    { Person: person, Group: [{ name: "members", type: "Person[]" }, { name: "grid", type: "uint8[2][]" }, { name: "fixed", type: "int64[3]" }],
      Outer: [{ name: "group", type: "Group" }, { name: "groups", type: "Group[1]" }, { name: "flag", type: "bool" },
        { name: "tag", type: "bytes4" }, { name: "blob", type: "bytes" }, { name: "big", type: "uint256" }, { name: "low", type: "int256" }] },
    (() => {
      const group = { members: [{ name: "Ä", wallet: ethers.getAddress(hex(20)) }, { name: "", wallet: ethers.ZeroAddress }],
        grid: [[1, 2], [255, 0]], fixed: ["-1", "9223372036854775807", "-9223372036854775808"] };
      return { group, groups: [group], flag: true, tag: "0x01020304", blob: "0x", big: (2n ** 256n - 1n).toString(), low: (-(2n ** 255n)).toString() };
    })()],
  [{}, { Empty: [{ name: "none", type: "Empty2[]" }], Empty2: [{ name: "x", type: "uint8" }] }, { none: [] }],
];
const typed = cases.map(([domain, types, message]) => ({
  data: ethers.TypedDataEncoder.getPayload(domain, types, message),
  digest: ethers.TypedDataEncoder.hash(domain, types, message),
  domainSeparator: ethers.TypedDataEncoder.hashDomain(domain),
}));

const addresses = [];
for (let i = 0; i < 30; i++) {
  const key = new ethers.SigningKey(ethers.toBeHex(random(), 32));
  addresses.push({ publicKey: key.compressedPublicKey, address: ethers.computeAddress(key.publicKey) });
}
const attestations = [];
for (const domain of [1000, 2000, 4294967295]) {
  const home = ethers.solidityPackedKeccak256(["uint32", "string"], [domain, "OPTICS"]);
  const [previous, next, updater] = [hex(32), hex(32), ethers.zeroPadValue(hex(20), 32)];
  attestations.push({
    domain, previous, next, updater,
    update: ethers.hashMessage(ethers.getBytes(ethers.solidityPackedKeccak256(["bytes32", "bytes32", "bytes32"], [home, previous, next]))),
    failure: ethers.hashMessage(ethers.getBytes(ethers.solidityPackedKeccak256(["bytes32", "uint32", "bytes32"], [home, domain, updater]))),
  });
}
console.log(JSON.stringify({ generator: `ethers ${ethers.version}`, transactions, messages, typed, addresses, attestations }, null, 1));
