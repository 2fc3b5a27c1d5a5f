// Makes AWS calls through the AWS SDK for JavaScript, unmodified: `calls.mjs URL`. Credentials come from the environment.
//
// Reads one JSON object a line, {"service", "operation", "input"}, and answers each with one: {"output"}, {"code", "message"} or
// {"unknown": true} for an operation that the client does not know. Blobs are Base64 in both directions.
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { createInterface } from "node:readline";

const [endpoint] = process.argv.slice(2);
const settings = { endpoint, region: "us-east-1", maxAttempts: 3 };
const services = {
  iam: [iam, new iam.IAMClient(settings)],
  kms: [kms, new kms.KMSClient(settings)],
  sts: [sts, new sts.STSClient(settings)],
};

/** The members of the model that are bytes, by their names, which mean the same in all inputs. */
const BLOBS = new Set([
  "CiphertextBlob", "EncryptedKeyMaterial", "ImportToken", "Mac", "Message", "Plaintext", "PublicKey", "Signature",
]);

function sent(value, name) {
  if (typeof value === "string") return BLOBS.has(name) ? new Uint8Array(Buffer.from(value, "base64")) : value;
  if (Array.isArray(value)) return value.map((element) => sent(element, ""));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([member, one]) => [member, sent(one, member)]));
}

function got(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(got);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([member, one]) => [member, got(one)]));
}

async function call({ service, operation, input }) {
  const [model, client] = services[service];
  const Command = model[`${operation}Command`];
  if (!Command) return { unknown: true };
  try {
    const { $metadata, ...output } = await client.send(new Command(sent(input, "")));
    return { output: got(output) };
  } catch (e) {
    return { code: e.Code ?? e.name, message: String(e.message) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await call(JSON.parse(line))));
}
