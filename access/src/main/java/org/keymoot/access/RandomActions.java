package org.keymoot.access;

import java.util.Base64;
import org.keymoot.access.json.CanonicalJson;

/// GenerateRandom.
final class RandomActions {
    private static final int MAXIMUM_BYTES = 1024;

    private RandomActions() {}

    static Decision generateRandom(Call call) {
        Input input = call.input();
        Integer count = input.number("NumberOfBytes", 1, MAXIMUM_BYTES);
        String keyStore = input.text("CustomKeyStoreId", 1, 64, null);
        input.check();
        KeyUse.refuseRecipient(input, "GenerateRandom");
        if (count == null) {
            throw new AwsException(AwsError.validation("NumberOfBytes is required."));
        }
        call.authoriseInAccount(null);
        if (keyStore != null) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    "GenerateRandom with a CustomKeyStoreId is not supported: custom key stores do not exist here.");
        }
        return new Decision.DrawTogether(
                call.context(),
                count,
                drawn -> CanonicalJson.object()
                        .put("Plaintext", Base64.getEncoder().encodeToString(drawn))
                        .text());
    }
}
