// ethers and viem as clients of a signer over JSON-RPC: `web3signer.mjs URL TOKEN`. Prints one JSON object: what addresses each
// library was told, and who signed as it finds out.
import { ethers } from "ethers";
import {
  createWalletClient, defineChain, http, parseTransaction, recoverMessageAddress, recoverTransactionAddress,
  recoverTypedDataAddress, stringToHex,
} from "viem";
import { domain, message, transaction, types } from "./payloads.mjs";

const [url, token] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };

async function withEthers() {
  const request = new ethers.FetchRequest(url);
  Object.entries(headers).forEach(([name, value]) => request.setHeader(name, value));
  const provider = new ethers.JsonRpcProvider(request);
  const signer = await provider.getSigner();
  const raw = await signer.signTransaction({ ...transaction, type: 2, gasLimit: 30000 });
  const found = {
    addresses: (await provider.listAccounts()).map((account) => account.address),
    message: ethers.verifyMessage("hello", await signer._legacySignMessage("hello")),
    transaction: ethers.Transaction.from(raw).from,
    typedData: ethers.verifyTypedData(domain, types, message, await signer.signTypedData(domain, types, message)),
    data: ethers.Transaction.from(raw).data,
  };
  provider.destroy();
  return found;
}

async function withViem() {
  const chain = defineChain({
    id: transaction.chainId, name: "test", nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const wallet = createWalletClient({ chain, transport: http(url, { fetchOptions: { headers }, retryCount: 0 }) });
  const addresses = await wallet.getAddresses();
  const [account] = addresses;
  const { chainId, ...rest } = transaction;
  const raw = await wallet.signTransaction({ account, ...rest, type: "eip1559", gas: 30000n });
  const mail = { domain, types, primaryType: "Mail", message };
  const signature = await wallet.request({ method: "eth_sign", params: [account, stringToHex("hello")] });
  return {
    addresses,
    message: await recoverMessageAddress({ message: "hello", signature }),
    transaction: await recoverTransactionAddress({ serializedTransaction: raw }),
    typedData: await recoverTypedDataAddress({ ...mail, signature: await wallet.signTypedData({ account, ...mail }) }),
    data: parseTransaction(raw).data,
  };
}

console.log(JSON.stringify({ ethers: await withEthers(), viem: await withViem() }));
