package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.FolderLock;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.HubCache;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Brings files of a hub's repository into a finished folder. {@link #folder} is the page. Any
 * number of processes may fetch the same at once: one does, the others wait and find it done. Close
 * it when done.
 */
public final class HubFetch implements AutoCloseable {
  /** Of folders that hold neither a model nor an adapter as a whole. */
  public static final String FORMAT = "whetstone.fetched/1";

  /** Raised when the same files would give another manifest. */
  private static final int BEHAVIOUR = 1;

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);

  private final HubHttp http;
  private final HubApi api;
  private final HubCache cache;
  private final int chunkBytes;

  HubFetch(HubEndpoint endpoint, HubCache cache, Patience patience, int chunkBytes) {
    this.http = new HubHttp(endpoint, patience);
    this.api = HubApi.of(http);
    this.cache = cache;
    this.chunkBytes = chunkBytes;
  }

  /** At {@code endpoint}, into {@code cache}. */
  public static HubFetch of(HubEndpoint endpoint, HubCache cache) {
    return new HubFetch(endpoint, cache, Patience.usual(), Downloads.CHUNK_BYTES);
  }

  /**
   * Fetches the wanted files of a repository.
   *
   * @param reference without a file
   * @param to the folder to fill; empty for the cache
   * @param overwrite whether other work of ours in that folder may be replaced
   * @return a folder with a manifest: of a model, where the files are one
   * @throws BadInputException if the repository is not there or lacks what is wanted
   * @throws SurroundingsException if the hub cannot be reached or the disk is too small; what has
   *     arrived stays for the next try
   */
  public Path folder(
      HubReference reference, FileSelection selection, Optional<Path> to, boolean overwrite) {
    Instant started = Instant.now();
    Snapshot snapshot;
    try {
      snapshot = api.snapshot(reference);
    } catch (HubHttp.UnreachableException e) {
      return cached(reference, selection, to, e);
    }
    List<HubFile> files = wanted(reference, snapshot, selection);
    String id = id(reference, snapshot, files);
    Path target = to.orElseGet(() -> place(reference, snapshot, selection, id));
    Optional<ArtifactFolder> begun = begin(target, reference, id, files, overwrite);
    if (begun.isEmpty()) {
      System.err.println("fetch: unchanged, reused " + target);
    } else {
      try (ArtifactFolder folder = begun.get()) {
        fill(folder, reference, snapshot, files, started);
      }
    }
    if (to.isEmpty() && selection.isOfModel()) {
      cache.remember(reference, snapshot.commit());
    }
    return target;
  }

  /** What a reference means: the commit, and what the hub lists there if it could be asked. */
  public static final class Pinned {
    private final HubReference asked;
    private final String commit;
    private final Optional<Snapshot> snapshot;

    private Pinned(HubReference asked, String commit, Optional<Snapshot> snapshot) {
      this.asked = asked;
      this.commit = commit;
      this.snapshot = snapshot;
    }

    /** The same reference with the commit as its revision. */
    public HubReference reference() {
      return asked.at(commit);
    }

    /** The full hash. */
    public String commit() {
      return commit;
    }
  }

  /**
   * What the reference means now, or meant when the hub could be reached last.
   *
   * @throws BadInputException if there is no such repository or revision
   */
  public Pinned pin(HubReference reference) {
    try {
      Snapshot snapshot = api.snapshot(reference);
      return new Pinned(reference, snapshot.commit(), Optional.of(snapshot));
    } catch (HubHttp.UnreachableException e) {
      Optional<String> commit = cache.find(reference).flatMap(folder -> cache.commit(reference));
      return new Pinned(reference, commit.orElseThrow(() -> e), Optional.empty());
    }
  }

  /**
   * Fetches the one file that a reference names, into the cache's downloads.
   *
   * @throws BadInputException as {@link #folder}
   * @throws SurroundingsException as {@link #folder}
   */
  public Path file(Pinned pinned) {
    Instant started = Instant.now();
    HubReference reference = pinned.asked;
    String path = reference.file().orElseThrow();
    Snapshot snapshot = pinned.snapshot.orElseGet(() -> api.snapshot(reference));
    List<HubFile> files =
        snapshot.files().stream().filter(file -> file.path().equals(path)).toList();
    if (files.isEmpty()) {
      throw new BadInputException(
          "%s: expected the file there, found %s."
              .formatted(reference, alike(snapshot, path.substring(path.lastIndexOf('.') + 1))));
    }
    FileNames.check(reference, files);
    HubFile file = api.complete(reference, snapshot, files.get(0));
    String id = id(reference, snapshot, List.of(file));
    Path target = cache.downloads(reference, snapshot.commit()).resolve(id.substring(7, 23));
    begin(target, reference, id, List.of(file), false)
        .ifPresent(
            begun -> {
              try (ArtifactFolder folder = begun) {
                fill(folder, reference, snapshot, List.of(file), started);
              }
            });
    return target.resolve(file.path());
  }

  /** The last answer of a hub that cannot be reached now. */
  private Path cached(
      HubReference reference,
      FileSelection selection,
      Optional<Path> to,
      HubHttp.UnreachableException e) {
    Optional<Path> found =
        to.isEmpty() && selection.isOfModel() ? cache.find(reference) : Optional.empty();
    Path folder = found.orElseThrow(() -> e);
    System.err.printf(
        "fetch: %s Reused what %s meant when it was fetched last: %s%n",
        e.getMessage(), reference, folder);
    return folder;
  }

  private List<HubFile> wanted(HubReference reference, Snapshot snapshot, FileSelection selection) {
    List<HubFile> chosen = selection.choose(reference, snapshot.files());
    if (selection.include().isEmpty()) {
      checkModel(reference, snapshot, chosen.stream().map(HubFile::path).toList());
    } else if (chosen.isEmpty()) {
      throw new BadInputException(
          "%s: expected files that match %s, found none among %d."
              .formatted(reference, selection.include(), snapshot.files().size()));
    }
    FileNames.check(reference, chosen);
    return chosen.stream().map(file -> api.complete(reference, snapshot, file)).toList();
  }

  /** Told before the download, not after it. */
  private static void checkModel(HubReference reference, Snapshot snapshot, List<String> files) {
    if (files.contains(AdapterFolder.CONFIG_FILE) && files.contains(AdapterFolder.TENSORS_FILE)) {
      return;
    }
    boolean weights =
        files.contains(Safetensors.MODEL_FILE) || files.contains(Safetensors.INDEX_FILE);
    if (!weights) {
      throw new BadInputException(
          "%s: expected %s, %s or an adapter's files, found none of them but %s; name a file as %s:FILE.gguf, or files with --include."
              .formatted(
                  reference,
                  Safetensors.MODEL_FILE,
                  Safetensors.INDEX_FILE,
                  alike(snapshot, "gguf"),
                  reference));
    }
    List<String> missing = ModelFolder.missing(files::contains);
    if (!missing.isEmpty()) {
      throw new BadInputException(
          "%s: expected a model, but it lacks %s; take files as they are with --include, such as --include '*'."
              .formatted(reference, String.join(" and ", missing)));
    }
  }

  /** Files of the same ending, for whoever has to choose one. */
  private static String alike(Snapshot snapshot, String ending) {
    List<String> alike =
        snapshot.files().stream()
            .map(HubFile::path)
            .filter(path -> path.endsWith("." + ending))
            .sorted()
            .toList();
    String shown = String.join(", ", alike.subList(0, Math.min(8, alike.size())));
    return alike.isEmpty()
        ? "no ." + ending + " file"
        : shown + (alike.size() > 8 ? " and %d more".formatted(alike.size() - 8) : "");
  }

  private static String id(HubReference reference, Snapshot snapshot, List<HubFile> files) {
    var contents = new TreeMap<String, String>();
    files.forEach(file -> contents.put(file.path(), file.identity()));
    return StepId.of(
        "fetch",
        BEHAVIOUR,
        Map.of(
            "hub", reference.hub().prefix(),
            "repository", reference.repository(),
            "commit", snapshot.commit(),
            "files", contents),
        Map.of());
  }

  /** A selection of one's own stands beside the whole model. */
  private Path place(
      HubReference reference, Snapshot snapshot, FileSelection selection, String id) {
    Path folder = cache.folder(reference, snapshot.commit());
    return selection.isOfModel()
        ? folder
        : folder.resolveSibling(folder.getFileName() + "+" + id.substring(7, 23));
  }

  /** As {@link ArtifactFolder#begin}, but waits for another process that is at it. */
  private static Optional<ArtifactFolder> begin(
      Path target, HubReference reference, String id, List<HubFile> files, boolean overwrite) {
    String format = format(files.stream().map(HubFile::path).toList());
    boolean told = false;
    while (true) {
      try {
        return ArtifactFolder.begin(target, format, id, overwrite);
      } catch (FolderLock.BusyException e) {
        if (!told) {
          System.err.printf("fetch: %s is being fetched already; waiting for it%n", reference);
          told = true;
        }
      }
      try {
        TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SurroundingsException("interrupted while waiting for " + target, e);
      }
    }
  }

  /** What a folder of these files is. */
  private static String format(List<String> files) {
    return ModelFolder.missing(files::contains).isEmpty() ? ModelFolder.FORMAT : FORMAT;
  }

  private void fill(
      ArtifactFolder folder,
      HubReference reference,
      Snapshot snapshot,
      List<HubFile> files,
      Instant started) {
    List<FetchRecord.Item> items =
        new Downloads(http, api, reference, snapshot, folder.path(), chunkBytes).run(files);
    long unhashed = items.stream().filter(item -> item.checked().equals("size")).count();
    if (unhashed > 0) {
      System.err.printf(
          "fetch: %s: the hub knows no hash of %d of %d files; of them only the size was checked%n",
          reference, unhashed, items.size());
    }
    var record =
        new FetchRecord(
            FetchRecord.FORMAT,
            http.endpoint().base().toString(),
            reference.hub().prefix() + ":" + reference.repository(),
            reference.revisionOrMain(),
            snapshot.commit(),
            items,
            started.toString(),
            seconds(started));
    ArtifactFolder.writeAtomically(folder.path().resolve(FetchRecord.FILE), Json.pretty(record));
    folder.finish(manifest(folder, reference, snapshot, items, started));
  }

  private static double seconds(Instant started) {
    return Duration.between(started, Instant.now()).toMillis() / 1e3;
  }

  private Manifest manifest(
      ArtifactFolder folder,
      HubReference reference,
      Snapshot snapshot,
      List<FetchRecord.Item> items,
      Instant started) {
    var hashes = new TreeMap<String, String>();
    items.forEach(item -> hashes.put(item.path(), item.sha256()));
    String content = ContentHash.of("files/1").addJson(hashes).finish();
    String source = reference.hub().prefix() + ":" + reference.repository();
    var recipe = new LinkedHashMap<String, Object>();
    recipe.put("name", reference.repository());
    recipe.put("source", source);
    recipe.put("revision", snapshot.commit());
    recipe.put("asked", reference.revisionOrMain());
    var facts = new TreeMap<String, String>();
    facts.put("from", source);
    facts.put("revision", snapshot.commit());
    snapshot
        .license()
        .ifPresent(
            license -> {
              recipe.put("license", license);
              facts.put("license", license);
            });
    String format = format(List.copyOf(hashes.keySet()));
    return new Manifest(
        format,
        folder.stepId(),
        format.equals(ModelFolder.FORMAT) ? ModelFolder.contentOf(folder.path()) : content,
        Map.of("files", content),
        Json.mapper().valueToTree(recipe),
        Json.mapper()
            .valueToTree(
                Map.of(
                    "files",
                    items.size(),
                    "bytes",
                    items.stream().mapToLong(FetchRecord.Item::sizeBytes).sum())),
        Map.of(),
        Versions.current(Map.of()),
        List.of(new Ancestor("source", source, content, facts)),
        started.toString(),
        seconds(started));
  }

  @Override
  public void close() {
    http.close();
  }
}
