package org.keymoot.crypto.spki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;

/// Agreement with the key factories of other implementations, and refusal of all else.
class SubjectPublicKeyInfoTest {
    @ParameterizedTest
    @EnumSource(names = {"SECP256K1", "P256", "ED25519"})
    void anotherImplementationReadsItAndWritesTheSame(GroupId id)
            throws GeneralSecurityException, InvalidEncodingException {
        Group group = Group.of(id);
        KeyFactory factory =
                KeyFactory.getInstance(id == GroupId.ED25519 ? "Ed25519" : "EC", new BouncyCastleProvider());
        for (int k = 1; k < 6; k++) {
            Point point = group.multiplyBase(group.scalars().of(k * 1_000_003L));
            byte[] encoded = SubjectPublicKeyInfo.encode(point);
            PublicKey theirs = factory.generatePublic(new X509EncodedKeySpec(encoded));
            assertThat(theirs.getEncoded()).isEqualTo(encoded);
            assertThat(SubjectPublicKeyInfo.decode(encoded)).isEqualTo(point);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SECP256K1", "P256", "ED25519"})
    void refusesEveryChangedHeaderByteAndLength(GroupId id) {
        byte[] good = SubjectPublicKeyInfo.encode(Group.of(id).generator());
        int header = good.length - (id == GroupId.ED25519 ? 32 : 65);
        for (int i = 0; i < header; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 1;
            assertThatThrownBy(() -> SubjectPublicKeyInfo.decode(bad)).isInstanceOf(InvalidEncodingException.class);
        }
        for (int length : new int[] {0, header, good.length - 1, good.length + 1}) {
            byte[] bad = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> SubjectPublicKeyInfo.decode(bad)).isInstanceOf(InvalidEncodingException.class);
        }
        byte[] zero = Arrays.copyOf(Arrays.copyOf(good, header), good.length);
        assertThatThrownBy(() -> SubjectPublicKeyInfo.decode(zero)).isInstanceOf(InvalidEncodingException.class);
    }

    @Test
    void ristrettoHasNone() {
        Point point = Group.of(GroupId.RISTRETTO255).generator();
        assertThatThrownBy(() -> SubjectPublicKeyInfo.encode(point)).isInstanceOf(IllegalArgumentException.class);
    }
}
