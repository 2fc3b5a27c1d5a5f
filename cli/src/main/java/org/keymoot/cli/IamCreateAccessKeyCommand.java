package org.keymoot.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Service;
import org.keymoot.access.iam.AccessKeyRecord;
import org.keymoot.access.sigv4.AsymmetricKey;
import org.keymoot.access.sigv4.Scheme;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.aws.AwsCredentials;
import org.keymoot.cli.aws.IamClient;
import org.keymoot.platform.disk.PrivateFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Makes an access key whose secret never leaves this machine: the parties are told its public key.
@Command(
        name = "create-access-key",
        description = "Make an access key whose secret stays here; the parties hold its public half only.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot iam create-access-key --asymmetric --user-name agent --save agent.credentials",
            "  AWS_SHARED_CREDENTIALS_FILE=agent.credentials keymoot eth address alias/a --profile agent",
            "",
        })
final class IamCreateAccessKeyCommand extends BaseCommand {
    private static final int SECRET_BYTES = 30;

    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Option(
            names = "--asymmetric",
            required = true,
            description = "Register a public key; without it `aws iam create-access-key` does all that is needed.")
    boolean asymmetric;

    @Option(names = "--user-name", required = true, paramLabel = "NAME", description = "Whose access key it becomes.")
    String userName = "";

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Write it as a profile to a new file that only you may read, in place of the screen.")
    @Nullable Path file;

    @Option(names = "--as", paramLabel = "PROFILE", description = "The profile's name (default: the user's).")
    @Nullable String as;

    @Override
    public Integer call() throws IOException {
        if (file != null && Files.exists(file)) {
            throw new CliFailure(ExitCode.CONFLICT, file + " exists", "name a new file; none is overwritten");
        }
        String profile = as == null ? userName : as;
        if (!profile.matches("[A-Za-z0-9_+=,.@-]+")) {
            throw new CliFailure(ExitCode.USAGE, "'" + profile + "' is no name of a profile", "name another with --as");
        }
        SecureRandom random = new SecureRandom();
        byte[] raw = new byte[SECRET_BYTES];
        random.nextBytes(raw);
        byte[] secret = Base64.getEncoder().encode(raw);
        Arrays.fill(raw, (byte) 0);
        try (IamClient iam = endpoint.connectToIam()) {
            String account = iam.account();
            byte[] seed = new byte[16];
            random.nextBytes(seed);
            String id = AccessKeyRecord.id("AKIA", account, HexFormat.of().formatHex(seed));
            Path saved = file;
            // The file comes first: a key whose secret could not be written would be of no use to anybody.
            if (saved != null) {
                PrivateFiles.create(saved, ByteBuffer.wrap(profile(profile, id, secret, iam)));
            }
            String publicKey;
            try {
                publicKey = register(iam, account, id, secret);
            } catch (AwsCallFailure | CliFailure e) {
                if (saved != null) {
                    Files.deleteIfExists(saved);
                }
                throw e;
            }
            show(account, id, publicKey, secret, profile);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        return ExitCode.OK.code();
    }

    private String register(IamClient iam, String account, String id, byte[] secret) {
        String text = new String(secret, StandardCharsets.US_ASCII);
        try (AwsCredentials made = new AwsCredentials(id, text, null, Scheme.PUBLIC_KEY)) {
            String publicKey = made.publicKey();
            byte[] proof = made.signByKey(AsymmetricKey.proofOfPossession(account, userName, id, publicKey));
            Map<String, String> form = new LinkedHashMap<>();
            form.put("UserName", userName);
            form.put("AccessKeyId", id);
            form.put("PublicKey", publicKey);
            form.put("ProofOfPossession", Base64.getEncoder().encodeToString(proof));
            iam.call(Service.IAM, "CreateAccessKey", form);
            return publicKey;
        }
    }

    private static byte[] profile(String profile, String id, byte[] secret, IamClient iam) {
        byte[] head = """
                [%s]
                region = %s
                endpoint_url = %s
                auth_scheme_preference = sigv4a
                aws_access_key_id = %s
                aws_secret_access_key =\s""".formatted(profile, iam.region(), iam.endpoint(), id).getBytes(StandardCharsets.UTF_8);
        byte[] whole = Arrays.copyOf(head, head.length + secret.length + 1);
        System.arraycopy(secret, 0, whole, head.length, secret.length);
        whole[whole.length - 1] = '\n';
        return whole;
    }

    private void show(String account, String id, String publicKey, byte[] secret, String profile) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("account", account);
        json.put("userName", userName);
        json.put("accessKeyId", id);
        json.put("publicKey", publicKey);
        if (file == null) {
            String text = new String(secret, StandardCharsets.US_ASCII);
            json.put("secretAccessKey", text);
            output.result(out(), json, () -> """
                    access key id      %s
                    secret access key  %s

                    It is shown this once only, and no party knows it. Clients that use it sign with sigv4a:
                    set AWS_AUTH_SCHEME_PREFERENCE=sigv4a.""".formatted(id, text));
            return;
        }
        json.put("file", file.toString());
        json.put("profile", profile);
        output.result(out(), json, () -> """
                access key id      %s
                secret access key  in %s, profile '%s', which only you may read""".formatted(id, file, profile));
    }
}
