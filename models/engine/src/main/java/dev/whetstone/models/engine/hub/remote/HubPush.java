package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.artifacts.model.HubReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Takes a model or adapter folder to a hub, in one commit. {@link #push} is the page. Files that
 * are there with the same content are not sent; files that only the hub has stay. Close it when
 * done.
 */
public final class HubPush implements AutoCloseable {
  private final HubHttp http;
  private final HubApi api;

  HubPush(HubEndpoint endpoint, Patience patience) {
    this.http = new HubHttp(endpoint, patience);
    this.api = HubApi.of(http);
  }

  /** At {@code endpoint}. */
  public static HubPush of(HubEndpoint endpoint) {
    return new HubPush(endpoint, Patience.usual());
  }

  /**
   * How to publish.
   *
   * @param isPublic whether everybody may read a repository that is made now
   * @param license of one that is made now, where the hub asks for it
   * @param message first line of the commit
   */
  public record Publication(boolean isPublic, Optional<String> license, String message) {}

  /**
   * Pushes a folder.
   *
   * @param target without a file; its revision is a branch, which is made if it is not there
   * @return the target, pinned to the commit that now has the files
   * @throws BadInputException if the folder is incomplete or holds what others must not see, or the
   *     token may not write
   * @throws SurroundingsException if the hub cannot be reached; the same command then goes on
   */
  public HubReference push(Path folder, HubReference target, Publication publication) {
    checkTarget(target);
    List<LocalFile> files = PushFolder.read(folder, http.endpoint().token());
    Snapshot there = existing(target, publication);
    List<LocalFile> changed = changed(target, there, files);
    if (changed.isEmpty()) {
      System.err.printf("push: unchanged, %s has all %d files%n", target, files.size());
      return target.at(there.commit());
    }
    long megabytes = changed.stream().mapToLong(LocalFile::sizeBytes).sum() / 1_000_000;
    System.err.printf(
        "push: %d of %d files to %s (%d MB)%n",
        changed.size(), files.size(), http.endpoint().page(target), megabytes);
    Optional<String> commit;
    try (Progress progress = Progress.quiet("push " + target + " (MB)", megabytes)) {
      commit = api.commit(target, changed, publication.message(), new Uploads(http, progress));
    }
    return target.at(commit.orElseGet(() -> api.snapshot(target).commit()));
  }

  private void checkTarget(HubReference target) {
    if (target.file().isPresent() || target.revision().filter(HubReference::isCommit).isPresent()) {
      throw new BadInputException(
          target + ": expected hub:owner/name or hub:owner/name@branch to push to.");
    }
    if (http.endpoint().token().isEmpty()) {
      throw new BadInputException(
          "%s: expected a token that may write there in %s, found none."
              .formatted(target, http.endpoint().tokenVariable()));
    }
  }

  /** The branch as it stands, made if need be. */
  private Snapshot existing(HubReference target, Publication publication) {
    Optional<Snapshot> there = api.find(target);
    if (there.isPresent()) {
      return there.get();
    }
    api.create(target, publication.isPublic(), publication.license());
    if (!target.revisionOrMain().equals(target.hub().mainBranch())) {
      api.createBranch(target);
    }
    return api.find(target)
        .orElseThrow(
            () ->
                new SurroundingsException(
                    "%s: expected the new repository at %s, found none; try again in a minute."
                        .formatted(target, http.endpoint().page(target))));
  }

  private List<LocalFile> changed(HubReference target, Snapshot there, List<LocalFile> files) {
    Map<String, HubFile> known =
        there.files().stream()
            .collect(Collectors.toMap(HubFile::path, Function.identity(), (a, b) -> a));
    return files.stream()
        .filter(
            file ->
                !known.containsKey(file.path())
                    || !file.isSameAs(api.complete(target, there, known.get(file.path()))))
        .toList();
  }

  @Override
  public void close() {
    http.close();
  }
}
