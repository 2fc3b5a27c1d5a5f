package org.keymoot.party.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The associated data of a sealed record: what it is and to what it belongs, each field with its length, so
/// that no two lists of fields give the same bytes.
final class Binding {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Binding() {}

    static Binding of(String kind) {
        return new Binding().text("keymoot/v1/store").text(kind);
    }

    Binding text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    Binding number(long value) {
        return bytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    Binding bytes(byte[] value) {
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value.length).array());
        bytes.writeBytes(value);
        return this;
    }

    byte[] encoded() {
        return bytes.toByteArray();
    }
}
