package org.keymoot.cli;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Principal;
import org.keymoot.access.iam.AccessKeyRecord;
import org.keymoot.api.gateway.v1.PutRootKeyRequest;
import org.keymoot.api.gateway.v1.RemoveRootKeyRequest;
import org.keymoot.api.gateway.v1.StatusRequest;
import org.keymoot.platform.disk.PrivateFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Groups the commands about accounts.
@Command(
        name = "account",
        description = "Make accounts, and give and take the access keys of their roots.",
        subcommands = {AccountCommand.Create.class, AccountCommand.DeleteKey.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot account create --account 123456789012 --csv root.csv",
            "  keymoot account delete-key AKIA…",
            "",
        })
final class AccountCommand extends BaseCommand {
    private static final int SECRET_BYTES = 30;
    private static final long ACCOUNTS = 1_000_000_000_000L;

    /// Makes an account by giving its root an access key at each party.
    @Command(
            name = "create",
            description = "Make an account and print its root's access key, once. Every party must be reachable.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot account create                             an account with a number drawn at random",
                "  keymoot account create --account 123456789012 --csv root.csv",
                "  keymoot account create --account 123456789012 --additional-key",
                "",
            })
    static final class Create extends BaseCommand {
        @Mixin
        ClusterOption which = new ClusterOption();

        @Option(names = "--account", paramLabel = "NUMBER", description = "Twelve digits (default: drawn at random).")
        @Nullable String account;

        @Option(
                names = "--csv",
                paramLabel = "FILE",
                description = "Write the access key to a new file that only you may read, in place of the screen.")
        @Nullable Path csv;

        @Option(
                names = "--additional-key",
                description = "Give a further access key to the root of an account that has one.")
        boolean additional;

        @Override
        public Integer call() throws IOException {
            OperatedCluster cluster = which.cluster();
            SecureRandom random = new SecureRandom();
            String number = account == null ? "%012d".formatted(random.nextLong(ACCOUNTS)) : account;
            if (!number.matches("[0-9]{12}")) {
                throw new CliFailure(
                        ExitCode.USAGE,
                        "an account is twelve digits, found '" + number + "'",
                        "give twelve digits, or leave --account out");
            }
            if (csv != null && Files.exists(csv)) {
                throw new CliFailure(ExitCode.CONFLICT, csv + " exists", "name a new file; none is overwritten");
            }
            requireEveryParty(cluster);
            byte[] digest = new byte[16];
            random.nextBytes(digest);
            String id = AccessKeyRecord.id("AKIA", number, HexFormat.of().formatHex(digest));
            byte[] raw = new byte[SECRET_BYTES];
            random.nextBytes(raw);
            byte[] secret = Base64.getEncoder().encode(raw);
            Arrays.fill(raw, (byte) 0);
            try {
                store(cluster, number, id, secret);
                show(number, id, secret);
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
            return ExitCode.OK.code();
        }

        /// At all parties or at none: what was stored is taken back when a party refuses.
        private void store(OperatedCluster cluster, String number, String id, byte[] secret) {
            List<Integer> done = new ArrayList<>();
            for (int party : cluster.partyIndices()) {
                boolean stored;
                try (OperatorClient client = cluster.connect(party)) {
                    stored = client.calls()
                            .putRootKey(PutRootKeyRequest.newBuilder()
                                    .setAccount(number)
                                    .setAccessKeyId(id)
                                    .setSecretAccessKey(ByteString.copyFrom(secret))
                                    .setAdditional(additional)
                                    .build())
                            .getStored();
                } catch (StatusRuntimeException e) {
                    done.forEach(before -> remove(cluster, before, id));
                    throw new CliFailure(
                            ExitCode.NOT_ENOUGH_PARTIES,
                            "party %d: %s; no account was made".formatted(party, OperatorClient.reason(e)),
                            "start it, and try again",
                            e);
                }
                if (!stored) {
                    done.forEach(before -> remove(cluster, before, id));
                    throw new CliFailure(
                            ExitCode.CONFLICT,
                            "account %s exists and its root has an access key".formatted(number),
                            "use that key, name another account, or add --additional-key");
                }
                done.add(party);
            }
        }

        private void show(String number, String id, byte[] secret) throws IOException {
            String text = new String(secret, StandardCharsets.US_ASCII);
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("account", number);
            json.put("principal", Principal.rootArn(number));
            json.put("accessKeyId", id);
            if (csv == null) {
                json.put("secretAccessKey", text);
                output.result(out(), json, () -> """
                        account            %s
                        access key id      %s
                        secret access key  %s

                        It is shown this once only. Keep it where your other secrets are.""".formatted(number, id, text));
                return;
            }
            byte[] file =
                    ("Access key ID,Secret access key\n" + id + "," + text + "\n").getBytes(StandardCharsets.US_ASCII);
            PrivateFiles.create(csv, ByteBuffer.wrap(file));
            Arrays.fill(file, (byte) 0);
            json.put("csv", csv.toString());
            output.result(out(), json, () -> """
                    account            %s
                    access key id      %s
                    secret access key  in %s, which only you may read""".formatted(number, id, csv));
        }
    }

    /// Takes an access key of a root away.
    @Command(
            name = "delete-key",
            description = "Remove an access key of an account's root at every party.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot account delete-key AKIARZPUZDIKCFNWFA6U",
                "",
            })
    static final class DeleteKey extends BaseCommand {
        @Mixin
        ClusterOption which = new ClusterOption();

        @Parameters(paramLabel = "ACCESS_KEY_ID", description = "The access key.")
        String id = "";

        @Override
        public Integer call() throws IOException {
            OperatedCluster cluster = which.cluster();
            requireEveryParty(cluster);
            int removed = 0;
            for (int party : cluster.partyIndices()) {
                removed += remove(cluster, party, id) ? 1 : 0;
            }
            if (removed == 0) {
                throw new CliFailure(
                        ExitCode.CONFLICT,
                        "no party knows " + id + " as an access key of a root",
                        "keys of users are deleted with `aws iam delete-access-key`");
            }
            output.result(out(), Map.of("accessKeyId", id, "removed", true), () -> id + " is removed");
            return ExitCode.OK.code();
        }
    }

    private static boolean remove(OperatedCluster cluster, int party, String id) {
        try (OperatorClient client = cluster.connect(party)) {
            return client.calls()
                    .removeRootKey(
                            RemoveRootKeyRequest.newBuilder().setAccessKeyId(id).build())
                    .getRemoved();
        } catch (StatusRuntimeException e) {
            throw new CliFailure(
                    ExitCode.NOT_ENOUGH_PARTIES,
                    "party %d may still know %s: %s".formatted(party, id, OperatorClient.reason(e)),
                    "start it, then run `keymoot account delete-key " + id + "`",
                    e);
        }
    }

    private static void requireEveryParty(OperatedCluster cluster) {
        for (int party : cluster.partyIndices()) {
            try (OperatorClient client = cluster.connect(party)) {
                client.calls().status(StatusRequest.getDefaultInstance());
            } catch (StatusRuntimeException e) {
                throw new CliFailure(
                        ExitCode.NOT_ENOUGH_PARTIES,
                        "party %d: %s; each party keeps the access key itself"
                                .formatted(party, OperatorClient.reason(e)),
                        "start it, and try again",
                        e);
            }
        }
    }
}
