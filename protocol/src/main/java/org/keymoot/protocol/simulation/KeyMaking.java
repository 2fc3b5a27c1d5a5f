package org.keymoot.protocol.simulation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.Lagrange;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.dkg.Dkg;
import org.keymoot.protocol.dkg.KeyPurpose;
import org.keymoot.protocol.key.InvalidKeyShareException;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.KeyUse;
import org.keymoot.protocol.key.PublicShares;
import org.keymoot.protocol.key.UncheckedKeyShare;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;

/// The beginning that scenarios share: all parties make a key; and what must be true of it.
public final class KeyMaking {
    private static final String ATTEMPT = "dkg";
    private static final String ROW = "share";

    private KeyMaking() {}

    static List<Integer> everyone(Options options) {
        return IntStream.rangeClosed(1, options.parties()).boxed().toList();
    }

    /// The first parties and the last ones.
    static Set<List<Integer>> quorums(Options options) {
        List<Integer> everyone = everyone(options);
        int threshold = options.reconstructionThreshold();
        return new LinkedHashSet<>(List.of(
                everyone.subList(0, threshold), everyone.subList(everyone.size() - threshold, everyone.size())));
    }

    public static KeyTerms terms(Options options) {
        return terms(options, KeyUse.SIGN);
    }

    static KeyTerms terms(Options options, KeyUse use) {
        return new KeyTerms(
                options.group(),
                use,
                new byte[] {'s', 'i', 'm'},
                0,
                options.parties(),
                new ReconstructionThreshold(options.reconstructionThreshold()));
    }

    /// The set-up under which the run's parties make their key.
    public static SetUp setUp(Options options) {
        return setUp(terms(options));
    }

    private static SetUp setUp(KeyTerms terms) {
        return Dkg.setUp(terms, new KeyPurpose("simulation", new byte[32]), new byte[] {1});
    }

    /// Makes a key of the run's options and keeps its row; the caller closes the share.
    public static Optional<KeyShare> makeKey(Seat seat) {
        return makeKey(seat, KeyUse.SIGN);
    }

    static Optional<KeyShare> makeKey(Seat seat, KeyUse use) {
        KeyTerms terms = terms(seat.options(), use);
        return seat.attempt(ATTEMPT, () -> {
            Session session = Session.fresh(setUp(terms), seat.party(), seat.channel(ATTEMPT), seat.environment());
            return Dkg.run(session, terms, share -> seat.keep(ROW, rowOf(share)));
        });
    }

    private static byte[] rowOf(KeyShare share) {
        try (SecretScope scope = new SecretScope()) {
            return share.encode(scope).segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /// Parties that are given a key are given the same one.
    public static final class KeysAgree implements Invariant {
        private final Map<String, PublicShares> made = new HashMap<>();

        @Override
        public String name() {
            return "parties agree on the key";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (happening instanceof Happening.Ended(Outcome outcome)
                    && outcome.result() instanceof Outcome.Result.Returned(KeyShare share)) {
                PublicShares first = made.putIfAbsent(outcome.attempt(), share.publicShares());
                if (first != null && !first.equals(share.publicShares())) {
                    return Optional.of("P" + outcome.party() + " has another " + outcome.attempt());
                }
            }
            return Optional.empty();
        }
    }

    /// Once one party is given a key, every honest party holds its share durably, every quorum of them holds the key,
    /// and no smaller set does.
    public static final class EveryQuorumHoldsTheKey implements Invariant {
        @Override
        public String name() {
            return "a key that is given out is held by every quorum and by no smaller set";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (!(happening instanceof Happening.Ended(Outcome outcome)
                    && outcome.result() instanceof Outcome.Result.Returned(KeyShare given))) {
                return Optional.empty();
            }
            Map<PartyIndex, Scalar> shares = new HashMap<>();
            for (int party : everyone(world.options())) {
                if (world.tamperers().contains(party)) {
                    continue;
                }
                Optional<byte[]> row = world.kept(party, ROW, byte[].class);
                if (row.isEmpty()) {
                    return Optional.of("P" + party + " holds no share when P" + outcome.party() + " is given the key");
                }
                Optional<Scalar> share = secretOf(row.get(), given.publicShares());
                if (share.isEmpty()) {
                    return Optional.of("P" + party + "'s row is of another key or invalid");
                }
                shares.put(PartyIndex.of(party), share.get());
            }
            return wrongSubset(given, shares);
        }

        private static Optional<Scalar> secretOf(byte[] row, PublicShares expected) {
            try (UncheckedKeyShare unchecked = UncheckedKeyShare.decode(MemorySegment.ofArray(row));
                    KeyShare share = unchecked.validate()) {
                byte[] secret = Arrays.copyOfRange(row, row.length - 32, row.length);
                return share.publicShares().equals(expected)
                        ? Optional.of(share.group().scalars().decode(secret))
                        : Optional.empty();
            } catch (Malformed | InvalidKeyShareException | InvalidEncodingException e) {
                return Optional.empty();
            }
        }

        private static Optional<String> wrongSubset(KeyShare given, Map<PartyIndex, Scalar> shares) {
            Group group = given.group();
            int threshold = given.terms().reconstructionThreshold().value();
            Set<Scalar> secrets = new HashSet<>();
            for (Set<PartyIndex> quorum : subsets(shares.keySet(), threshold)) {
                secrets.add(interpolate(group, quorum, shares));
            }
            Optional<Scalar> wrong = secrets.stream()
                    .filter(secret -> !group.multiplyBase(secret).equals(given.publicKey()))
                    .findFirst();
            if (wrong.isPresent()) {
                return Optional.of("some quorum holds another key");
            }
            for (Set<PartyIndex> few : subsets(shares.keySet(), threshold - 1)) {
                if (!secrets.isEmpty() && secrets.contains(interpolate(group, few, shares))) {
                    return Optional.of(few + " hold the key although " + threshold + " shares are needed");
                }
            }
            return Optional.empty();
        }

        private static Scalar interpolate(Group group, Set<PartyIndex> quorum, Map<PartyIndex, Scalar> shares) {
            Scalar sum = group.scalars().zero();
            for (PartyIndex party : quorum) {
                Scalar share = shares.getOrDefault(party, group.scalars().zero());
                sum = sum.add(share.multiply(Lagrange.atZero(group.scalars(), quorum, party)));
            }
            return sum;
        }

        private static List<Set<PartyIndex>> subsets(Set<PartyIndex> of, int size) {
            List<PartyIndex> all = of.stream().sorted().toList();
            List<Set<PartyIndex>> subsets = new ArrayList<>();
            choose(all, 0, size, new ArrayList<>(), subsets);
            return subsets;
        }

        private static void choose(
                List<PartyIndex> all, int from, int missing, List<PartyIndex> chosen, List<Set<PartyIndex>> into) {
            if (missing == 0) {
                into.add(Set.copyOf(chosen));
                return;
            }
            for (int i = from; i <= all.size() - missing; i++) {
                chosen.add(all.get(i));
                choose(all, i + 1, missing - 1, chosen, into);
                chosen.removeLast();
            }
        }
    }
}
