package dev.whetstone.models.engine.hub.remote;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.model.HubReference;
import java.util.List;
import java.util.Optional;

/**
 * A repository at one commit.
 *
 * @param commit full hash
 * @param license as the repository's card says it
 */
record Snapshot(String commit, List<HubFile> files, Optional<String> license) {
  Snapshot {
    if (!HubReference.isCommit(commit)) {
      throw new IllegalArgumentException("not a commit: " + commit);
    }
    files = List.copyOf(files);
    requireNonNull(license, "license is null");
  }
}
