package org.keymoot.party.directory;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Record3;
import org.jooq.Result;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterTerm;
import org.keymoot.access.RegisterValue;
import org.keymoot.api.directory.v1.AcceptAnswer;
import org.keymoot.api.directory.v1.CommittedEntry;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.OpenVote;
import org.keymoot.api.directory.v1.Outcome;
import org.keymoot.api.directory.v1.Position;
import org.keymoot.api.directory.v1.PrepareAnswer;
import org.keymoot.api.directory.v1.Receipt;
import org.keymoot.platform.store.Store;

/// The directory's tables at one party: committed versions, votes, certificates, and how far each peer was followed.
///
/// It keeps true: what a method answers is durable first; versions of a register are committed one after the other; a
/// vote never goes back to a lower ballot.
final class RegisterStore {
    // The driver gives a column of type integer 32 bits unless it is told otherwise, so each query names its types.
    private static final Field<String> NAME = DSL.field("name", SQLDataType.VARCHAR);
    private static final Field<Long> VERSION = DSL.field("version", SQLDataType.BIGINT);
    private static final Field<Long> POSITION = DSL.field("position", SQLDataType.BIGINT);
    private static final Field<Long> COUNT = DSL.field("count", SQLDataType.BIGINT);
    private static final Field<Long> PROMISED = DSL.field("promised", SQLDataType.BIGINT);
    private static final Field<Long> ACCEPTED_BALLOT = DSL.field("accepted_ballot", SQLDataType.BIGINT);
    private static final Field<byte[]> VALUE = DSL.field("value", SQLDataType.BLOB);
    private static final Field<byte[]> CHAIN = DSL.field("chain", SQLDataType.BLOB);
    private static final Field<byte[]> ACCEPTED = DSL.field("accepted", SQLDataType.BLOB);
    private static final Field<byte[]> TOLD = DSL.field("told", SQLDataType.BLOB);

    private static final int INDEXED_AT_A_TIME = 1000;
    /// Promises of registers that never came to be which are kept for each party that asked for them.
    static final int KEPT_PROMISES = 10_000;
    /// Votes written between two times that too many promises are looked for.
    static final int VOTES_BETWEEN_TRIMS = 1000;

    private final Store store;
    private final RegisterCache cache;
    private final AtomicLong votes;

    RegisterStore(Store store) {
        this.store = store;
        index();
        this.cache = new RegisterCache(newestPosition());
        this.votes = new AtomicLong(
                store.read(sql -> sql.resultQuery("select coalesce(max(written), 0) as count from register_vote")
                        .coerce(COUNT)
                        .fetchSingle()
                        .value1()));
    }

    /// Makes the index over contents anew when its rules have changed since this store was last open.
    private void index() {
        store.write(sql -> {
            Long format = sql.resultQuery("select format as count from register_term_format")
                    .coerce(COUNT)
                    .fetchOne(COUNT);
            if (format != null && format == RegisterTerm.FORMAT) {
                return 0;
            }
            sql.execute("delete from register_term");
            String after = "";
            while (true) {
                Result<Record3<String, Long, byte[]>> page = sql.resultQuery(
                                "select name, version, value from register where name > ? and live = 1 order by name limit ?",
                                after,
                                INDEXED_AT_A_TIME)
                        .coerce(NAME, VERSION, VALUE)
                        .fetch();
                for (Record row : page) {
                    insertTerms(sql, row.get(NAME), value(row).json());
                }
                if (page.size() < INDEXED_AT_A_TIME) {
                    break;
                }
                after = page.getLast().get(NAME);
            }
            sql.execute("delete from register_term_format");
            return sql.execute("insert into register_term_format (format) values (?)", RegisterTerm.FORMAT);
        });
    }

    private static void insertTerms(DSLContext sql, String name, String json) {
        for (RegisterTerm term : RegisterTerm.of(new RegisterName(name), json)) {
            sql.execute("insert into register_term (term, name) values (?, ?)", text(term), name);
        }
    }

    private static String text(RegisterTerm term) {
        return term.kind() + " " + term.text();
    }

    RegisterCache cache() {
        return cache;
    }

    /// The newest committed version, 0 when there is none.
    long committedVersion(String name) {
        return store.read(sql -> committedVersion(sql, name));
    }

    /// A committed version with its receipts and the certificates they name.
    @Nullable CommittedEntry committed(String name, long version) {
        return store.read(sql -> committed(sql, name, version));
    }

