/// The eth1 signing API of web3signer in front of a KMS endpoint.
/// It keeps true: nobody signs here without a client certificate or the bearer token, and this process holds an access
/// key of the endpoint and no other secret.
/// Start at [org.keymoot.cli.web3signer.Web3Signer].
@NullMarked
package org.keymoot.cli.web3signer;

import org.jspecify.annotations.NullMarked;
