package dev.whetstone.artifacts.model;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.WhetstoneHome;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Where models of hubs lie once they are fetched, for all processes of this user: {@code
 * models/hf+owner+name/COMMIT} is a finished folder and never changes; {@code
 * models/hf+owner+name/refs/REVISION} holds the commit that a branch or tag meant when it was last
 * asked for. A {@code +} stands in no name of a hub, so no two repositories share a folder.
 *
 * @param home see {@link WhetstoneHome}
 */
public record HubCache(Path home) {
  /** The user's. */
  public static HubCache ofUser() {
    return new HubCache(WhetstoneHome.folder());
  }

  /**
   * What a command's option means: the folder itself, or, for a hub name, the folder that {@code
   * fetch} left here. Never asks the network.
   *
   * @throws BadInputException if it is a hub name and nothing was fetched under it
   */
  public static Path locate(Path named) {
    String text = named.toString();
    if (!HubReference.isOne(text) || Files.exists(named)) {
      return named;
    }
    HubReference reference = HubReference.parse(text);
    HubCache cache = ofUser();
    return cache
        .find(reference)
        .orElseThrow(
            () ->
                new BadInputException(
                    "%s: expected a model that was fetched before, found none in %s; fetch it with: whetstone fetch %s."
                        .formatted(reference, cache.repository(reference), reference)));
  }

  /** The finished folder of a reference, its revision read from what was fetched before. */
  public Optional<Path> find(HubReference reference) {
    return commit(reference)
        .map(commit -> folder(reference, commit))
        .filter(folder -> Manifest.exists(folder));
  }

  /** The commit that the reference's revision meant when it was last asked for. */
  public Optional<String> commit(HubReference reference) {
    String revision = reference.revisionOrMain();
    if (HubReference.isCommit(revision)) {
      return Optional.of(revision);
    }
    Path ref = ref(reference, revision);
    if (!Files.isRegularFile(ref)) {
      return Optional.empty();
    }
    String commit = InputFile.text(ref, "a commit").strip();
    if (!HubReference.isCommit(commit)) {
      throw new BadInputException(
          "%s: expected the hash of a commit, found other text; delete the file and fetch again."
              .formatted(ref));
    }
    return Optional.of(commit);
  }

  /**
   * Notes which commit the reference's revision means now. Any number of processes may do so at
   * once.
   */
  public void remember(HubReference reference, String commit) {
    String revision = reference.revisionOrMain();
    if (HubReference.isCommit(revision)) {
      return;
    }
    Path ref = ref(reference, revision);
    try {
      Files.createDirectories(ref.getParent());
      // A name of its own: two processes may write at the same time.
      Path beside = Files.createTempFile(ref.getParent(), ".ref", ".tmp");
      Files.writeString(beside, commit + "\n");
      Files.move(beside, ref, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(ref, e);
    }
  }

  /** Where the reference's files of one commit belong, or the model made of its one file. */
  public Path folder(HubReference reference, String commit) {
    if (!HubReference.isCommit(commit)) {
      throw new IllegalArgumentException("not a commit: " + commit);
    }
    return repository(reference)
        .resolve(commit + reference.file().map(file -> "+" + encoded(file)).orElse(""));
  }

  /** Where files lie of which a model is made; {@code gc} deletes them. */
  public Path downloads(HubReference reference, String commit) {
    return home.resolve("downloads").resolve(folderName(reference)).resolve(commit);
  }

  private Path repository(HubReference reference) {
    return home.resolve("models").resolve(folderName(reference));
  }

  private static String folderName(HubReference reference) {
    return reference.hub().prefix() + "+" + reference.owner() + "+" + reference.name();
  }

  private Path ref(HubReference reference, String revision) {
    return repository(reference).resolve("refs").resolve(encoded(revision));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
