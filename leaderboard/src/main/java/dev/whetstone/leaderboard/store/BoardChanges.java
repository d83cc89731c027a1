package dev.whetstone.leaderboard.store;

import org.jdbi.v3.core.Handle;

/**
 * A number that grows whenever something changes that pages show, whichever process changes it.
 * Costs a read of one row.
 */
public final class BoardChanges implements AutoCloseable {
  private final Handle handle;

  BoardChanges(Handle handle) {
    this.handle = handle;
  }

  public synchronized long number() {
    return handle.createQuery("SELECT number FROM board_change").mapTo(Long.class).one();
  }

  @Override
  public synchronized void close() {
    handle.close();
  }
}
