package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.iam.AccessKeyRecord;
import org.keymoot.access.sigv4.CredentialScope;

/// The registers of a cluster, in memory.
public final class MemoryDirectory implements DirectoryView {
    private final TreeMap<String, RegisterValue> registers = new TreeMap<>();
    private final Map<String, Credential> credentials = new HashMap<>();
    private final Map<String, String> secrets = new HashMap<>();

    public void add(String accessKeyId, Credential credential) {
        credentials.put(accessKeyId, credential);
    }

    public void commit(RegisterWrite write) {
        RegisterValue present = registers.get(write.name().text());
        long version = present == null ? 0 : present.version();
        if (version != write.baseVersion()) {
            throw new AssertionError(write.name() + " is at " + version + ", not at " + write.baseVersion());
        }
        registers.put(write.name().text(), write.value());
    }

    public void put(KeyRecord key) {
        RegisterValue present = registers.get(key.name().text());
        registers.put(key.name().text(), new RegisterValue(present == null ? 1 : present.version() + 1, key.json()));
    }

    public KeyRecord key(String account, String region, String keyId) {
        RegisterName name = RegisterName.key(account, region, keyId);
        RegisterValue value = read(name);
        if (value == null) {
            throw new AssertionError("no register " + name);
        }
        return KeyRecord.decode(name, value.json());
    }

    public Map<String, RegisterValue> registers() {
        return registers;
    }

    @Override
    public @Nullable RegisterValue read(RegisterName name) {
        return registers.get(name.text());
    }

    @Override
    public List<Entry> list(String prefix, String after, int limit) {
        return registers.tailMap(prefix, true).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(prefix))
                .filter(entry -> entry.getKey().compareTo(after) > 0)
                .filter(entry -> entry.getValue().live())
                .limit(limit)
                .map(entry -> new Entry(new RegisterName(entry.getKey()), entry.getValue()))
                .toList();
    }

    @Override
    public @Nullable Credential credential(String accessKeyId) {
        return credentials.get(accessKeyId);
    }

    @Override
    public @Nullable IssuedSecret issued(RegisterName register, String commitment) {
        String secret = secrets.get(commitment);
        return secret == null ? null : new TestSecret(secret);
    }

    /// Stores a secret as the parties do.
    public String keep(RegisterName register, String secret) {
        String commitment = AccessKeyRecord.commitment(register, secret.getBytes(StandardCharsets.US_ASCII));
        secrets.put(commitment, secret);
        return commitment;
    }

    public @Nullable String secret(String commitment) {
        return secrets.get(commitment);
    }

    /// A secret that the test knows.
    private record TestSecret(String secret) implements IssuedSecret {
        @Override
        public byte[] mac(byte[] message) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
                return mac.doFinal(message);
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            return new TestCredential(Principal.root(Cluster.ACCOUNT), secret, true).sign(scope, stringToSign);
        }
    }

    @Override
    public int parties() {
        return 3;
    }

    @Override
    public int reconstructionThreshold() {
        return 2;
    }
}
