package org.keymoot.cli.provision;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.Output;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.seal.KeyRing;
import org.keymoot.platform.seal.SealBroken;
import org.keymoot.platform.seal.Sealer;

/// Whole keys for the environment `development`, which the agents take as plain hexadecimal: no party holds them, and
/// they must never hold value.
///
/// It keeps true: on disk they are sealed, under a key in a file of its own that only its owner can read.
public final class DevelopmentKeys {
    /// The environment whose keys these are.
    public static final String ENVIRONMENT = "development";

    private static final byte[] ASSOCIATED = "keymoot development keys 1".getBytes(StandardCharsets.US_ASCII);
    private static final BigInteger ORDER =
            Group.of(GroupId.SECP256K1).scalars().order();

    private final Path file;
    private final @Nullable Sealer sealer;
    private final SecureRandom random;
    private final Map<String, String> keys = new TreeMap<>();

    private DevelopmentKeys(Path file, @Nullable Sealer sealer, SecureRandom random) {
        this.file = file;
        this.sealer = sealer;
        this.random = random;
    }

    /// Opens the store in a folder.
    ///
    /// @param make whether it is made where there is none; else nothing is written, and there are no keys
    public static DevelopmentKeys open(Path folder, SecureRandom random, boolean make) throws IOException {
        if (make) {
            PrivateFiles.createDirectory(folder);
        }
        Path ring = folder.resolve("seal.key");
        Path file = folder.resolve("development-keys.sealed");
        if (!Files.exists(ring) && Files.exists(file)) {
            throw new CliFailure(
                    ExitCode.INTEGRITY,
                    "%s is there and its seal.key is not".formatted(file),
                    "restore seal.key from a backup, or remove the keys to make new ones");
        }
        if (!make && !Files.exists(ring)) {
            return new DevelopmentKeys(file, null, random);
        }
        KeyRing keys = Files.exists(ring) ? KeyRing.load(ring) : KeyRing.create(ring, random);
        Sealer sealer = new Sealer(keys, random);
        DevelopmentKeys store = new DevelopmentKeys(file, sealer, random);
        if (Files.exists(file)) {
            store.read(sealer);
        }
        return store;
    }

    private void read(Sealer with) throws IOException {
        try {
            byte[] plain = with.open(PrivateFiles.read(file), ASSOCIATED);
            JsonReader.read(plain)
                    .properties()
                    .forEach(member ->
                            keys.put(member.getKey(), member.getValue().asString("")));
            Arrays.fill(plain, (byte) 0);
        } catch (SealBroken | InvalidJsonException e) {
            throw new CliFailure(
                    ExitCode.INTEGRITY,
                    "%s cannot be opened with its seal.key".formatted(file),
                    "restore both from one backup",
                    e);
        }
    }

    /// Makes the keys that are missing, where the store was opened for it.
    ///
    /// @param dryRun only look
    public List<AgentRow> run(List<AgentKey> wanted, boolean dryRun) throws IOException {
        List<AgentRow> rows = new ArrayList<>();
        Map<String, String> outcomes = new LinkedHashMap<>();
        for (AgentKey key : wanted) {
            boolean present = keys.containsKey(key.name());
            outcomes.put(key.name(), present ? "present" : dryRun ? "missing" : "created");
            if (!present && !dryRun) {
                keys.put(key.name(), draw());
            }
        }
        if (outcomes.containsValue("created")) {
            byte[] plain = Output.toJson(keys).getBytes(StandardCharsets.UTF_8);
            PrivateFiles.replace(
                    file, ByteBuffer.wrap(Objects.requireNonNull(sealer).seal(plain, ASSOCIATED)));
            Arrays.fill(plain, (byte) 0);
        }
        for (AgentKey key : wanted) {
            String outcome = outcomes.getOrDefault(key.name(), "");
            String secret = keys.get(key.name());
            rows.add(
                    secret == null
                            ? AgentRow.missing(key, "", "")
                            : new AgentRow(
                                    key,
                                    "",
                                    "",
                                    key.description() + ", a plain key",
                                    address(secret).checksummed(),
                                    "",
                                    "Enabled",
                                    outcome,
                                    "",
                                    List.of()));
        }
        return rows;
    }

    /// The key as the agents' settings have it: 64 digits, without prefix.
    public String hex(AgentKey key) {
        String secret = keys.get(key.name());
        if (secret == null) {
            throw new IllegalArgumentException("there is no key " + key.name());
        }
        return secret;
    }

    private String draw() {
        while (true) {
            byte[] bytes = new byte[32];
            random.nextBytes(bytes);
            BigInteger scalar = new BigInteger(1, bytes);
            if (scalar.signum() > 0 && scalar.compareTo(ORDER) < 0) {
                return HexFormat.of().formatHex(bytes);
            }
        }
    }

    private static Address address(String secret) {
        Group group = Group.of(GroupId.SECP256K1);
        return Address.of(group.multiplyBase(group.scalars().of(new BigInteger(secret, 16))));
    }
}
