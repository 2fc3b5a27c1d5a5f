package org.keymoot.access;

/// The name of a replicated register, such as `key/123456789012/us-east-1/<key id>`.
///
/// It keeps true: the kind is known, the account is twelve digits, and an account's and Region's registers of a
/// kind are one contiguous range of names, so that listing is a range scan.
///
/// @param text the whole name, at most 512 characters of printable ASCII
public record RegisterName(String text) implements Comparable<RegisterName> {
    /// Longest name, in characters.
    public static final int MAXIMUM_LENGTH = 512;

    /// Prefix of all keys of all accounts and Regions.
    public static final String ALL_KEYS = "key/";

    public RegisterName {
        if (text.length() > MAXIMUM_LENGTH
                || !text.matches("(key|alias)/[0-9]{12}/[a-z0-9-]{1,64}/[a-zA-Z0-9/_-]{1,256}")) {
            throw new IllegalArgumentException("no register has the name '" + text + "'");
        }
    }

    public static RegisterName key(String account, String region, String keyId) {
        return new RegisterName(keysOf(account, region) + keyId);
    }

    /// @param alias with its prefix, `alias/…`
    public static RegisterName alias(String account, String region, String alias) {
        if (!alias.startsWith("alias/")) {
            throw new IllegalArgumentException("an alias begins with alias/, found '" + alias + "'");
        }
        return new RegisterName(aliasesOf(account, region) + alias.substring("alias/".length()));
    }

    /// Prefix of the keys of one account and Region.
    public static String keysOf(String account, String region) {
        return "key/" + account + "/" + region + "/";
    }

    /// Prefix of the aliases of one account and Region.
    public static String aliasesOf(String account, String region) {
        return "alias/" + account + "/" + region + "/";
    }

    public boolean isKey() {
        return text.startsWith(ALL_KEYS);
    }

    public String account() {
        return text.split("/", 4)[1];
    }

    public String region() {
        return text.split("/", 4)[2];
    }

    /// The key id, or the alias without its prefix.
    public String last() {
        return text.split("/", 4)[3];
    }

    @Override
    public int compareTo(RegisterName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
