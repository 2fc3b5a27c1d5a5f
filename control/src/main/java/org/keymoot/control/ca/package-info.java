/// The cluster's certificate authority, and how a party, an endpoint or an operator gets a certificate of it.
/// It keeps true: a certificate is signed only for the name that the operator invited and for the key whose
/// fingerprint the operator confirmed; a node sends its request only to the authority whose fingerprint it was
/// given. Start at [org.keymoot.control.ca.CertificateAuthority].
@NullMarked
package org.keymoot.control.ca;

import org.jspecify.annotations.NullMarked;
