// Signers on AWS KMS as others have them, each on a key of its own: a published one for ethers, unmodified, and an account of
// viem on AWS's client. Endpoint, Region and credentials come from the environment. Prints one JSON object: each key's
// address, and who signed as the same library finds out.
import { CreateKeyCommand, GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { AwsKmsSigner } from "@nexusmutual/ethers-v6-aws-kms-signer";
import { secp256k1 } from "@noble/curves/secp256k1";
import { ethers } from "ethers";
import {
  bytesToHex, hashMessage, hashTypedData, keccak256, parseTransaction, recoverMessageAddress, recoverTransactionAddress,
  recoverTypedDataAddress, serializeSignature, serializeTransaction,
} from "viem";
import { publicKeyToAddress, toAccount } from "viem/accounts";
import { domain, message, transaction, types } from "./payloads.mjs";

const kms = new KMSClient({});

async function makeKey(description) {
  const answer = await kms.send(new CreateKeyCommand({
    KeySpec: "ECC_SECG_P256K1", KeyUsage: "SIGN_VERIFY", Description: description,
  }));
  return answer.KeyMetadata.KeyId;
}

async function publicKey(keyId) {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
  return bytesToHex(PublicKey.slice(-65));
}

async function withEthers() {
  const keyId = await makeKey("ethers");
  const signer = new AwsKmsSigner({
    kmsKeyId: keyId, region: process.env.AWS_REGION,
    accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  });
  const raw = await signer.signTransaction({ ...transaction, type: 2, gasLimit: 30000 });
  return {
    address: ethers.computeAddress(await publicKey(keyId)),
    own: await signer.getAddress(),
    message: ethers.verifyMessage("hello", await signer.signMessage("hello")),
    transaction: ethers.Transaction.from(raw).from,
    typedData: ethers.verifyTypedData(domain, types, message, await signer.signTypedData(domain, types, message)),
    data: ethers.Transaction.from(raw).data,
  };
}

async function withViem() {
  const keyId = await makeKey("viem");
  const point = await publicKey(keyId);
  const sign = async (hash) => {
    const { Signature } = await kms.send(new SignCommand({
      KeyId: keyId, Message: Buffer.from(hash.slice(2), "hex"), MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256",
    }));
    const found = secp256k1.Signature.fromDER(Signature);
    if (found.hasHighS()) throw new Error("the endpoint answered a high s");
    const yParity = [0, 1].find((bit) =>
      `0x${found.addRecoveryBit(bit).recoverPublicKey(hash.slice(2)).toHex(false)}` === point);
    const part = (number) => `0x${number.toString(16).padStart(64, "0")}`;
    return { r: part(found.r), s: part(found.s), yParity };
  };
  const account = toAccount({
    address: publicKeyToAddress(point),
    signMessage: async ({ message: text }) => serializeSignature(await sign(hashMessage(text))),
    signTransaction: async (unsigned, { serializer = serializeTransaction } = {}) =>
      serializer(unsigned, await sign(keccak256(await serializer(unsigned)))),
    signTypedData: async (data) => serializeSignature(await sign(hashTypedData(data))),
  });
  const raw = await account.signTransaction({ ...transaction, type: "eip1559", gas: 30000n });
  const mail = { domain, types, primaryType: "Mail", message };
  return {
    address: ethers.computeAddress(point),
    own: account.address,
    message: await recoverMessageAddress({ message: "hello", signature: await account.signMessage({ message: "hello" }) }),
    transaction: await recoverTransactionAddress({ serializedTransaction: raw }),
    typedData: await recoverTypedDataAddress({ ...mail, signature: await account.signTypedData(mail) }),
    data: parseTransaction(raw).data,
  };
}

console.log(JSON.stringify({ ethers: await withEthers(), viem: await withViem() }));