    /// Promises to accept nothing below `ballot`, or says what stands against it. What was accepted comes with
    /// a receipt when this party knows it from another only.
    ///
    /// @param ballot of `proposer`
    PrepareAnswer promise(String name, long version, long ballot, int proposer) {
        return store.write(sql -> {
            long known = committedVersion(sql, name);
            PrepareAnswer.Builder answer = PrepareAnswer.newBuilder().setVersion(known);
            if (version <= known) {
                return answer.setOutcome(Outcome.OUTCOME_DECIDED)
                        .setCommitted(
                                Objects.requireNonNull(committed(sql, name, version), "committed versions are kept"))
                        .build();
            }
            if (version > known + 1) {
                return answer.setOutcome(Outcome.OUTCOME_BEHIND).build();
            }
            Vote vote = vote(sql, name, version);
            long outbid = outbid(sql, name, version, vote, ballot, proposer);
            if (outbid != Ballot.NONE || ballot == vote.promised()) {
                return answer.setOutcome(Outcome.OUTCOME_OUTBID)
                        .setBallot(outbid == Ballot.NONE ? vote.promised() : outbid)
                        .build();
            }
            save(sql, name, version, vote.promising(ballot));
            answer.setOutcome(Outcome.OUTCOME_OK).setBallot(ballot);
            if (vote.accepted() != null) {
                answer.setAccepted(vote.accepted()).setAcceptedBallot(vote.acceptedBallot());
            }
            if (vote.told() != null) {
                answer.setAcceptedReceipt(vote.told().getReceipt())
                        .setCertificate(vote.told().getCertificate());
            }
            return answer.build();
        });
    }

    /// The ballot that keeps this party from voting at `ballot`, or none. A ballot too far ahead is one
    /// that it does not go to at once; it goes as far as it may, so that a party which missed many rounds
    /// arrives after some more.
    private long outbid(DSLContext sql, String name, long version, Vote vote, long ballot, int proposer) {
        if (ballot < vote.promised()) {
            return vote.promised();
        }
        long reach = Ballot.reach(vote.promised(), proposer);
        if (ballot <= reach) {
            return Ballot.NONE;
        }
        save(sql, name, version, vote.promising(reach));
        return reach;
    }

    /// Accepts `entry` at `ballot` unless a higher ballot was promised.
    ///
    /// @param ballot of `proposer`
    AcceptAnswer accept(Entry entry, long ballot, int proposer) {
        return store.write(sql -> {
            long known = committedVersion(sql, entry.getName());
            AcceptAnswer.Builder answer = AcceptAnswer.newBuilder().setVersion(known);
            if (entry.getVersion() <= known) {
                return answer.setOutcome(Outcome.OUTCOME_DECIDED)
                        .setCommitted(Objects.requireNonNull(
                                committed(sql, entry.getName(), entry.getVersion()), "committed versions are kept"))
                        .build();
            }
            if (entry.getVersion() > known + 1) {
                return answer.setOutcome(Outcome.OUTCOME_BEHIND).build();
            }
            Vote vote = vote(sql, entry.getName(), entry.getVersion());
            long outbid = outbid(sql, entry.getName(), entry.getVersion(), vote, ballot, proposer);
            if (outbid != Ballot.NONE) {
                return answer.setOutcome(Outcome.OUTCOME_OUTBID)
                        .setBallot(outbid)
                        .build();
            }
            save(sql, entry.getName(), entry.getVersion(), new Vote(ballot, ballot, entry, null));
            return answer.setOutcome(Outcome.OUTCOME_OK).setBallot(ballot).build();
        });
    }

    /// Whether this party accepted exactly this entry before, at any ballot.
    boolean hasAccepted(Entry entry) {
        Vote vote = store.read(sql -> vote(sql, entry.getName(), entry.getVersion()));
        return vote.told() == null && entry.equals(vote.accepted());
    }

    /// The ballot at which this party knows of an acceptance of its own, or none.
    long acceptedBallot(String name, long version) {
        return store.read(sql -> vote(sql, name, version)).acceptedBallot();
    }

    /// The votes on versions that are not committed here, of registers after `after`, in the order of their names. What
    /// this party accepted by itself comes without a receipt.
    List<OpenVote> openVotes(String after, int limit) {
        return store.read(sql -> sql.resultQuery(
                        "select name, version, promised, accepted_ballot, accepted, told from register_vote"
                                + " where name > ? order by name limit ?",
                        after,
                        limit)
                .coerce(NAME, VERSION, PROMISED, ACCEPTED_BALLOT, ACCEPTED, TOLD)
                .fetch()
                .map(row -> open(row.get(NAME), row.get(VERSION), vote(row.get(NAME), row))));
    }

