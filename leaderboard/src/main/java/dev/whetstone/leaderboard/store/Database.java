package dev.whetstone.leaderboard.store;

import dev.whetstone.artifacts.BadInputException;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteDataSource;

/**
 * The SQLite file of a board, its tables up to date. A connection lasts as long as its call;
 * writers wait for one another, readers see the last commit.
 */
final class Database {
  private static final int BUSY_TIMEOUT_MILLIS = 10_000;

  private final Path file;
  private final DataSource source;
  private final Jdbi writer;
  private final Jdbi reader;

  private Database(Path file, DataSource writing, DataSource reading) {
    this.file = file;
    this.source = writing;
    this.writer = Jdbi.create(writing);
    this.reader = Jdbi.create(reading);
  }

  /**
   * @throws BadInputException if the file is no board
   */
  static Database open(Path file) {
    // IMMEDIATE takes the write lock at BEGIN: a DEFERRED one that reads first can fail with
    // SQLITE_BUSY_SNAPSHOT, which the busy timeout does not retry.
    SQLiteDataSource writing = source(file, TransactionMode.IMMEDIATE);
    try {
      Flyway flyway =
          Flyway.configure().dataSource(writing).locations("classpath:db/sqlite").load();
      DatabaseFault.checkVersion(file, flyway);
      flyway.migrate();
    } catch (FlywayException e) {
      throw DatabaseFault.of(file, e);
    }
    return new Database(file, writing, source(file, TransactionMode.DEFERRED));
  }

  private static SQLiteDataSource source(Path file, TransactionMode mode) {
    var sqlite = new SQLiteConfig();
    sqlite.setJournalMode(JournalMode.WAL);
    sqlite.setSynchronous(SynchronousMode.NORMAL);
    sqlite.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    sqlite.enforceForeignKeys(true);
    sqlite.setTransactionMode(mode);
    var source = new SQLiteDataSource(sqlite);
    // As an address, in which a question mark of the file's name is escaped.
    source.setUrl("jdbc:sqlite:" + file.toAbsolutePath().toUri());
    return source;
  }

  /** In a transaction that may write. */
  <T> T write(HandleCallback<T, RuntimeException> work) {
    return transaction(writer, work);
  }

  /** In a transaction that sees one state of the board and keeps nobody from writing. */
  <T> T read(HandleCallback<T, RuntimeException> work) {
    return transaction(reader, work);
  }

  /** A connection for reading that lasts until it is closed. */
  Handle connection() {
    return reader.open();
  }

  DataSource source() {
    return source;
  }

  private <T> T transaction(Jdbi jdbi, HandleCallback<T, RuntimeException> work) {
    try {
      return jdbi.inTransaction(work);
    } catch (JdbiException e) {
      throw DatabaseFault.of(file, e);
    }
  }
}
