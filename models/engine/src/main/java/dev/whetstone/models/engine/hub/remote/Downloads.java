package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.artifacts.model.HubReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files of one commit into a folder, chunks of all of them in parallel. A file appears under its
 * name when its hash is right, not before; until then it lies in {@value #PARTS}, where a later
 * process goes on with it.
 *
 * @param folder this process's alone
 * @param chunkBytes of one range request
 */
record Downloads(
    HubHttp http,
    HubApi api,
    HubReference repository,
    Snapshot snapshot,
    Path folder,
    int chunkBytes) {
  static final String PARTS = ".parts";

  /** Small enough that a kill loses little, large enough that requests do not matter. */
  static final int CHUNK_BYTES = 16 << 20;

  /** More fill no line that we know of, and hubs limit requests. */
  private static final int CONNECTIONS = 4;

  /** Left free on the disk: manifests, and other programs. */
  private static final long SPARE_BYTES = 64 << 20;

  private record Pending(HubFile file, PartFile part, AtomicInteger tasks) {}

  /**
   * Fetches what is missing.
   *
   * @return what lies in the folder then, by path
   * @throws SurroundingsException if the hub cannot be reached, bytes have another hash than it
   *     says, or the disk is too small; what has arrived stays for the next try
   */
  List<FetchRecord.Item> run(List<HubFile> files) {
    List<FetchRecord.Item> items = Collections.synchronizedList(new ArrayList<>());
    List<Pending> pending = new ArrayList<>();
    try {
      try {
        Files.createDirectories(folder.resolve(PARTS));
        for (HubFile file : files) {
          if (!isHere(file, items)) {
            pending.add(begin(file));
          }
        }
        checkSpace(pending);
        fetch(pending, items);
      } finally {
        for (Pending one : pending) {
          one.part().close();
        }
      }
      ArtifactFolder.delete(folder.resolve(PARTS));
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
    return items.stream().sorted(Comparator.comparing(FetchRecord.Item::path)).toList();
  }

  /** Whether an earlier process finished the file; its bytes are looked at again. */
  private boolean isHere(HubFile file, List<FetchRecord.Item> items) throws IOException {
    Path place = folder.resolve(file.path());
    if (!Files.isRegularFile(place)) {
      return false;
    }
    Hashes found = Hashes.of(place);
    if (Files.size(place) != file.sizeBytes() || !fault(file, found).isEmpty()) {
      Files.delete(place);
      return false;
    }
    items.add(item(file, found));
    return true;
  }

  private Pending begin(HubFile file) throws IOException {
    // A name of fixed length: paths are long, and their folders are not there yet.
    String name = ContentHash.sha256(file.path()).substring(0, 32);
    PartFile part =
        PartFile.open(
            folder.resolve(PARTS).resolve(name), file.identity(), file.sizeBytes(), chunkBytes);
    return new Pending(file, part, new AtomicInteger());
  }

  private void checkSpace(List<Pending> pending) throws IOException {
    long missing =
        pending.stream().mapToLong(p -> p.file().sizeBytes() - p.part().doneBytes()).sum();
    long free = Files.getFileStore(folder).getUsableSpace();
    if (missing + SPARE_BYTES > free) {
      throw new SurroundingsException(
          "%s: expected %s free for %s, found %s; free space, or choose another disk with --to or WHETSTONE_HOME."
              .formatted(folder, megabytes(missing + SPARE_BYTES), repository, megabytes(free)));
    }
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", (bytes + 999_999) / 1_000_000);
  }

  private void fetch(List<Pending> pending, List<FetchRecord.Item> items) throws IOException {
    long total = pending.stream().mapToLong(p -> p.file().sizeBytes()).sum();
    var arrived = new AtomicLong(pending.stream().mapToLong(p -> p.part().doneBytes()).sum());
    var stopped = new AtomicBoolean();
    ExecutorService workers = Executors.newFixedThreadPool(CONNECTIONS, Downloads::daemon);
    try (Progress progress = Progress.of("fetch " + repository + " (MB)", total / 1_000_000)) {
      long begun = System.nanoTime();
      long before = arrived.get();
      var shown = new AtomicLong(-1);
      CompletionService<Boolean> tasks = new ExecutorCompletionService<>(workers);
      int submitted = 0;
      for (Pending one : pending) {
        List<Integer> chunks = missing(one.part());
        if (chunks.isEmpty()) {
          finish(one, items);
          continue;
        }
        one.tasks().set(chunks.size());
        FileDownload download =
            new FileDownload(
                http,
                new Refusals(http.endpoint(), repository),
                api.content(repository, snapshot, one.file()),
                repository + ": " + one.file().path(),
                one.part(),
                bytes -> {
                  // A file that is read from its start again is not counted twice.
                  long now = Math.min(total, arrived.addAndGet(bytes));
                  if (shown.getAndSet(now / 1_000_000) != now / 1_000_000) {
                    double seconds = (System.nanoTime() - begun) / 1e9;
                    String speed =
                        String.format(Locale.ROOT, "%.1f MB/s", (now - before) / 1e6 / seconds);
                    progress.to(now / 1_000_000, speed);
                  }
                },
                stopped);
        for (int chunk : chunks) {
          tasks.submit(
              () -> {
                download.fetch(chunk);
                if (one.tasks().decrementAndGet() == 0) {
                  finish(one, items);
                }
                return true;
              });
          submitted++;
        }
      }
      for (int i = 0; i < submitted; i++) {
        await(tasks);
      }
    } finally {
      stopped.set(true);
      http.abandonTransfers();
      stop(workers);
    }
  }

  private static List<Integer> missing(PartFile part) {
    var chunks = new ArrayList<Integer>();
    for (int chunk = 0; chunk < part.chunks(); chunk++) {
      if (!part.isDone(chunk)) {
        chunks.add(chunk);
      }
    }
    return chunks;
  }

  private static void await(CompletionService<Boolean> tasks) throws IOException {
    try {
      boolean unused = tasks.take().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SurroundingsException("interrupted while fetching", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Waits, so that no thread writes to a part that is closed. */
  private static void stop(ExecutorService workers) {
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(10, TimeUnit.SECONDS)) {
        System.err.println("fetch: a connection does not end; it is left to the system");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Thread daemon(Runnable work) {
    var thread = new Thread(work, "hub download");
    thread.setDaemon(true);
    return thread;
  }

  /** Checks a file whose bytes are all there and gives it its name. */
  private void finish(Pending one, List<FetchRecord.Item> items) throws IOException {
    HubFile file = one.file();
    PartFile part = one.part();
    Hashes found = Hashes.of(part.file(), file.sha256().isEmpty());
    String fault = fault(file, found);
    if (!fault.isEmpty()) {
      part.discard();
      throw new SurroundingsException(
          "%s: %s: %s; the bytes were thrown away, fetch again."
              .formatted(repository, file.path(), fault));
    }
    part.force();
    Path place = folder.resolve(file.path());
    Files.createDirectories(place.getParent());
    Files.move(part.file(), place, StandardCopyOption.ATOMIC_MOVE);
    items.add(item(file, found));
  }

  /** How the content differs from what the hub says; empty if it does not. */
  private static String fault(HubFile file, Hashes found) {
    if (file.sha256().isPresent() && !file.sha256().get().equals(found.sha256())) {
      return "expected SHA-256 %s, found %s".formatted(file.sha256().get(), found.sha256());
    }
    if (file.sha256().isEmpty()
        && file.gitSha1().isPresent()
        && !file.gitSha1().get().equals(found.gitSha1())) {
      return "expected Git's SHA-1 %s, found %s".formatted(file.gitSha1().get(), found.gitSha1());
    }
    return "";
  }

  private static FetchRecord.Item item(HubFile file, Hashes found) {
    String checked =
        file.sha256().isPresent() ? "sha256" : file.gitSha1().isPresent() ? "git_sha1" : "size";
    return new FetchRecord.Item(file.path(), file.sizeBytes(), found.sha256(), checked);
  }
}
