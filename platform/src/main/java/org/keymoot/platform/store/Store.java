package org.keymoot.platform.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.disk.InsufficientStorage;
import org.keymoot.platform.disk.PrivateFiles;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// An SQLite database with one writer and several readers.
///
/// It keeps true: [#write] returns only once its transaction is on disk, and all transactions that wait at that
/// moment share one flush; a read sees every write that returned before it began. SQLite's write-ahead log is
/// flushed on each commit (`synchronous=FULL`), and is copied into the database by the writer itself, so that a
/// failed flush there is noticed as well.
public final class Store implements AutoCloseable {
    private static final int PAGE_BYTES = 4096;
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    private final StoreOptions options;
    private final HikariDataSource readers;
    private final Writer writer;

    private Store(StoreOptions options, HikariDataSource readers, Writer writer) {
        this.options = options;
        this.readers = readers;
        this.writer = writer;
    }

    /// One unit of work on the database. It may run queries and changes; a thrown exception undoes it alone.
    @FunctionalInterface
    public interface Work<T extends @Nullable Object> {
        T run(DSLContext sql);
    }

    /// Opens the database, making it when missing, and brings it to the newest migration.
    ///
    /// @throws org.keymoot.platform.disk.InsecurePermissions when others have access to the file
    /// @throws StoreFailed when the file is damaged, or was written by a newer release
    /// @throws InsufficientStorage when there is no room for the migrations
    public static Store open(StoreOptions options, FailStop failStop) throws IOException {
        makePrivate(options.file());
        try {
            migrate(options);
            Connection connection = writing(options).getConnection();
            Writer writer = new Writer(connection, options, failStop);
            Store store = new Store(options, readers(options), writer);
            writer.start();
            return store;
        } catch (SQLException | RuntimeException e) {
            if (DiskFault.of(e) == DiskFault.NO_ROOM) {
                throw new InsufficientStorage(
                        "no room to open database %s: free some space and start again".formatted(options.file()), e);
            }
            throw new StoreFailed(
                    "database %s does not open: %s; restore it from a backup, or start with the release that wrote it"
                            .formatted(options.file(), e.getMessage()),
                    e);
        }
    }

    /// Runs `work` in a transaction of its own and returns when that is on disk.
    ///
    /// @throws InsufficientStorage when there is no room; nothing was changed
    /// @throws StoreFailed when the store is closed, overloaded or has failed; after a failure of the disk it
    ///     is not known whether the change will be there after the restart
    public <T extends @Nullable Object> T write(Work<T> work) {
        return writer.submit(work).await();
    }

    /// Runs `work` on a consistent, read-only view, in the caller's thread.
    public <T extends @Nullable Object> T read(Work<T> work) {
        try (Connection connection = readers.getConnection()) {
            connection.setAutoCommit(false);
            try {
                return work.run(DSL.using(connection, SQLDialect.SQLITE));
            } finally {
                connection.rollback();
            }
        } catch (SQLException e) {
            throw new StoreFailed("no connection to read %s: %s".formatted(options.file(), e.getMessage()), e);
        }
    }

    /// Writes a consistent copy of the database, as of now, to a private file that must not exist yet.
    public void backup(Path target) throws IOException {
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        makePrivate(target);
        try (Connection connection = reading(options).getConnection()) {
            DSL.using(connection, SQLDialect.SQLITE).execute("vacuum into ?", target.toString());
        } catch (SQLException | RuntimeException e) {
            Files.deleteIfExists(target);
            throw new IOException("the copy of %s failed: %s".formatted(options.file(), e.getMessage()), e);
        }
        PrivateFiles.sync(target);
    }

    /// Why writes fail at present, empty when they do not.
    public String trouble() {
        return writer.trouble();
    }

    /// Finishes the writes that were accepted, then closes. Later calls throw [StoreFailed].
    @Override
    public void close() {
        writer.close();
        readers.close();
    }

    private static void makePrivate(Path file) throws IOException {
        PrivateFiles.openOrCreate(file).close();
    }

    private static void migrate(StoreOptions options) {
        try {
            Flyway.configure(Store.class.getClassLoader())
                    .dataSource(writing(options))
                    .locations("classpath:" + options.migrations())
                    .failOnMissingLocations(true)
                    .cleanDisabled(true)
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new IllegalStateException("migrations of " + options.migrations() + " failed: " + e.getMessage(), e);
        }
    }

    private static SQLiteDataSource writing(StoreOptions options) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setPragma(SQLiteConfig.Pragma.MAX_PAGE_COUNT, Long.toString(options.maximumBytes() / PAGE_BYTES));
        return source(options, config);
    }

    private static SQLiteDataSource reading(StoreOptions options) {
        SQLiteConfig config = new SQLiteConfig();
        config.setExplicitReadOnly(true);
        config.setReadOnly(true);
        return source(options, config);
    }

    private static SQLiteDataSource source(StoreOptions options, SQLiteConfig config) {
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + options.file().toAbsolutePath());
        return source;
    }

    private static HikariDataSource readers(StoreOptions options) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("store-readers");
        config.setDataSource(reading(options));
        config.setMaximumPoolSize(options.readers());
        config.setConnectionTimeout(options.patience().toMillis());
        config.setInitializationFailTimeout(-1);
        config.setReadOnly(true);
        return new HikariDataSource(config);
    }
}
