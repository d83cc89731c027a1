package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.HubReference;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** What a hub can be asked for. An implementation holds one hub's addresses and JSON, no more. */
interface HubApi {
  /**
   * The repository as its revision stands now.
   *
   * @throws BadInputException if there is no such repository or revision, or it may not be read
   */
  Snapshot snapshot(HubReference repository);

  /** As {@link #snapshot}; nothing if there is no such repository. */
  Optional<Snapshot> find(HubReference repository);

  /**
   * The file with its size and, where the hub has one, its hash; asks where the list lacked them.
   */
  HubFile complete(HubReference repository, Snapshot snapshot, HubFile file);

  /** Where the content of a file is. */
  URI content(HubReference repository, Snapshot snapshot, HubFile file);

  /**
   * Makes the repository unless it is there.
   *
   * @param isPublic whether everybody may read a new one
   * @param license of a new one, where the hub asks for it at once
   */
  void create(HubReference repository, boolean isPublic, Optional<String> license);

  /** Makes the branch unless it is there; a main branch is there always. */
  void createBranch(HubReference repository);

  /**
   * Uploads files and commits them at once.
   *
   * @param files at least one
   * @param message first line of the commit
   * @return the commit's hash, or nothing where the hub does not tell it
   */
  Optional<String> commit(
      HubReference repository, List<LocalFile> files, String message, Uploads uploads);

  /** The one that speaks the language of {@code http}'s hub. */
  static HubApi of(HubHttp http) {
    return switch (http.endpoint().hub()) {
      case HUGGING_FACE, OPENCSG -> new HuggingFaceApi(http);
      case MODELSCOPE -> new ModelScopeApi(http);
    };
  }
}
