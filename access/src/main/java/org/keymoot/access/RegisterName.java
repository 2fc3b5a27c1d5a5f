package org.keymoot.access;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The name of a replicated register, such as `key/123456789012/us-east-1/<key id>`.
///
/// It keeps true: the kind is known, the account is twelve digits, and an account's and Region's registers of a
/// kind are one contiguous range of names, so that listing is a range scan.
///
/// @param text the whole name: kind, account, Region and a name of its own, at most 512 characters of printable ASCII
public record RegisterName(String text) implements Comparable<RegisterName> {
    /// Longest name, in characters.
    public static final int MAXIMUM_LENGTH = 512;

    /// Prefix of all keys of all accounts and Regions.
    public static final String ALL_KEYS = "key/";

    /// What stands for the Region of a register that belongs to a whole account, as identities do.
    public static final String GLOBAL = "global";

    private static final Pattern SHAPE =
            Pattern.compile("([a-z]{1,20})/[0-9]{12}/[a-z0-9-]{1,64}/[a-zA-Z0-9+=,.@:/_-]{1,400}");

    /// What a register holds. The kind is the first part of its name.
    public enum Kind {
        KEY,
        ALIAS,
        /// A permission that is given to a principal for one key.
        GRANT,
        /// Which Regions a multi-Region key is in.
        REGIONS,
        USER,
        GROUP,
        ROLE,
        /// A managed policy.
        POLICY,
        /// The public side of an access key; its secret is in the parties' sealed stores.
        ACCESSKEY,
        /// The public side of a secret that an account's session tokens are sealed under.
        SESSIONKEY,
        /// An identity provider of OpenID Connect with the keys of its tokens.
        OIDCPROVIDER,
        /// What a key may be used for beyond its policy: rules that look into what is signed.
        RULES,
        /// What a key has signed under a rule that lets one thing be signed once.
        WATERMARK;

        private static final Map<String, Kind> BY_PREFIX =
                Stream.of(values()).collect(Collectors.toUnmodifiableMap(Kind::prefix, kind -> kind));

        /// The first part of the names of its registers.
        public String prefix() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public RegisterName {
        if (!isValid(text)) {
            throw new IllegalArgumentException("no register has the name '" + text + "'");
        }
    }

    /// Whether a register can have this name.
    public static boolean isValid(String text) {
        var matcher = SHAPE.matcher(text);
        return text.length() <= MAXIMUM_LENGTH && matcher.matches() && Kind.BY_PREFIX.containsKey(matcher.group(1));
    }

    /// @param region of the register, or [#GLOBAL]
    /// @param last tells it from the others of its kind, account and Region
    public static RegisterName of(Kind kind, String account, String region, String last) {
        return new RegisterName(prefixOf(kind, account, region) + last);
    }

    /// Prefix of the registers of one kind, account and Region.
    public static String prefixOf(Kind kind, String account, String region) {
        return kind.prefix() + "/" + account + "/" + region + "/";
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
        return prefixOf(Kind.KEY, account, region);
    }

    /// Prefix of the aliases of one account and Region.
    public static String aliasesOf(String account, String region) {
        return prefixOf(Kind.ALIAS, account, region);
    }

    public Kind kind() {
        return Objects.requireNonNull(Kind.BY_PREFIX.get(text.substring(0, text.indexOf('/'))));
    }

    public boolean isKey() {
        return kind() == Kind.KEY;
    }

    public String account() {
        return text.split("/", 4)[1];
    }

    public String region() {
        return text.split("/", 4)[2];
    }

    /// What follows kind, account and Region: of a key its id, of an alias its name without prefix.
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
