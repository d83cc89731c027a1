package dev.whetstone.leaderboard.web;

import dev.whetstone.leaderboard.page.Site;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The site as the board is now. Files are rendered when first asked for and kept, up to a number of
 * bytes; all are forgotten when the board changes. While the board is judged anew, readers get the
 * site before. Safe for several threads.
 */
final class LiveSite {
  /** Longest time for which a change by another process may go unseen. */
  static final Duration CHECK_EVERY = Duration.ofMillis(500);

  private static final long MAX_CACHED_BYTES = 128L << 20;

  private final LongSupplier boardVersion;
  private final Supplier<Site> judge;
  private final AtomicLong nextCheck = new AtomicLong(System.nanoTime());
  private final ReentrantLock judging = new ReentrantLock();
  private volatile Edition edition;

  /**
   * @param boardVersion changes whenever the board does
   * @param judge lays out the board as it is
   */
  LiveSite(LongSupplier boardVersion, Supplier<Site> judge) {
    this.boardVersion = boardVersion;
    this.judge = judge;
    this.edition = new Edition(boardVersion.getAsLong(), judge.get());
  }

  Optional<CachedFile> find(String path) {
    long due = nextCheck.get();
    long now = System.nanoTime();
    if (now - due >= 0 && nextCheck.compareAndSet(due, now + CHECK_EVERY.toNanos())) {
      refresh(false);
    }
    return edition.find(path);
  }

  /** Looks for changes now: what was stored before this call is on the pages after it. */
  void refresh() {
    refresh(true);
  }

  private void refresh(boolean waits) {
    if (waits) {
      judging.lock();
    } else if (!judging.tryLock()) {
      return;
    }
    try {
      // The version first: a change in between is then seen by the next check.
      long version = boardVersion.getAsLong();
      if (version != edition.version) {
        edition = new Edition(version, judge.get());
      }
    } finally {
      judging.unlock();
    }
  }

  /** One state of the board. */
  private static final class Edition {
    private final long version;
    private final Site site;
    private final Map<String, CachedFile> files = new LinkedHashMap<>(16, 0.75f, true);
    private long sizeBytes;

    Edition(long version, Site site) {
      this.version = version;
      this.site = site;
    }

    Optional<CachedFile> find(String path) {
      synchronized (this) {
        CachedFile known = files.get(path);
        if (known != null) {
          return Optional.of(known);
        }
      }
      // Rendered outside the lock: a long page must not hold up the others.
      Optional<CachedFile> made = site.find(path).map(CachedFile::of);
      made.ifPresent(file -> keep(path, file));
      return made;
    }

    private synchronized void keep(String path, CachedFile file) {
      CachedFile before = files.put(path, file);
      sizeBytes += file.sizeBytes() - (before == null ? 0 : before.sizeBytes());
      var oldest = files.values().iterator();
      while (sizeBytes > MAX_CACHED_BYTES && files.size() > 1) {
        sizeBytes -= oldest.next().sizeBytes();
        oldest.remove();
      }
    }
  }
}
