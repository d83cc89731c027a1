package dev.whetstone.leaderboard.store;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SurroundingsException;
import java.nio.file.Path;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a failure of the database means to whoever gave the command. */
final class DatabaseFault {
  /** Codes that are the machine's fault, or another process's. */
  private static final Set<SQLiteErrorCode> SURROUNDINGS =
      Set.of(
          SQLiteErrorCode.SQLITE_BUSY,
          SQLiteErrorCode.SQLITE_CANTOPEN,
          SQLiteErrorCode.SQLITE_FULL,
          SQLiteErrorCode.SQLITE_IOERR,
          SQLiteErrorCode.SQLITE_LOCKED,
          SQLiteErrorCode.SQLITE_NOMEM,
          SQLiteErrorCode.SQLITE_PERM,
          SQLiteErrorCode.SQLITE_READONLY);

  private static final Set<SQLiteErrorCode> OURS =
      Set.of(
          SQLiteErrorCode.SQLITE_CONSTRAINT,
          SQLiteErrorCode.SQLITE_MISMATCH,
          SQLiteErrorCode.SQLITE_MISUSE,
          SQLiteErrorCode.SQLITE_RANGE);

  private static final int PRIMARY_CODE = 0xff; // the rest of a code only details it

  private DatabaseFault() {}

  /**
   * The failure as bad input, or as the surroundings' where SQLite's code says so; as it is where a
   * statement of ours broke a rule of the tables.
   */
  static RuntimeException of(Path file, RuntimeException e) {
    Throwable innermost = e;
    for (Throwable at = e; at != null; at = at.getCause()) {
      innermost = at;
      if (at instanceof SQLiteException sqlite && has(sqlite, OURS)) {
        return e;
      }
      if (at instanceof SQLiteException sqlite && has(sqlite, SURROUNDINGS)) {
        return new SurroundingsException(
            "%s: the board's database cannot be used (%s); free space, choose another --db, or wait for whoever uses it."
                .formatted(file, firstLine(sqlite)),
            e);
      }
    }
    return new BadInputException(
        "%s: expected a board's database, found a file that cannot be used as one (%s); choose another --db."
            .formatted(file, firstLine(innermost)),
        e);
  }

  private static boolean has(SQLiteException e, Set<SQLiteErrorCode> codes) {
    int code = e.getResultCode().code & PRIMARY_CODE;
    return codes.stream().anyMatch(known -> known.code == code);
  }

  /**
   * Refuses a database that a later Whetstone has changed: its tables may mean something else.
   *
   * @throws BadInputException if it is of a later version
   */
  static void checkVersion(Path file, Flyway flyway) {
    for (MigrationInfo migration : flyway.info().all()) {
      if (migration.getState().isApplied() && !migration.getState().isResolved()) {
        throw new BadInputException(
            "%s: expected a board's database that this version knows, found one that a later Whetstone changed (schema version %s); use that version, or choose another --db."
                .formatted(file, migration.getVersion()));
      }
    }
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
