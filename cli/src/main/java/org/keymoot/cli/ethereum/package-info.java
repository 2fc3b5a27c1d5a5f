/// Ethereum for the commands: keys of the endpoint as signers, and nodes over JSON-RPC.
/// It keeps true: a signature is given out only after the signer's address was recovered from it.
/// Start at [org.keymoot.cli.ethereum.EthereumSigner].
@NullMarked
package org.keymoot.cli.ethereum;

import org.jspecify.annotations.NullMarked;
