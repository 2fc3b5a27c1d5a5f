// Two of Ethereum's libraries on AWS's own client: each derives the key's address, has a transaction signed and finds the
// signer again. Endpoint, Region and credentials come from the environment. Prints one JSON object.
import { CreateKeyCommand, GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { ethers } from "ethers";
import { keccak256, parseTransaction, recoverTransactionAddress, serializeTransaction } from "viem";
import { publicKeyToAddress } from "viem/accounts";

const kms = new KMSClient({});
const HALF = ethers.N / 2n;

async function makeKey() {
  const answer = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_SECG_P256K1", KeyUsage: "SIGN_VERIFY" }));
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: answer.KeyMetadata.KeyId }));
  return { id: answer.KeyMetadata.KeyId, point: ethers.hexlify(PublicKey.slice(-65)) };
}

function integers(der) {
  const first = der[3];
  const r = ethers.toBigInt(der.slice(4, 4 + first));
  const s = ethers.toBigInt(der.slice(6 + first));
  if (s > HALF) throw new Error("the endpoint answered a high s");
  return [r, s];
}

async function sign(key, digest) {
  const { Signature } = await kms.send(new SignCommand({
    KeyId: key.id, Message: ethers.getBytes(digest), MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256",
  }));
  const [r, s] = integers(Signature);
  for (const yParity of [0, 1]) {
    const signature = ethers.Signature.from({ r: ethers.toBeHex(r, 32), s: ethers.toBeHex(s, 32), yParity });
    if (ethers.SigningKey.recoverPublicKey(digest, signature) === key.point) return signature;
  }
  throw new Error("no recovery id leads to the key");
}

const key = await makeKey();
const address = ethers.computeAddress(key.point);

const withEthers = ethers.Transaction.from({
  type: 2, chainId: 1, nonce: 3, to: ethers.ZeroAddress, value: 5n, gasLimit: 21000, maxFeePerGas: 9n, maxPriorityFeePerGas: 1n,
});
withEthers.signature = await sign(key, withEthers.unsignedHash);

const withViem = { type: "eip1559", chainId: 1, nonce: 4, to: ethers.ZeroAddress, value: 6n, gas: 21000n, maxFeePerGas: 9n,
  maxPriorityFeePerGas: 1n };
const signature = await sign(key, keccak256(serializeTransaction(withViem)));
const raw = serializeTransaction(withViem, { r: signature.r, s: signature.s, yParity: signature.yParity });
const data = await sign(key, ethers.hashMessage("hello"));

console.log(JSON.stringify({
  keyId: key.id,
  address,
  viemAddress: publicKeyToAddress(key.point),
  ethersSigner: ethers.Transaction.from(withEthers.serialized).from,
  viemSigner: await recoverTransactionAddress({ serializedTransaction: raw }),
  viemNonce: parseTransaction(raw).nonce,
  messageSigner: ethers.verifyMessage("hello", data),
}));
