package org.keymoot.party.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.function.Supplier;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.iam.AccessKeyRecord;
import org.keymoot.api.party.v1.FetchSecret;
import org.keymoot.api.party.v1.SecretAnswer;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerRefused;
import org.keymoot.party.mesh.PeerUnavailable;
import org.keymoot.party.store.SecretStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets secrets that this party was away for from its peers, and gives them what they lack.
///
/// It keeps true: a secret goes only to a party of this cluster, over the mesh, and only while a committed
/// register says that it counts; what comes is stored only if it fits the register's commitment.
final class SecretFetching {
    private static final String METHOD = "secret/fetch";
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Logger log = LoggerFactory.getLogger(SecretFetching.class);

    private final Mesh mesh;
    private final Supplier<ReplicatedDirectory> directory;
    private final SecretStore secrets;

    SecretFetching(Mesh mesh, Supplier<ReplicatedDirectory> directory, SecretStore secrets) {
        this.mesh = mesh;
        this.directory = directory;
        this.secrets = secrets;
    }

    void start() {
        mesh.calls().serve(METHOD, this::serve);
    }

    /// Asks peer after peer; true when this party holds the secret now.
    boolean fetch(RegisterName register, String commitment) {
        byte[] question = FetchSecret.newBuilder()
                .setRegister(register.text())
                .setCommitment(commitment)
                .build()
                .toByteArray();
        for (int peer : mesh.linked()) {
            try {
                byte[] secret = SecretAnswer.parseFrom(mesh.calls().call(peer, METHOD, question, PATIENCE))
                        .getSecret()
                        .toByteArray();
                secrets.put(register, commitment, secret);
                log.atInfo()
                        .addKeyValue("peer", peer)
                        .addKeyValue("register", register)
                        .log("secret fetched");
                return true;
            } catch (PeerUnavailable | PeerRefused e) {
                log.atDebug()
                        .addKeyValue("peer", peer)
                        .addKeyValue("reason", e.getMessage())
                        .log("peer gave no secret");
            } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
                log.atWarn()
                        .addKeyValue("peer", peer)
                        .addKeyValue("register", register)
                        .log("peer gave a secret that does not fit");
            }
        }
        return false;
    }

    private byte[] serve(int fromParty, byte[] body) throws PeerRefused {
        RegisterName register;
        String commitment;
        try {
            FetchSecret question = FetchSecret.parseFrom(body);
            register = new RegisterName(question.getRegister());
            commitment = question.getCommitment();
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new PeerRefused("malformed", "the question is malformed");
        }
        RegisterValue value = directory.get().read(view -> view.read(register));
        if (value == null || !value.live() || !commitment.equals(AccessKeyRecord.commitmentIn(value.json()))) {
            throw new PeerRefused("unknown", "no register here commits to that secret");
        }
        byte[] secret = secrets.open(register, commitment);
        if (secret == null) {
            throw new PeerRefused("missing", "this party has not got it either");
        }
        return SecretAnswer.newBuilder()
                .setSecret(ByteString.copyFrom(secret))
                .build()
                .toByteArray();
    }
}
