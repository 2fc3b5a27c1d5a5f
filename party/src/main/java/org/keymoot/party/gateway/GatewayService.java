package org.keymoot.party.gateway;

import io.grpc.stub.StreamObserver;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.GatewayGrpc;
import org.keymoot.party.operations.Requests;

/// Takes clients' requests from endpoints.
public final class GatewayService extends GatewayGrpc.GatewayImplBase {
    private final Requests requests;

    public GatewayService(Requests requests) {
        this.requests = requests;
    }

    @Override
    public void execute(ClientRequest request, StreamObserver<ClientAnswer> answers) {
        answers.onNext(requests.execute(request));
        answers.onCompleted();
    }
}