    private static OpenVote open(String name, long version, Vote vote) {
        OpenVote.Builder open =
                OpenVote.newBuilder().setName(name).setVersion(version).setPromised(vote.promised());
        if (vote.accepted() != null) {
            open.setAccepted(vote.accepted()).setAcceptedBallot(vote.acceptedBallot());
        }
        if (vote.told() != null) {
            open.setReceipt(vote.told().getReceipt()).setCertificate(vote.told().getCertificate());
        }
        return open.build();
    }

    /// Takes over what another party tells of a vote in place of what this party has forgotten: it promises nothing
    /// lower, and reports what was accepted, from now on.
    ///
    /// @param told with a receipt that was checked, if anything was accepted
    void recall(OpenVote told) {
        store.write(sql -> {
            String name = told.getName();
            Record newer =
                    sql.fetchOne("select 1 from register_vote where name = ? and version > ?", name, told.getVersion());
            if (told.getVersion() <= committedVersion(sql, name) || newer != null) {
                return false;
            }
            Vote known = vote(sql, name, told.getVersion());
            // No word of one party takes this one further at once than a proposal of its would.
            long promised = Math.min(told.getPromised(), Ballot.reach(known.promised(), 0));
            Vote more = known.promising(Math.max(known.promised(), promised));
            boolean higher = told.hasAccepted() && told.getAcceptedBallot() > known.acceptedBallot();
            save(
                    sql,
                    name,
                    told.getVersion(),
                    higher ? new Vote(more.promised(), told.getAcceptedBallot(), told.getAccepted(), told) : more);
            return true;
        });
    }

    /// Makes `committed` the newest version; false when this version is there already.
    ///
    /// @throws IllegalArgumentException when it is not the version after the newest
    boolean commit(CommittedEntry committed) {
        Entry entry = committed.getEntry();
        String name = entry.getName();
        return store.write(sql -> {
            long known = committedVersion(sql, name);
            if (entry.getVersion() <= known) {
                return false;
            }
            if (entry.getVersion() != known + 1) {
                throw new IllegalArgumentException(
                        "%s is at version %d and cannot take version %d".formatted(name, known, entry.getVersion()));
            }
            boolean live = RegisterValue.isLive(entry.getValue().toStringUtf8());
            sql.execute(
                    "insert into register_entry (name, version, committed, chain) values (?, ?, ?, ?)",
                    name,
                    entry.getVersion(),
                    committed.toBuilder().clearCertificates().build().toByteArray(),
                    chain(chain(sql, newestPosition(sql)), name, entry.getVersion()));
            sql.execute("""
                    insert into register (name, version, value, live) values (?, ?, ?, ?)
                    on conflict (name) do update set version = excluded.version, value = excluded.value, live = excluded.live""", name, entry.getVersion(), entry.getValue().toByteArray(), live ? 1 : 0);
            sql.execute("delete from register_term where name = ?", name);
            insertTerms(sql, name, entry.getValue().toStringUtf8());
            sql.execute("delete from register_vote where name = ? and version <= ?", name, entry.getVersion());
            cache.begin(newestPosition(sql));
            return true;
        });
    }

    /// The newest committed value.
    static @Nullable RegisterValue value(DSLContext sql, RegisterName name) {
        Record row = sql.resultQuery("select version, value from register where name = ?", name.text())
                .coerce(VERSION, VALUE)
                .fetchOne();
        return row == null ? null : value(row);
    }

    /// Live registers whose names begin with `prefix`, after `after`, in the order of their names.
    static List<DirectoryView.Entry> list(DSLContext sql, String prefix, String after, int limit) {
        String from = after.compareTo(prefix) > 0 ? after : prefix;
        return sql.resultQuery(
                        "select name, version, value from register where name > ? and name < ? and live = 1 order by name limit ?",
                        from,
                        prefix + Character.MAX_VALUE,
                        limit)
                .coerce(NAME, VERSION, VALUE)
                .fetch()
                .map(row -> new DirectoryView.Entry(new RegisterName(row.get(NAME)), value(row)));
    }

    /// Live registers that have the term, after `after`, in the order of their names.
    static List<DirectoryView.Entry> find(DSLContext sql, RegisterTerm term, String after, int limit) {
        return sql.resultQuery("""
                        select r.name as name, r.version as version, r.value as value
                        from register_term t join register r on r.name = t.name
                        where t.term = ? and t.name > ? order by t.name limit ?""", text(term), after, limit)
                .coerce(NAME, VERSION, VALUE)
                .fetch()
                .map(row -> new DirectoryView.Entry(new RegisterName(row.get(NAME)), value(row)));
    }

