package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Material;
import org.keymoot.access.imported.ImportedKey;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.imported.KeyFile;
import org.keymoot.cli.imported.SplitKey;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.platform.tls.ClusterTrust;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// Splits a key here and sends each party its share.
@Command(
        name = "import-key",
        description =
                "Import a key without any party ever having it whole: it is split here, one share for each party.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot kms import-key --key-id 1234abcd-… --file key.pem",
            "  keymoot kms import-key --key-id 1234abcd-… --file - --roots ca.pem --valid-to 2027-01-01T00:00:00Z < key",
            "",
        })
final class ImportKeyCommand extends BaseCommand {
    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Mixin
    DataOption development = new DataOption();

    @Option(
            names = "--key-id",
            required = true,
            paramLabel = "KEY",
            description = "Id or ARN of a key that was made with Origin EXTERNAL.")
    String keyId = "";

    @Option(
            names = {"--file", "--key-file"},
            required = true,
            paramLabel = "FILE",
            description = "The key: PEM, PKCS #8 in DER, hexadecimal digits or bytes; - for standard input.")
    Path file = Path.of("");

    @Option(
            names = "--roots",
            paramLabel = "FILE",
            description = "The cluster's root certificate, PEM, by which the parties are known (default: that of the"
                    + " development cluster in --data).")
    @Nullable Path roots;

    @Option(
            names = "--valid-to",
            paramLabel = "INSTANT",
            description = "When the parties are to erase the material again, such as 2027-01-01T00:00:00Z (default:"
                    + " never).")
    @Nullable Instant validTo;

    @Option(
            names = "--import-type",
            paramLabel = "TYPE",
            description = "NEW_KEY_MATERIAL or EXISTING_KEY_MATERIAL (default: new for a key that never had any).")
    @Nullable String importType;

    @Override
    public Integer call() throws IOException {
        ClusterTrust trust = ClusterTrust.load(roots(), InstantSource.system());
        try (KmsClient kms = endpoint.connect()) {
            SplitKey split = SplitKey.of(kms.keymoot("GetParametersForSplitImport", Map.of("KeyId", keyId)), trust);
            SplitKey.Parts parts = parts(split);
            Map<String, Object> request = new LinkedHashMap<>(parts.members());
            request.put("KeyId", keyId);
            request.put("ExpirationModel", validTo == null ? "KEY_MATERIAL_DOES_NOT_EXPIRE" : "KEY_MATERIAL_EXPIRES");
            if (validTo != null) {
                request.put("ValidTo", validTo.toEpochMilli() / 1000.0);
            }
            if (importType != null) {
                request.put("ImportType", importType);
            }
            JsonNode answer = kms.keymoot("ImportKeyShares", request);
            String publicKey = split.spec().isSymmetric()
                    ? ""
                    : Base64.getEncoder().encodeToString(Material.encode(parts.publicKey()));
            if (!publicKey.isEmpty()) {
                requireSame(kms, publicKey);
            }
            show(split, answer, publicKey);
        }
        return ExitCode.OK.code();
    }

    private Path roots() {
        return roots == null ? DevCluster.operator(development.directory()).resolve("ca.pem") : roots;
    }

    private SplitKey.Parts parts(SplitKey split) throws IOException {
        byte[] key = PayloadInput.read(file);
        try (SecretScope scope = new SecretScope()) {
            SecretScalar secret = KeyFile.scalar(split.spec(), key, scope);
            return split.split(secret, new SecureRandom());
        } catch (ImportedKey.Unfit e) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "%s holds no key for %s: %s".formatted(file, split.spec(), e.getMessage()),
                    "check the file, and the spec of the KMS key: aws kms describe-key --key-id " + keyId,
                    e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private void requireSame(KmsClient kms, String publicKey) {
        JsonNode shown = kms.call("GetPublicKey", Map.of("KeyId", keyId));
        if (!shown.path("PublicKey").asString("").equals(publicKey)) {
            throw new CliFailure(
                    ExitCode.INTEGRITY,
                    "the endpoint shows another public key than the one that was imported",
                    "do not use the key before it is known why");
        }
    }

    private void show(SplitKey split, JsonNode answer, String publicKey) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("keyId", answer.path("KeyId").asString(""));
        data.put("parties", split.parties());
        data.put("reconstructionThreshold", split.reconstructionThreshold());
        if (!publicKey.isEmpty()) {
            data.put("publicKey", publicKey);
        }
        output.result(
                out(),
                data,
                () -> "imported into %s: each of %d parties has a share, %d are needed; no party had the key whole"
                        .formatted(data.get("keyId"), split.parties(), split.reconstructionThreshold()));
    }
}