    /// How many live registers have names that begin with `prefix`, as far as `enough`.
    static int count(DSLContext sql, String prefix, int enough) {
        return sql.resultQuery("""
                        select count(*) as count from
                        (select 1 from register where name > ? and name < ? and live = 1 limit ?)""", prefix, prefix + Character.MAX_VALUE, enough)
                .coerce(COUNT)
                .fetchSingle()
                .value1()
                .intValue();
    }

    /// How many live registers have names that begin with `prefix`.
    long count(String prefix) {
        return store.read(sql -> sql.resultQuery(
                        "select count(*) as count from register where name > ? and name < ? and live = 1",
                        prefix,
                        prefix + Character.MAX_VALUE)
                .coerce(COUNT)
                .fetchSingle()
                .value1());
    }

    /// What was committed here after `after`, in order.
    List<Position> positions(long after, int limit) {
        return store.read(sql -> sql.resultQuery(
                        "select position, name, version from register_entry where position > ? order by position limit ?",
                        after,
                        limit)
                .coerce(POSITION, NAME, VERSION)
                .fetch()
                .map(row -> Position.newBuilder()
                        .setPosition(row.get(POSITION))
                        .setName(row.get(NAME))
                        .setVersion(row.get(VERSION))
                        .build()));
    }

    long newestPosition() {
        return store.read(RegisterStore::newestPosition);
    }

    static long newestPosition(DSLContext sql) {
        return sql.resultQuery("select coalesce(max(position), 0) as position from register_entry")
                .coerce(POSITION)
                .fetchSingle()
                .value1();
    }

    /// The hash over this party's commits up to `position`; empty when there is no such commit, or none was
    /// made.
    ByteString chain(long position) {
        byte[] chain = store.read(sql -> chain(sql, position));
        return chain == null ? ByteString.EMPTY : ByteString.copyFrom(chain);
    }

    private static byte @Nullable [] chain(DSLContext sql, long position) {
        return sql.resultQuery("select chain from register_entry where position = ?", position)
                .coerce(CHAIN)
                .fetchOne(CHAIN);
    }

    private static byte[] chain(byte @Nullable [] before, String name, long version) {
        MessageDigest digest = Receipts.sha256();
        digest.update(before == null ? new byte[digest.getDigestLength()] : before);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(version).flip());
        return digest.digest(name.getBytes(StandardCharsets.UTF_8));
    }

    /// How far a peer was followed.
    ///
    /// @param chain the peer's hash over its commits up to there; empty when it gave none
    record Followed(long position, ByteString chain) {
        static final Followed NOTHING = new Followed(0, ByteString.EMPTY);
    }

    Followed followed(int party) {
        Record row =
                store.read(sql -> sql.resultQuery("select position, chain from peer_position where party = ?", party)
                        .coerce(POSITION, CHAIN)
                        .fetchOne());
        if (row == null) {
            return Followed.NOTHING;
        }
        byte[] chain = row.get(CHAIN);
        return new Followed(row.get(POSITION), chain == null ? ByteString.EMPTY : ByteString.copyFrom(chain));
    }

    void follow(int party, Followed followed) {
        store.write(sql ->
                sql.execute("""
                insert into peer_position (party, position, chain) values (?, ?, ?)
                on conflict (party) do update set position = excluded.position, chain = excluded.chain""", party, followed.position(), followed.chain().toByteArray()));
    }

    byte @Nullable [] certificate(byte[] fingerprint) {
        Record row = store.read(
                sql -> sql.fetchOne("select der from signer_certificate where fingerprint = ?", fingerprint));
        return row == null ? null : row.get(0, byte[].class);
    }

    void keepCertificate(byte[] fingerprint, byte[] der) {
        store.write(sql -> sql.execute(
                "insert into signer_certificate (fingerprint, der) values (?, ?) on conflict (fingerprint) do nothing",
                fingerprint,
                der));
    }

    /// @param told what another party told of it, when this one did not accept by itself
    private record Vote(
            long promised,
            long acceptedBallot,
            @Nullable Entry accepted,
            @Nullable OpenVote told) {
        static final Vote NONE = new Vote(Ballot.NONE, Ballot.NONE, null, null);

        Vote promising(long ballot) {
            return new Vote(ballot, acceptedBallot, accepted, told);
        }

        /// A vote as it was stored. A promise above all possible ballots binds to nothing, since no party
        /// votes at such a ballot any more: without it, the register can change again. An acceptance up
        /// there stays the last one.
        static Vote stored(long promised, long acceptedBallot, @Nullable Entry accepted, @Nullable OpenVote told) {
            long lastAccepted = Ballot.isPossible(acceptedBallot) ? acceptedBallot : Ballot.HIGHEST;
            if (Ballot.isPossible(promised)) {
                return new Vote(promised, lastAccepted, accepted, told);
            }
            return new Vote(
                    Ballot.isPossible(acceptedBallot) ? acceptedBallot : Ballot.NONE, lastAccepted, accepted, told);
        }
    }

    private static Vote vote(DSLContext sql, String name, long version) {
        Record row = sql.resultQuery(
                        "select promised, accepted_ballot, accepted, told from register_vote where name = ? and version = ?",
                        name,
                        version)
                .coerce(PROMISED, ACCEPTED_BALLOT, ACCEPTED, TOLD)
                .fetchOne();
        return row == null ? Vote.NONE : vote(name, row);
    }

    private static Vote vote(String name, Record row) {
        byte[] accepted = row.get(ACCEPTED);
        byte[] told = row.get(TOLD);
        try {
            return Vote.stored(
                    row.get(PROMISED),
                    row.get(ACCEPTED_BALLOT),
                    accepted == null ? null : Entry.parseFrom(accepted),
                    told == null ? null : OpenVote.parseFrom(told));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the stored vote on %s is damaged".formatted(name), e);
        }
    }

    private void save(DSLContext sql, String name, long version, Vote vote) {
        long written = votes.incrementAndGet();
        sql.execute(
                """
                insert into register_vote (name, version, promised, accepted_ballot, accepted, told, written)
                values (?, ?, ?, ?, ?, ?, ?)
                on conflict (name) do update set version = excluded.version, promised = excluded.promised,
                    accepted_ballot = excluded.accepted_ballot, accepted = excluded.accepted, told = excluded.told,
                    written = excluded.written""",
                name,
                version,
                vote.promised(),
                vote.acceptedBallot(),
                vote.accepted() == null ? null : vote.accepted().toByteArray(),
                vote.told() == null ? null : vote.told().toByteArray(),
                written);
        if (written % VOTES_BETWEEN_TRIMS == 0) {
            trim(sql);
        }
    }

    /// Anyone may ask for a promise, and a register that never comes to be keeps it for good. So the oldest
    /// of each party go: a proposal is over long before its proposer has begun so many others.
    private static void trim(DSLContext sql) {
        sql.execute("""
                delete from register_vote where name in (
                    select name from (
                        select name, row_number() over (partition by promised & 255 order by written desc) as place
                        from register_vote where version = 1 and accepted is null)
                    where place > ?)""", KEPT_PROMISES);
    }

    private static long committedVersion(DSLContext sql, String name) {
        Long version = sql.resultQuery("select version from register where name = ?", name)
                .coerce(VERSION)
                .fetchOne(VERSION);
        return version == null ? 0 : version;
    }

    private static @Nullable CommittedEntry committed(DSLContext sql, String name, long version) {
        Record row = sql.fetchOne("select committed from register_entry where name = ? and version = ?", name, version);
        if (row == null) {
            return null;
        }
        try {
            CommittedEntry entry = CommittedEntry.parseFrom(row.get(0, byte[].class));
            return entry.toBuilder()
                    .addAllCertificates(certificates(sql, entry))
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the stored version %d of %s is damaged".formatted(version, name), e);
        }
    }

    private static List<ByteString> certificates(DSLContext sql, CommittedEntry entry) {
        Set<ByteString> wanted = new LinkedHashSet<>();
        for (Receipt receipt : entry.getReceiptsList()) {
            wanted.add(receipt.getCertificateFingerprint());
        }
        List<ByteString> certificates = new ArrayList<>();
        for (ByteString fingerprint : wanted) {
            Record row =
                    sql.fetchOne("select der from signer_certificate where fingerprint = ?", fingerprint.toByteArray());
            if (row != null) {
                certificates.add(ByteString.copyFrom(row.get(0, byte[].class)));
            }
        }
        return certificates;
    }

    private static RegisterValue value(Record row) {
        return new RegisterValue(row.get(VERSION), new String(row.get(VALUE), StandardCharsets.UTF_8));
    }
}
